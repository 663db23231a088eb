// 改善の前後: whether a figure got better. Every word of judgement is the server's; here it is asked, drawn and laid out.

import { dayOf, daysBetween, plusDays, startOf } from "./analysis_days.js";
import { Choice, Days, Form, Typed } from "./analysis_form.js";
import { figures, firstStation, improvements, productTitle, stationName, stations, yesterday } from "./analysis_line.js";
import { day, figure, finely, folded, interval, listSaid, remarks, Result, section, signedFigure, table, toCopy, unitOf, windowSaid } from "./analysis_parts.js";
import { cross, dots, letter, numbers, Picture, rule, span, times, unseen } from "./analysis_picture.js";
import { dayAndTime, monthDay } from "./clock.js";
import { el, write } from "./dom.js";
import { language, onLanguage, pick, say } from "./language.js";
import { reportOfLine } from "./line.js";
import { decimal, known, percent, whole } from "./numbers.js";
import { mayOperate } from "./role.js";
import { server } from "./server.js";

const MOST_DAYS = 28;
const HALF_DAY_S = 43_200;
const SIDES = ["before", "after"];
const FROM_NOUGHT = 0.6; // where the lowest is below this share of the highest, the axis begins at 0

export class EvaluationView {
  constructor() {
    this.station = new Choice("station", "station", stations);
    this.kpi = new Choice("kpi", "figure", () => figures(this.station.value));
    this.before = new Days("before", "days_before", "span");
    this.after = new Days("after", "days_after", "span");
    this.control = new Choice("control", "control_station", () => this.controls());
    const fields = [this.station, this.kpi, this.before, this.after, this.control];
    this.form = new Form(fields, "evaluate", (asked, newest) => this.evaluate(asked, newest));
    this.mark = el("p", { class: "note" });
    this.result = new Result((answer) => this.parts(answer));
    this.registration = new Registration(() => this.form.asked());
    this.root = el("div", { class: "view" }, this.form.root, this.mark, this.result.root, this.registration.root);
    this.station.select.addEventListener("change", () => this.turnTo());
    onLanguage(() => this.showMark());
  }

  controls() {
    return [["", say("none_chosen")], ...stations().filter(([id]) => id !== this.station.value)];
  }

  /** Open with the last improvement: up to four weeks before it, and since. */
  begin() {
    this.station.fill();
    this.station.value = firstStation();
    this.turnTo();
    this.registration.show();
    return this.form.ask();
  }

  turnTo() {
    this.kpi.fill();
    this.control.fill();
    const marks = improvements(this.station.value);
    const last = yesterday();
    this.change = marks.findLast((each) => daysBetween(dayOf(Date.parse(each.at)), last) >= 0) ?? null;
    const first = this.change ? firstDayAfter(Date.parse(this.change.at)) : plusDays(last, -13);
    const earlier = marks.filter((each) => this.change && Date.parse(each.at) < Date.parse(this.change.at)).at(-1);
    const least = plusDays(first, -14);
    const from = earlier ? [least, firstDayAfter(Date.parse(earlier.at))].sort().at(-1) : least;
    const until = this.change ? dayBefore(Date.parse(this.change.at)) : plusDays(first, -1);
    this.before.set(from, until);
    this.after.set(first, [last, plusDays(first, MOST_DAYS - 1)].sort()[0]);
    this.showMark();
  }

  showMark() {
    const { change } = this;
    write(this.mark, change ? say("mark_said", { text: pick(change.text), at: dayAndTime(change.at) }) : say("no_mark_here"));
  }

  async evaluate(asked, newest) {
    const answer = await server.ask("/evaluation", asked);
    if (!newest()) return;
    this.result.set({ ...answer, command: this.command() });
  }

  /** The same question to the printer. */
  command() {
    const days = (field) => `${field.first}/${field.last}`;
    const control = this.control.value ? ` --control ${this.control.value}` : "";
    const { program, data } = reportOfLine() ?? { program: "kojo", data: "DIR" };
    return `${program} report evaluation --station ${this.station.value} --kpi ${this.kpi.value} --before ${days(this.before)} --after ${days(this.after)}${control} --data ${data} --to evaluation.pdf`;
  }

  parts(answer) {
    return [
      verdict(answer),
      dotPlot(answer),
      numbersOf(answer),
      answer.control ? controlOf(answer) : null,
      worse(answer),
      worth(answer),
      remarks(answer.caveats),
      excluded(answer.excluded),
      section("on_paper", el("p", {}, say(reportOfLine() ? "on_paper_how" : "on_paper_how_dir")), toCopy(answer.command, { id: "report-command" })),
    ];
  }
}

/** A change in the middle of a day belongs to neither side: that day is left out. */
function firstDayAfter(ms) {
  return dayOf(ms - 1) === dayOf(ms) ? plusDays(dayOf(ms), 1) : dayOf(ms);
}

function dayBefore(ms) {
  return plusDays(dayOf(ms), -1);
}

