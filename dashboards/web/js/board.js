// 生産管理板: what the server says of each hour of a shift, as a table. Every number comes from /board.

import { showBasis } from "./basis.js";
import { hourMinute, monthDay } from "./clock.js";
import { el } from "./dom.js";
import { announce, ask, failure, send } from "./entry.js";
import { pick, say, sentences } from "./language.js";
import { decimal, duration, known, signed, whole } from "./numbers.js";
import { mayOperate } from "./role.js";
import { server } from "./server.js";

const STOPS = ["downtime", "minor_stop"];
const LITTLE_UNSEEN = 0.05; // of an hour's planned time: its minutes are marked; more, and the whole hour is hatched
const BESIDE = ["no_data", "planned_stop", "rest"];

export class BoardView {
  /** `chosen`: {station, date, shift}; `again()` asks the server anew. */
  constructor(chosen, again) {
    this.chosen = chosen;
    this.again = again;
    this.board = null;
    this.root = el("div", { class: "board" });
  }

  /** Whether what is shown still grows. */
  get live() {
    return true;
  }

  async load() {
    const { station, date, shift } = this.chosen;
    const board = await server.board({ station, date: date || null, shift: (date && shift) || null });
    this.board = board;
    this.show();
  }

  speak() {
    if (this.board) this.show();
  }

  show() {
    const { board } = this;
    const held = document.activeElement?.dataset?.key; // what is built anew keeps the keyboard's place
    this.root.replaceChildren(this.head(), ...this.alarm(), this.beside(), this.table(), this.foot());
    this.root.dataset.date = board.date;
    this.root.dataset.shift = board.shift ?? "";
    if (held) this.root.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus();
  }

  /** The shift as a whole: what was wanted, made, and how long it stood; each with its basis one tap away. */
  head() {
    const { board } = this;
    const { total } = board;
    const figure = (name, label, value, unit, below = "", side = "none") => el("button", { class: "total", type: "button",
      "data-of": name, "data-side": side, "data-key": name, onclick: () => this.explain(name, label, value, unit) },
    el("span", { class: "label" }, label),
    el("span", { class: "value-line" }, el("strong", {}, value), " ", el("span", { class: "unit" }, unit)),
    el("span", { class: "below" }, below));
    const title = `${pick(board.name)} ${monthDay(board.start)} ${board.shift ?? ""} ${hourMinute(board.start)}–${hourMinute(board.end)}`;
    const without = say("without_reason_said", { n: whole(total.without_reason.count), min: decimal(total.without_reason.minutes) });
    return el("header", { class: "board-head" },
      el("div", { class: "board-title" }, el("h2", {}, title),
        el("span", { class: "kind", "data-final": board.final ? "yes" : "no", title: pick(board.final_why) },
          say(board.final ? "final_word" : "preliminary_word")),
        ...(mayOperate() && board.shift ? [el("button", { class: "act", type: "button", "data-key": "plan", "data-act": "plan", onclick: () => this.enterPlan() },
          say("set_plan"))] : [])),
      el("div", { class: "totals" },
        figure("plan", say("plan"), whole(board.plan), known(board.plan) ? say("pieces") : "", known(board.plan) ? "" : say("no_plan")),
        figure("actual", say("actual"), whole(total.actual), say("pieces"),
          total.corrected ? say("corrected_by", { n: signed(total.corrected) }) : ""),
        figure("difference", say("cumulative_difference"), signed(total.difference), say("pieces"), "", sideOf(total.difference)),
        ...STOPS.map((key) => figure(key, pick(board.titles[key]), decimal(total.stop_min[key]), say("minutes_unit"))),
        el("a", { class: "total", "data-of": "without_reason", href: `station.html?station=${encodeURIComponent(board.station)}` },
          el("span", { class: "label" }, say("without_reason")), el("strong", {}, without), el("span", { class: "below" }, say("give_reason")))));
  }

