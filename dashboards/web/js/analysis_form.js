// The questions of the analysis pages: labelled fields, the server's refusal in plain words at the field it is about.

import { windowOf } from "./analysis_days.js";
import { el, write } from "./dom.js";
import { onLanguage, pick, say } from "./language.js";

let numbered = 0;

/** What is asked for in one field: its label, its input, and where a refusal of it is said. `name` is the API's. */
class Field {
  constructor(name, word, inputs, group = false) {
    this.name = name;
    this.word = word;
    this.inputs = inputs;
    this.problem = el("p", { class: "problem", id: `field-problem-${++numbered}`, role: "alert" });
    const label = el("span", { class: "field-label", "data-word": word });
    const together = el("span", { class: "field-inputs" }, ...inputs);
    this.root = group
      ? el("fieldset", { class: "field", "data-field": name }, el("legend", {}, label), together, this.problem)
      : el("div", { class: "field", "data-field": name }, el("label", {}, label, together), this.problem);
  }

  refuse(text) {
    write(this.problem, text);
    for (const input of this.inputs) {
      if (text) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      input.setAttribute("aria-describedby", this.problem.id);
    }
  }
}

/** A choice. `options()` gives [[value, text]] in the language spoken. */
export class Choice extends Field {
  constructor(name, word, options) {
    const select = el("select", {});
    super(name, word, [select]);
    this.options = options;
    this.select = select;
    this.fill();
  }

  fill() {
    const chosen = this.select.value;
    const options = this.options();
    this.select.replaceChildren(...options.map(([value, text]) => el("option", { value }, text)));
    if (options.some(([value]) => value === chosen)) this.select.value = chosen;
  }

  textOf(value) {
    return this.options().find(([each]) => each === value)?.[1];
  }

  get value() {
    return this.select.value || null;
  }

  set value(value) {
    this.select.value = value;
  }

  asked() {
    return { [this.name]: this.value };
  }
}

/** Something typed: a number (`kind` "number", with its unit behind), a day or a line of text. */
export class Typed extends Field {
  constructor(name, word, { kind = "number", unit, ...more } = {}) {
    const step = kind === "number" ? { step: "any", inputmode: "decimal" } : {};
    const input = el("input", { type: kind, ...step, ...more });
    super(name, word, unit ? [input, el("span", { class: "unit", "data-word": unit })] : [input]);
    this.inputs = [input];
    this.input = input;
  }

  /** What cannot be read as a number goes to the server as it is not: it says so. */
  get value() {
    if (this.input.validity.badInput) return "?";
    return this.input.value.trim() || null;
  }

  set value(value) {
    this.input.value = value;
  }

  asked() {
    return { [this.name]: this.value };
  }
}

/** Days from … to …, the last one included. `as`: "window" asks for start and end, "span" for name=START/END. */
export class Days extends Field {
  constructor(name, word, as = "window") {
    const [first, last] = [el("input", { type: "date" }), el("input", { type: "date" })];
    super(name, word, [first, el("span", { "aria-hidden": "true" }, "–"), last], true);
    first.setAttribute("data-word-label", "first_day");
    last.setAttribute("data-word-label", "last_day");
    this.inputs = [first, last];
    this.as = as;
  }

  get first() {
    return this.inputs[0].value;
  }

  get last() {
    return this.inputs[1].value;
  }

  set(first, last) {
    [this.inputs[0].value, this.inputs[1].value] = [first, last];
  }

  asked() {
    const { start, end } = windowOf(this.first, this.last);
    if (this.as === "window") return { start, end };
    return { [this.name]: start || end ? `${start ?? ""}/${end ?? ""}` : null };
  }
}

/**
 * One form: its fields, a button, what the server refused. `act(asked)` gets the parameters and may be async;
 * `worded(text)` says a refusal's other names as people know them.
 */
export class Form {
  constructor(fields, button, act, worded = (text) => text) {
    this.fields = fields;
    this.act = act;
    this.worded = worded;
    this.refused = null;
    this.asking = 0;
    this.button = el("button", { type: "submit", class: "strong", "data-word": button });
    this.said = el("p", { class: "form-said problem", role: "alert" });
    this.waiting = el("p", { class: "form-waiting", role: "status" });
    this.root = el("form", { class: "question", novalidate: true, onsubmit: (event) => this.submit(event) },
      el("div", { class: "fields" }, ...fields.map((field) => field.root), this.button), this.said, this.waiting);
    onLanguage(() => {
      for (const field of this.fields) field.fill?.();
      this.showRefusal();
    });
  }

  asked() {
    return Object.assign({}, ...this.fields.map((field) => field.asked()));
  }

  submit(event) {
    event?.preventDefault();
    return this.ask();
  }

  /** Only the newest question's answer is shown: `act` is given a test for that. */
  async ask() {
    const mine = ++this.asking;
    this.refuse(null);
    this.button.disabled = true;
    this.mark("yes"); // what stands below answers another question until this one is answered
    write(this.waiting, say("calculating"));
    try {
      await this.act(this.asked(), () => mine === this.asking);
      if (mine === this.asking) this.mark("no");
    } catch (error) {
      if (mine === this.asking) this.refuse(error);
    } finally {
      if (mine === this.asking) {
        this.button.disabled = false;
        write(this.waiting, "");
      }
    }
  }

  mark(stale) {
    if (this.root.parentElement) this.root.parentElement.dataset.stale = stale;
  }

  refuse(error) {
    this.refused = error;
    this.showRefusal();
  }

  showRefusal() {
    const error = this.refused;
    const { at, text } = error ? this.inWords(error) : { at: null, text: "" };
    for (const field of this.fields) field.refuse(at === field ? text : "");
    write(this.said, at ? "" : text);
  }

  /** The server names parameters; people read labels. What only programmers need is left out. */
  inWords(error) {
    let text = plainly(error);
    const seen = this.fields.filter((field) => !field.root.hidden);
    const about = seen.find((field) => isAbout(field, error.kind)) ?? seen.find((field) => namesOf(field).some((name) => named(name).test(text)));
    for (const field of this.fields) text = text.replace(new RegExp(`${field.name}=(\\w+)`, "g"), (_, value) => labelled(field, field.textOf?.(value) ?? value));
    for (const field of this.fields)
      for (const name of namesOf(field)) text = text.replace(named(name, "g"), labelled(field));
    text = text.replace(/(「[^」]+」|“[^”]+”)(?:, \1)+/g, "$1");
    return { at: about ?? null, text: this.worded(text) };
  }
}

const WINDOWS = ["windows-overlap", "windows-reversed"]; // said of both; it is the second that is put right

function isAbout(field, kind) {
  return field.name === "after" && WINDOWS.includes(kind);
}

function namesOf(field) {
  return field.as === "window" ? ["start", "end"] : [field.name];
}

/** A parameter's name where it stands for itself, not inside an address or a value. */
function named(name, flags = "") {
  return new RegExp(`(?<![\\w/.=(-])${name}(?![\\w/.=-])`, flags);
}

function labelled(field, value = null) {
  return say("quoted", { text: value === null ? say(field.word) : `${say(field.word)}: ${value}` });
}

/** A refusal of the server in the language spoken; without the server there is only what the browser says. */
export function plainly(error) {
  if (!error.status) return error.words === undefined ? String(error.message ?? error) : say("lost_never");
  const sentences = pick(error.words).split(/(?<=。)\s*|(?<=\.)\s+/);
  return sentences.filter((each) => !each.includes("/openapi.json")).join(" ");
}
