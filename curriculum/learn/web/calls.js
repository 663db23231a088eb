// The server's calls, and what is kept on this device until the server has it: a network that fails loses no letter.

const ROOT = "/api/v1/learn";
const TIMEOUT_MS = 10_000;
const QUEUE = "kojo.learn.queue";
const MOST_WAITING = 200;

export class Refused extends Error {
  constructor(status, body) {
    super(body?.ja ?? `HTTP ${status}`);
    this.status = status;
    this.kind = String(body?.type ?? "").split(":").at(-1);
    this.words = body?.ja ? { ja: body.ja, en: body.en } : null;
  }
}

async function call(path, options = {}) {
  let got;
  try {
    got = await fetch(ROOT + path, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS), ...options });
  } catch {
    throw new Refused(0, null);
  }
  const body = await got.json().catch(() => null);
  if (!got.ok) throw new Refused(got.status, body);
  return body;
}

function post(path, body) {
  return call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

export const server = {
  told: () => call(""),
  file: (id) => call(`/file?id=${encodeURIComponent(id)}`),
  lesson: (id) => call(`/lesson?id=${encodeURIComponent(id)}`),
  join: (label, code, again, key) => post("/join", { label, code, again, key }),
  before: (lesson) => post("/do", { do: "before", lesson }),
  show: (lesson) => post("/do", { do: "show", lesson }),
  board: () => call("/board"),
};

/** What a learner did, sent in its order; kept on this device while the server cannot be reached. */
export class Keeper {
  #desk;
  #changed;
  #waiting;
  #others;
  #sending = false;
  #timer = null;
  #versions = new Map();
  #page = Array.from(crypto.getRandomValues(new Uint8Array(8)), (one) => one.toString(16).padStart(2, "0")).join("");

  /**
   * `changed(state, error)`: "kept", "waiting" (not sent yet), "lost" (no server) or "refused".
   * `others(lesson, text, aside)`: another laptop of this desk had written that meanwhile; whether it was set aside.
   */
  constructor(desk, changed, others) {
    this.#desk = desk;
    this.#changed = changed;
    this.#others = others;
    this.#waiting = recall(`${QUEUE}.${desk}`) ?? [];
    this.#send();
  }

  do(what) {
    const before = what.do === "save" ? this.#saves(what.lesson) : [];
    if (what.do === "save") {
      const had = (before.length ? before[0].had : this.#versions.get(what.lesson)) ?? null;
      what = { ...what, had, by: this.#page };
    }
    this.#waiting = [...this.#waiting.filter((one) => !before.includes(one)).slice(-MOST_WAITING + 1), what];
    this.#store();
    this.#changed("waiting");
    this.#send();
  }

  /** The newest text of a lesson that the server has not got yet, or null. */
  unsent(lesson) {
    return this.#waiting.findLast((one) => one.do === "save" && one.lesson === lesson)?.text ?? null;
  }

  /** The version of a lesson's file that the page shows: from here on what is typed stands on that one. */
  knows(lesson, version) {
    this.#versions.set(lesson, version);
  }

  /** The one it shows. */
  version(lesson) {
    return this.#versions.get(lesson);
  }

  #saves(lesson) {
    return this.#waiting.filter((one) => one.do === "save" && one.lesson === lesson);
  }

  #saved({ lesson, had }, { version, other = null }) {
    this.#versions.set(lesson, version);
    for (const one of this.#saves(lesson)) one.had = version;
    if (other !== null) this.#others(lesson, other, version !== had);
  }

  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    try {
      while (this.#waiting.length) {
        const first = this.#waiting[0];
        try {
          const answer = await post("/do", first);
          if (first.do === "save") this.#saved(first, answer);
        } catch (error) {
          if (error.status === 0 || error.status >= 500 || error.status === 401) {
            this.#changed(error.status === 0 ? "lost" : "refused", error);
            this.#timer = setTimeout(() => this.#send(), 3_000);
            return;
          }
          this.#changed("refused", error); // it would be refused again: the next
        }
        this.#waiting = this.#waiting.filter((one) => one !== first);
        this.#store();
        if (!this.#waiting.length) this.#changed("kept");
      }
    } finally {
      this.#sending = false;
    }
  }

  #store() {
    remember(`${QUEUE}.${this.#desk}`, this.#waiting);
  }
}

function recall(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function remember(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // storage may be forbidden; then a closed page forgets what was not sent
  }
}