  /** The last shift like this one: as much of it, and the whole. */
  beside() {
    const { before, before_why } = this.board;
    if (!before) return el("p", { class: "board-before", "data-known": "no" }, say("before_none", { why: pick(before_why) }));
    const named = [monthDay(before.start), before.shift, before.product && pick(before.product.name)].filter(Boolean).join(" ");
    const stood = say("before_stood", { min: decimal(before.stopped_min), less: signed(before.less.stopped_min, 1) });
    const unseen = before.no_data_min > 0 ? [el("span", { class: "before-unseen" }, say("before_unseen", { min: decimal(before.no_data_min) }))] : [];
    return el("p", { class: "board-before", "data-known": "yes", "data-date": before.date },
      el("span", {}, say("before_what", { shift: named })),
      el("span", {}, say("before_made", { time: hourMinute(before.until), n: whole(before.actual) }), " ",
        el("strong", { "data-side": sideOf(before.less.actual) }, say("before_now", { n: signed(before.less.actual) }))),
      el("span", {}, stood), ...unseen,
      el("span", {}, say("before_whole", { n: whole(before.whole.actual), min: decimal(before.whole.stopped_min) })));
  }

  alarm() {
    const { alarm, standing, station } = this.board;
    const words = pick(alarm);
    const said = alarm.codes.length > 0 || alarm.muted_until || standing;
    if (!said) return [];
    const muted = alarm.muted_until ? say("muted_until", { time: hourMinute(alarm.muted_until) }) : "";
    const box = el("div", { class: "board-alarm", role: "status", "data-on": alarm.on ? "yes" : "no" });
    const stands = standing ? `${say("stands_for", { time: duration(Math.round(standing.minutes * 60)) })} ${standing.reason ? "" : say("no_reason")}` : "";
    box.append(el("strong", {}, [stands, words].filter(Boolean).join(" ")), el("span", {}, muted));
    if (!mayOperate()) return [box];
    const mute = (key, minutes) => el("button", { class: "act", type: "button", "data-act": key, "data-key": key, onclick: async () => {
      if (await send(box, say(key), () => server.mute(station, minutes))) await this.again();
    } }, say(key));
    if (alarm.muted_until) box.append(mute("unmute", 0));
    else if (alarm.on) box.append(mute("mute", 30));
    return [box];
  }