function verdict(answer) {
  const registered = answer.registered;
  const key = !answer.reference ? "registered_at" : registered ? "reference_late" : "reference";
  const standing = say(key, { at: registered ? dayAndTime(registered.made ?? registered.at) : "" });
  return el("section", { class: "verdict", "data-verdict": answer.verdict },
    el("p", { class: "verdict-head" }, el("strong", { class: "verdict-word" }, say(`verdict_${answer.verdict}`)),
      el("span", { class: "standing", "data-reference": answer.reference ? "yes" : "no" }, standing)),
    el("p", { class: "statement" }, answer[`statement_${language()}`]),
    ...(registered?.why ? [el("p", { class: "note" }, say("registered_why", { why: registered.why }))] : []));
}

function amountOf({ unit, unit_shown, difference }) {
  const width = difference?.interval90 ? difference.interval90[1] - difference.interval90[0] : null;
  const decimals = finely(unit, difference?.median, width);
  const shown = unitOf(unit, unit_shown);
  const points = unit === "ratio" ? say("points") : shown;
  return {
    plain: (value) => (known(value) ? `${figure(value, unit, decimals)} ${shown}` : "—"),
    change: (value) => (known(value) ? `${signedFigure(value, unit, decimals)} ${points}` : "—"),
    bare: (value) => signedFigure(value, unit, decimals),
    points,
  };
}

function numbersOf(answer) {
  const amount = amountOf(answer);
  const { difference } = answer;
  const title = el("span", {}, `${answer.name} ${pick(answer.title)}`);
  const rows = SIDES.map((side) => ({
    "data-side": side,
    cells: [say(side), amount.plain(answer[side].median), whole(answer[side].n_days), amount.plain(answer[side].mean), amount.plain(answer[side].std)],
  }));
  const of = say(difference.of === "difference_of_differences" ? "difference_of_differences" : "difference_median");
  const changed = [
    { cells: [of, `${amount.change(difference.median)}${known(difference.percent) ? ` (${signedFigure(difference.percent, "", 0)} %)` : ""}`] },
    { cells: [say("interval90"), difference.interval90 ? `${interval(difference.interval90, amount.bare)} ${amount.points}` : "—"] },
    { cells: [say("p_value"), known(answer.p_value) ? (answer.p_value < 0.001 ? "< 0.001" : decimal(answer.p_value, 3)) : "—"] },
    { cells: [say("detectable"), amount.plain(difference.detectable)] },
    { cells: [say("coverage"), percent(answer.coverage)] },
    { cells: [say("basis_products"), listSaid(answer.products.map((each) => productTitle(each))) || "—"] },
    ...(known(answer.ideal?.used_s) ? [{ cells: [say("ideal_used"), `${figure(answer.ideal.used_s, "s")} ${say("s")}`] }] : []),
  ];
  return section("figures", el("p", { class: "note" }, title, ` — ${say("before")} ${windowSaid(answer.windows.before)} / ${say("after")} ${windowSaid(answer.windows.after)}`),
    table(["", say("median_of_days"), say("days"), say("mean"), say("std")], rows, { id: "evaluation-sides" }),
    table(null, changed, { id: "evaluation-difference", class: "pairs" }));
}

function controlOf(answer) {
  const { control } = answer;
  const amount = amountOf({ ...answer, difference: control.difference });
  const rows = SIDES.map((side) => ({ cells: [say(side), amount.plain(control[side].median), whole(control[side].n_days)] }));
  const moved = { cells: [say("difference_median"), amount.change(control.difference.median), ""] };
  return section("control_station", el("p", {}, say("control_how", { station: control.name })),
    table(["", say("median_of_days"), say("days")], [...rows, moved], { id: "evaluation-control" }));
}

function moved(one) {
  const amount = amountOf({ unit: one.unit, unit_shown: say(`unit_${one.unit.replace("/", "_per_")}`), difference: { median: one.difference, interval90: one.interval90 } });
  return [amount.plain(one.before), amount.plain(one.after), amount.change(one.difference),
    one.interval90 ? `${interval(one.interval90, amount.bare)} ${amount.points}` : "—", say(`verdict_${one.verdict}`)];
}

function worse(answer) {
  const head = ["", say("before"), say("after"), say("difference_median"), say("interval90"), say("judgement")];
  const row = (one) => ({ "data-kpi": one.kpi, cells: [`${one.station} ${pick(one.title)}`, ...moved(one)] });
  const listed = answer.worse_figures.length
    ? table(head, answer.worse_figures.map(row), { id: "worse-figures" })
    : el("p", {}, say(answer.looked_at ? "none_worse" : "none_looked_at", { n: answer.looked_at }));
  const line = answer.line_output ? [el("h3", {}, say("of_line")), table(head, [row(answer.line_output)])] : [];
  const next = answer.next_bottleneck ? [el("p", {}, say("next_bottleneck", { station: stationName(answer.next_bottleneck) }))] : [];
  return section("worse_figures", el("p", { class: "note" }, say("looked_at", { n: answer.looked_at })), listed, ...line, ...next);
}

