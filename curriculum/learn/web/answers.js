// What the check says: 期待 / 実際 / ヒント, where it is, what was printed; never Python's own words unless asked for.

import { el } from "/js/dom.js";
import { pick, say } from "/js/language.js";
import { WORDS } from "/js/words.js";

/** What to do with it: {more(hint, step), go(row, column), show(), after()}; after() gives the questions and the way on. */
export function answer(lesson, verdict, seen, acts) {
  return verdict.green ? green(lesson, verdict, acts) : red(lesson, verdict, seen, acts);
}

function green(lesson, verdict, { after, show }) {
  return [
    el("h3", { class: "verdict good" }, say("learn_green")),
    verdict.saw ? el("p", { class: "saw" }, el("b", {}, say("learn_saw")), " ", pick(verdict.saw)) : "",
    ...printed(verdict),
    ...after(),
    el("details", {}, el("summary", {}, say("learn_rubric")), el("ol", {}, ...lesson.rubric.map((level) => el("li", {}, pick(level))))),
    el("p", {}, el("button", { type: "button", class: "plain", onclick: show }, say("learn_show"))),
  ];
}

function red(lesson, verdict, seen, { more, go, show }) {
  const steps = lesson.hints[verdict.hint] ?? [];
  const shown = Math.min(Math.max(seen, 1), steps.length);
  return [
    el("h3", { class: "verdict bad" }, verdict.hint === "blank" ? say("learn_blank") : say("learn_red")),
    verdict.row ? place(verdict, go) : "",
    el("dl", { class: "said" },
      el("dt", {}, say("learn_expected")), el("dd", { "data-said": "expected" }, pick(verdict.expected)),
      el("dt", {}, say("learn_actual")), el("dd", { "data-said": "actual" }, pick(verdict.actual))),
    el("ol", { class: "hints" }, ...steps.slice(0, shown).map((step, place) =>
      el("li", { "data-step": place + 1 }, el("b", {}, say("learn_hint", { step: place + 1, of: steps.length })), " ", pick(step)))),
    shown < steps.length
      ? el("button", { type: "button", class: "more", onclick: () => more(verdict.hint, shown + 1) },
          say("learn_hint_more", { step: shown + 1, of: steps.length }))
      : el("p", {}, el("button", { type: "button", class: "plain", onclick: show }, say("learn_show"))),
    ...printed(verdict),
    verdict.technical
      ? el("details", { class: "technical" }, el("summary", {}, say("learn_technical")), el("code", {}, verdict.technical))
      : "",
  ];
}

function place({ row, column }, go) {
  const where = column ? say("learn_row_column", { row, column }) : say("learn_row", { row });
  return el("p", { class: "noticed" }, el("b", {}, say("learn_noticed")), " ",
    el("button", { type: "button", class: "plain", onclick: () => go(row, column) }, where));
}

function printed(verdict) {
  if (!verdict.printed?.trim()) return [];
  return [el("h4", {}, say("learn_printed")), el("pre", { class: "printed" }, verdict.printed)];
}

/** The verdict of a file that had to be ended. */
export function endless(row, seconds) {
  const both = (key, values) => ({ ja: said("ja", key, values), en: said("en", key, values) });
  return {
    green: false,
    hint: "endless",
    row,
    column: null,
    printed: "",
    technical: "",
    expected: both("learn_endless_expected", {}),
    actual: both(row ? "learn_endless_row" : "learn_endless_actual", { s: seconds, row }),
  };
}

function said(lang, key, values) {
  return WORDS[key][lang].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
