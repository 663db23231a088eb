// Asks the browser's Python (worker.js) and ends it when it takes too long: a new one is made ready at once.

const LIMIT_MS = 10_000;

export class Python {
  #told;
  #changed;
  #limit_ms;
  #worker = null;
  #asked = null;
  #waiting = null;
  #number = 0;

  /** `told`: {at, kit} of the server. `changed(state)`: "loading", "ready" or "broken". */
  constructor(told, changed, limit_ms = LIMIT_MS) {
    this.#told = told;
    this.#changed = changed;
    this.#limit_ms = limit_ms;
    this.state = "loading";
    this.#start();
  }

  /** The verdict of one file: {green, hint, …}; {endless: true, row} if it had to be ended; {broken} where Python is. */
  check(lesson, text) {
    this.#waiting?.answer({ replaced: true });
    return new Promise((answer) => {
      this.#waiting = { lesson, text, answer };
      if (this.state === "broken") this.#start();
      if (this.state === "ready") this.#ask();
    });
  }

  #start() {
    this.#say("loading");
    this.#worker?.terminate();
    this.#worker = new Worker("/learn/worker.js", { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#hear(data);
    this.#worker.onerror = (event) => this.#break(event.message || "worker");
    this.#worker.postMessage({ python: this.#told });
  }

  #ask() {
    const { lesson, text, answer } = this.#waiting;
    this.#waiting = null;
    const number = ++this.#number;
    const timer = setTimeout(() => this.#end(), this.#limit_ms);
    this.#asked = { number, answer, timer, row: null };
    this.#say("running");
    this.#worker.postMessage({ number, lesson, text });
  }

  #hear(data) {
    if (data.ready) {
      this.#say("ready");
      if (this.#waiting) this.#ask();
    } else if (data.number === undefined) {
      this.#break(data.broken);
    } else if (data.number === this.#asked?.number) {
      if (data.row !== undefined) this.#asked.row = data.row;
      else this.#done(data.verdict ?? { broken: data.broken });
    }
  }

  #done(verdict) {
    const { answer, timer } = this.#asked;
    clearTimeout(timer);
    this.#asked = null;
    this.#say("ready");
    answer(verdict);
    if (this.#waiting) this.#ask();
  }

  #end() {
    const { answer, row } = this.#asked;
    this.#asked = null;
    this.#start();
    answer({ endless: true, row });
  }

  #break(why) {
    this.#say("broken");
    this.#asked?.answer({ broken: why });
    this.#waiting?.answer({ broken: why });
    this.#asked = this.#waiting = null;
  }

  #say(state) {
    this.state = state;
    this.#changed(state);
  }
}