  table() {
    const heads = ["hour", "plan", "actual", "hour_difference", "last_like_it", "cumulative_actual", "cumulative_difference", "stop_minutes", "main_reason", "action"];
    return el("table", { class: "hours", role: "table" },
      el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...heads.map((key) =>
        el("th", { scope: "col", role: "columnheader", "data-col": key }, say(key))))),
      el("tbody", { role: "rowgroup" }, ...this.board.rows.map((row) => this.row(row))));
  }

  row(row) {
    const ahead = row.state === "ahead";
    const unseen = !ahead && row.stop_min.no_data > LITTLE_UNSEEN * row.planned_min;
    const plan = row.state === "running" && known(row.plan_so_far)
      ? say("plan_of_hour", { so_far: whole(row.plan_so_far), plan: whole(row.plan) }) : whole(row.plan);
    const cell = (col, ...inside) => el("td", { role: "cell", "data-col": col, "data-label": say(col) }, ...inside);
    const corrected = row.corrected ? [el("span", { class: "beside" }, say("corrected_by", { n: signed(row.corrected) }))] : [];
    return el("tr", { role: "row", "data-hour": row.start, "data-state": row.state, "data-unseen": unseen ? "yes" : "no",
      "data-alarm": row.alarm.length ? "yes" : "no" },
    el("th", { scope: "row", role: "rowheader", "data-col": "hour" }, `${hourMinute(row.start)}–${hourMinute(row.end)}`, ...this.alarms(row)),
    cell("plan", plan),
    cell("actual", el("strong", {}, ahead ? "" : whole(row.actual)), ...corrected),
    cell("hour_difference", el("strong", { "data-side": sideOf(row.difference) }, ahead ? "" : signed(row.difference))),
    cell("last_like_it", ...this.besideHour(row)),
    cell("cumulative_actual", ahead ? whole(row.cumulative.plan) : `${whole(row.cumulative.actual)} / ${whole(row.cumulative.plan)}`),
    cell("cumulative_difference", el("strong", { "data-side": sideOf(row.cumulative.difference) }, ahead ? "" : signed(row.cumulative.difference))),
    cell("stop_minutes", ...(ahead ? [] : this.stops(row))),
    cell("main_reason", ...row.reasons.filter((each) => each.minutes > 0).map((each) => el("span", { class: "line" }, reasonWords(each)))),
    cell("action", ...row.notes.map((note) => el("span", { class: "line note-line", "data-note": note.id },
      el("b", {}, say(note.kind === "improvement" ? "improved" : "note")), ` ${hourMinute(note.at)} ${note.text}`)),
    ...row.marks.map((mark) => el("span", { class: "line doubtful", title: pick(mark) }, pick(mark))),
    ...(mayOperate() && !ahead ? [this.enterButton(row)] : [])));
  }

  besideHour({ before }) {
    if (!before || !known(before.actual)) return [];
    const less = known(before.less) ? [" ", el("span", { class: "beside" }, say("before_less", { n: signed(before.less) }))] : [];
    return [whole(before.actual), ...less];
  }

  alarms({ alarm }) {
    return alarm.map((code) => el("span", { class: "call", "data-code": code }, say(`alarm_${code}`)));
  }

  /** Minutes of the stops that hurt, then of what else was not production; no data is hatched. */
  stops({ stop_min }) {
    const { titles } = this.board;
    const told = (keys, kind) => keys.filter((key) => stop_min[key] > 0).map((key) =>
      el("span", { class: kind, "data-stop": key }, say("min_of", { what: pick(titles[key]), min: decimal(stop_min[key]) })));
    return [...told(STOPS, "stood"), ...told(BESIDE, "beside")];
  }

  enterButton(row) {
    const time = `${hourMinute(row.start)}–${hourMinute(row.end)}`;
    return el("button", { class: "act small-act", type: "button", "data-act": "enter", "data-key": row.start,
      "aria-label": say("enter_for", { time }), onclick: () => this.enter(row, time) }, `+ ${say("enter")}`);
  }

  /** A note, an improvement, or a count put right, of one hour. */
  enter(row, time) {
    const { station } = this.board;
    const corrects = ({ kind }) => kind === "correction";
    const options = [["note", say("note")], ["improvement", say("improved")], ["correction", say("correct_count")]];
    const correctionOf = ({ text, quantity, delta }) => ({ station, at: row.start, quantity, delta, why: text });
    const counts = ["produced", "scrap", "rework"].map((key) => [key, say(`${key}_quantity`)]);
    ask({
      title: say("enter_for", { time }),
      fields: [
        { name: "kind", label: say("kind"), kind: "choice", options },
        { name: "quantity", label: say("quantity"), kind: "choice", options: counts, when: corrects },
        { name: "delta", label: say("delta"), kind: "whole", when: corrects },
        { name: "text", label: say("note_text"), kind: "text" },
      ],
      doubt: async (values) => (corrects(values) ? pick((await server.checkCorrection(correctionOf(values))).warning) : ""),
      send: async ({ kind, text, quantity, delta }) => {
        if (kind !== "correction") await server.addEvent({ kind, text, station, ...(row.state === "running" ? {} : { at: row.start }) });
        else await server.addCorrection(correctionOf({ text, quantity, delta }));
        return `${time} ${text}`;
      },
      done: this.again,
    });
  }

  enterPlan() {
    const { station, date, shift, plan } = this.board;
    ask({
      title: say("plan_of", { date, shift }),
      fields: [{ name: "quantity", label: `${say("plan")} (${say("pieces")})`, kind: "whole", value: known(plan) ? String(plan) : "" }],
      send: async ({ quantity }) => {
        await server.setPlan({ station, date, shift, quantity });
        return `${say("plan")} ${whole(quantity)} ${say("pieces")}`;
      },
      done: this.again,
    });
  }

  /** The basis of the shift's figures, as /kpi says it. */
  async explain(name, title, value, unit) {
    const { station, start, end, self_test } = this.board;
    try {
      const told = (await server.figures({ station, start, end })).stations[0];
      const formula = { difference: "formula_difference", actual: "formula_good" }[name];
      showBasis({ title, value, unit, formula: formula ? say(formula) : "", basis: told.basis, notes: [pick(self_test)] });
    } catch (error) {
      announce(error.status ? error.message : failure(error), false);
    }
  }

  foot() {
    const { alarm, self_test } = this.board;
    const agreed = say("agreed", { percent: alarm.agreed.percent, min: alarm.agreed.stop_min });
    return el("p", { class: "panel-foot" }, sentences(`${agreed}${say("full_stop")}`, pick(self_test)));
  }
}

function reasonWords({ name, count, minutes }) {
  const words = { reason: pick(name), n: whole(count), min: decimal(minutes) };
  return say(count ? "reason_times" : "reason_said", words);
}

function sideOf(difference) {
  if (!known(difference)) return "none";
  return difference < 0 ? "behind" : "ahead";
}
