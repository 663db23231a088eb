// What the analysis pages share: figures as they are written, intervals, tables, remarks, what is to be copied.

import { startOf } from "./analysis_days.js";
import { dayAndTime, monthDay } from "./clock.js";
import { el, write } from "./dom.js";
import { language, pick, say } from "./language.js";
import { decimal, known, whole } from "./numbers.js";

const NOTHING = "—";

/** How finely a kind of value is written, from the smallest size that matters beside it. */
export function finely(kind, ...sizes) {
  if (kind === "pieces" || kind === "times") return sizes.every((size) => !known(size) || Number.isInteger(Number(size))) ? 0 : 1;
  const scale = kind === "ratio" ? 100 : 1;
  const least = Math.min(...sizes.filter((size) => known(size) && Number(size) !== 0).map((size) => Math.abs(size * scale)));
  if (!Number.isFinite(least)) return 1;
  return least < 1 ? 2 : least < 100 ? 1 : 0;
}

/** A value without its unit; a ratio in percent. */
export function figure(value, kind, decimals = finely(kind, value)) {
  if (!known(value)) return NOTHING;
  return decimal(kind === "ratio" ? value * 100 : value, decimals).replace("-", "−");
}

export function signedFigure(value, kind, decimals) {
  if (!known(value)) return NOTHING;
  const size = figure(Math.abs(value), kind, decimals);
  if (/^[0.,]+$/.test(size)) return `±${size}`;
  return (value < 0 ? "−" : "+") + size;
}

export function unitOf(kind, shown) {
  return kind === "ratio" ? "%" : pick(shown);
}

/** 「−17.1(90 %区間 −17.3 〜 −16.9)」: the interval alone. */
export function interval(pair, written) {
  if (!pair) return NOTHING;
  return say("from_to", { low: written(pair[0]), high: written(pair[1]) });
}

/** A table. `head` and the cells of `rows` are texts or elements; the first cell of a row is its heading. */
export function table(head, rows, attributes = {}) {
  const cell = (content, index) => el(index === 0 ? "th" : "td", index === 0 ? { scope: "row" } : {}, content);
  const all = [
    ...(head ? [el("thead", {}, el("tr", {}, ...head.map((each) => el("th", { scope: "col" }, each))))] : []),
    el("tbody", {}, ...rows.map(({ cells, ...more }) => el("tr", more, ...cells.map(cell)))),
  ];
  return el("div", { class: "table-box", tabindex: 0 }, el("table", attributes, ...all));
}

/** Sentences of the server, as they are. */
export function remarks(listed, word = "caveats") {
  if (!listed?.length) return null;
  const items = listed.map((each) => el("li", { "data-code": each.code }, pick(each)));
  return section(word, el("ul", { class: "caveats" }, ...items));
}

export function section(word, ...content) {
  return el("section", { class: "part" }, el("h3", {}, say(word)), ...content.filter(Boolean));
}

/** Something long that is read by who wants to; opened for the printer. */
export function folded(title, ...content) {
  return el("details", { class: "folded" }, el("summary", {}, title), ...content);
}

export function day(date) {
  return monthDay(startOf(date));
}

export function windowSaid({ start, end }) {
  return say("from_to", { low: dayAndTime(start), high: dayAndTime(end) });
}

export function listSaid(texts) {
  return texts.join(language() === "ja" ? "、" : ", ");
}

/** Text to be taken elsewhere: a button copies it; where the browser forbids that, it is marked. */
export function toCopy(text, attributes = {}) {
  const code = el("code", {}, text);
  const said = el("span", { class: "copied", role: "status" });
  const take = async () => {
    try {
      await navigator.clipboard.writeText(text);
      write(said, say("copied"));
    } catch {
      getSelection().selectAllChildren(code);
      write(said, say("copy_marked"));
    }
  };
  return el("p", { class: "to-copy", ...attributes }, code, el("button", { type: "button", class: "plain", onclick: take }, say("copy")), said);
}

/** Seconds as whole minutes whose sum is the whole's: the largest remainders are rounded up. */
export function minutesWithin(total_s, parts_s) {
  const floors = parts_s.map((s) => Math.floor(s / 60));
  const lack = Math.round(total_s / 60) - floors.reduce((sum, each) => sum + each, 0);
  const order = parts_s.map((s, index) => [s / 60 - floors[index], index]).sort(([a], [b]) => b - a);
  const up = new Set(order.slice(0, Math.max(0, lack)).map(([, index]) => index));
  return floors.map((each, index) => each + (up.has(index) ? 1 : 0));
}

export function minutes(n) {
  return say("minutes", { n: whole(n) });
}

/** An answer's place: a result that is shown again when the language changes. */
export class Result {
  constructor(show) {
    this.root = el("div", { class: "result" });
    this.make = show;
    this.answer = null;
    this.charts = [];
  }

  set(answer) {
    this.answer = answer;
    this.show();
  }

  show() {
    for (const chart of this.charts.splice(0)) chart.end();
    if (!this.answer) return this.root.replaceChildren();
    const parts = this.make(this.answer).filter(Boolean);
    this.root.replaceChildren(...parts.map((part) => part.root ?? part));
    this.charts = parts.flatMap((part) => part.charts ?? []);
    for (const chart of this.charts) chart.draw();
  }
}