function worth({ money }) {
  const freed = money.freed;
  const hours = freed ? [el("p", {}, say("freed_hours", { hours: whole(freed.hours_a_year), weak: whole(freed.weak_hours_a_year) })), el("p", { class: "note" }, pick(freed))] : [];
  const yen = (n) => (known(n) ? say("yen_a_year", { yen: whole(n) }) : "—");
  const ticked = money.effects.map((each) => el("li", {}, `${pick(each.title)}: ${each.document} ${yen(each.yen_per_year)}`));
  return section("worth", ...(hours.length ? hours : [el("p", {}, say("no_freed"))]),
    ticked.length ? el("ul", {}, ...ticked) : el("p", {}, say("no_effects")));
}

function excluded(days) {
  if (!days.length) return el("p", { class: "note", id: "excluded-days" }, say("none_excluded"));
  const rows = days.map((each) => ({ cells: [day(each.date), say(each.side), pick(each), percent(each.coverage), whole(each.pieces)] }));
  return el("div", { id: "excluded-days" }, folded(say("excluded_days", { n: days.length }),
    table([say("day"), "", say("reason_out"), say("coverage"), say("pieces")], rows)));
}

/** A dot for each day: hollow before, filled after; their medians; a cross on the ground for a day left out. */
function dotPlot(answer) {
  const listed = SIDES.flatMap((side) => answer[side].days.map(({ date, value }) => ({ side, value, x: startS(date) })));
  const out = answer.excluded.map(({ date, side }) => ({ side, value: null, x: startS(date), out: true }));
  const all = [...listed, ...out].sort((a, b) => a.x - b.x);
  if (!listed.length) return el("p", { class: "note" }, say("no_day_to_draw"));
  const { unit } = answer;
  const scale = unit === "ratio" ? 100 : 1;
  const values = (side) => all.map((each) => (each.side === side && !each.out ? each.value * scale : null));
  const data = [all.map((each) => each.x), values("before"), values("after"), all.map(() => null)];
  const [low, high] = span(listed.map((each) => each.value * scale), 0.15);
  const lowest = Math.min(...listed.map((each) => each.value * scale));
  const bottom = lowest >= 0 && lowest < FROM_NOUGHT * high ? 0 : low;
  const label = answer[`statement_${language()}`];
  const said = [say("day_dots"), ...(bottom === 0 ? [] : [say("axis_cut")])].join(" ");
  return new Picture(label, (box) => ({
    scales: { x: { range: (_, a, b) => [a - 2 * HALF_DAY_S, b + 2 * HALF_DAY_S] }, y: { range: [bottom, high] } },
    axes: [times(box, monthDay, { splits: () => someOf(all) }), numbers(box)],
    series: [{}, dots(box, "before", false), dots(box, "after", true), unseen()],
    hooks: { draw: [(plot) => drawSides(plot, box, answer, all, scale)] },
  }), data, { foot: said, unit: unitOf(unit, answer.unit_shown), name: "evaluation" });
}

/** Not every day has room for its date. */
function someOf(days) {
  const starts = [...new Set(days.map(({ x }) => x))];
  const step = Math.ceil(starts.length / 7);
  return starts.filter((_, index) => index % step === 0);
}

function startS(date) {
  return Date.parse(startOf(date)) / 1000;
}

function drawSides(plot, box, answer, all, scale) {
  for (const side of SIDES) {
    const own = all.filter((each) => each.side === side && !each.out);
    if (!own.length || !known(answer[side].median)) continue;
    const [from, to] = [own[0].x - HALF_DAY_S, own.at(-1).x + HALF_DAY_S].map((x) => plot.valToPos(x, "x", true));
    rule(plot, box, "y", answer[side].median * scale, { name: side, width: 3, from, to });
  }
  const ground = plot.bbox.top + plot.bbox.height - letter(box) * 0.5 * devicePixelRatio;
  for (const each of all.filter(({ out }) => out)) cross(plot, box, plot.valToPos(each.x, "x", true), ground);
}

/** Write down beforehand what is to be judged: only who operates can, and the server stamps the time. */
class Registration {
  constructor(asked) {
    this.asked = asked;
    this.why = new Typed("why", "register_why", { kind: "text", maxlength: 200 });
    this.by = new Typed("by", "register_by", { kind: "text", maxlength: 64 });
    this.form = new Form([this.why, this.by], "register", (given, newest) => this.register(given, newest));
    this.done = el("p", { class: "note", role: "status" });
    this.form.button.className = "plain";
    this.body = el("div", {});
    this.root = el("section", { class: "part registration" }, el("h3", { "data-word": "register_title" }), this.body, this.done);
    onLanguage(() => this.show());
  }

  show() {
    write(this.done, "");
    const how = el("p", { class: "note" }, say(mayOperate() ? "register_how" : "register_locked"));
    this.body.replaceChildren(how, ...(mayOperate() ? [this.form.root] : []));
  }

  async register(given) {
    const { station, kpi, before, after, control } = this.asked();
    const said = Object.fromEntries(Object.entries({ station, kpi, before, after, control, ...given }).filter(([, value]) => value !== null));
    const kept = await server.register(said);
    write(this.done, say("registered_now", { at: dayAndTime(kept.made), standing: say(kept.before_after_began ? "registered_in_time" : "registered_late") }));
  }
}
