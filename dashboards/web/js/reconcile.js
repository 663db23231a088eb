// 照合: choose a shift, enter what the paper says, see both and the difference; put it right if wished. The history stays.

import { dayAndTime, hourMinute, monthDay, now } from "./clock.js";
import { el, write } from "./dom.js";
import { failure, send, wholeOf } from "./entry.js";
import { pick, say } from "./language.js";
import { whole } from "./numbers.js";
import { mayOperate } from "./role.js";
import { server } from "./server.js";

const DAYS = 7;
const DAY_MS = 86_400_000;
const TALLIED = ["produced", "scrap"];

export class ReconcileView {
  live = false; // a form is not built anew under somebody's fingers

  constructor(chosen) {
    this.chosen = chosen;
    this.told = null;
    this.open = null; // {date, shift} that is reconciled
    this.list = el("div", { class: "shifts" });
    this.form = el("div", { class: "tally" });
    this.past = el("div", { class: "past" });
    this.root = el("div", { class: "reconcile" },
      el("article", { class: "panel" }, this.list), el("div", { class: "tally-side" },
        el("article", { class: "panel" }, this.form), el("article", { class: "panel" }, this.past)));
  }

  async load() {
    const span = { start: new Date(now() - DAYS * DAY_MS).toISOString(), end: new Date(now()).toISOString() };
    this.told = await server.reconciliations({ station: this.chosen.station, ...span });
    this.show();
    if (!this.open) this.showForm();
  }

  speak() {
    if (!this.told) return;
    this.show();
    this.showForm();
  }

  show() {
    const rows = [...this.told.shifts].reverse().map((row) => this.shift(row));
    this.list.replaceChildren(el("h2", {}, say("reconcile")), el("p", { class: "note" }, say("reconcile_means")),
      el("ul", { class: "shift-rows" }, ...rows));
    const kept = this.told.reconciliations;
    const lines = kept.map((each) => el("li", {}, el("strong", {}, pick(each.said)), el("span", { class: "note" },
      ` ${monthDay(each.at)} ${each.shift}・${dayAndTime(each.made)}${each.correction ? `・${say("corrected")}` : ""}${each.why ? `・${each.why}` : ""}`)));
    this.past.replaceChildren(el("h2", {}, say("reconciled_history")),
      kept.length ? el("ul", { class: "kept" }, ...lines) : el("p", { class: "note" }, say("reconciled_none")));
  }

  shift(row) {
    const last = TALLIED.map((key) => row.last[key]).filter(Boolean);
    const inside = [
      el("strong", {}, `${monthDay(row.start)} ${row.shift}`),
      el("span", { class: "note" }, `${hourMinute(row.start)}–${hourMinute(row.end)}${row.over ? "" : `(${say("shift_running")})`}`),
      el("span", {}, `${say("counted")} ${whole(row.counted.produced)} ${say("pieces")}・${say("scrap_quantity")} ${whole(row.counted.scrap)}`),
      el("span", { class: last.length ? "agreed" : "note" }, last.length ? last.map((each) => pick(each.said)).join("、") : say("reconciled_none")),
    ];
    const about = { class: "shift-row", "data-date": row.date, "data-shift": row.shift };
    if (!mayOperate()) return el("li", {}, el("div", about, ...inside));
    const pressed = this.open?.date === row.date && this.open?.shift === row.shift;
    return el("li", {}, el("button", { ...about, type: "button", "aria-pressed": pressed ? "true" : "false",
      onclick: () => this.choose(row) }, ...inside));
  }

  choose(row) {
    this.open = row;
    this.show();
    this.showForm();
    this.form.scrollIntoView({ block: "nearest" });
    this.form.querySelector("input").focus();
  }

  showForm() {
    this.form.parentElement.hidden = !mayOperate();
    if (!this.open) return this.form.replaceChildren(el("p", { class: "note" }, say("reconcile_choose")));
    const row = this.open;
    const field = (words, name) => {
      const input = el("input", { type: "text", inputmode: name === "why" ? "text" : "numeric", name, maxlength: name === "why" ? 200 : 12, autocomplete: "off" });
      return [input, el("label", { class: "field" }, el("span", {}, words), input)];
    };
    const [produced, rowProduced] = field(say("paper_produced"), "produced");
    const [scrap, rowScrap] = field(say("optional", { field: say("paper_scrap") }), "scrap");
    const [why, rowWhy] = field(say("why_differs"), "why");
    const problem = el("p", { class: "problem", role: "alert" });
    const answers = el("div", { class: "answers", role: "status" });
    const form = el("form", { class: "entry", novalidate: true }, rowProduced, rowScrap, rowWhy, problem,
      el("button", { class: "act strong-act", type: "submit" }, say("compare_now")));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const wrong = wrongOf(produced, scrap);
      write(problem, wrong);
      if (wrong) return;
      const tallies = [["produced", wholeOf(produced.value)], ["scrap", wholeOf(scrap.value)]].filter(([, tally]) => tally !== null);
      const button = form.querySelector("button");
      button.disabled = true;
      try {
        const said = [];
        for (const [quantity, tally] of tallies) said.push(await this.reconcile(row, quantity, tally, why.value.trim(), false));
        answers.replaceChildren(...said.map((each) => this.answer(row, each, why)));
        await this.load();
        answers.scrollIntoView({ block: "nearest" });
      } catch (error) {
        write(problem, failure(error));
      }
      button.disabled = false;
    });
    this.form.replaceChildren(el("h2", {}, say("reconcile_of", { date: monthDay(row.start), shift: row.shift })), form, answers);
  }

  reconcile({ date, shift }, quantity, tally, why, correct) {
    return server.reconcile({ station: this.chosen.station, date, shift, quantity, tally, correct, ...(why ? { why } : {}) });
  }

  /** 「日報 1,012 / 計数 1,009 / -3(0.3 %)」, and what can be done about it. */
  answer(row, told, why) {
    const box = el("div", { class: "answer", "data-differs": told.difference ? "yes" : "no" }, el("strong", {}, pick(told.said)));
    if (told.difference === 0) box.append(el("span", {}, say("agrees")));
    else box.append(el("button", { class: "act", type: "button", "data-act": "correct", onclick: async (event) => {
      const { quantity, tally } = told;
      const button = event.currentTarget;
      if (!await send(box, say("correct_difference"), () => this.reconcile(row, quantity, tally, why.value.trim(), true))) return;
      button.replaceWith(el("span", {}, say("corrected")));
      await this.load();
    } }, say("correct_difference")));
    return box;
  }
}

function wrongOf(produced, scrap) {
  const whole = (input) => wholeOf(input.value) !== null && wholeOf(input.value) >= 0;
  if (!whole(produced) && (produced.value.trim() || !whole(scrap))) return say("whole_number", { field: say("paper_produced") });
  if (scrap.value.trim() && !whole(scrap)) return say("whole_number", { field: say("paper_scrap") });
  return "";
}
