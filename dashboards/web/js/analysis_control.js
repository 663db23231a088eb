// 管理図: points, limits and the rules they break; and how the values lie against their tolerance. All of it is the server's.

import { dayOf, daysBetween, plusDays, windowOf } from "./analysis_days.js";
import { Choice, Days, Form, Typed } from "./analysis_form.js";
import { figures, firstStation, improvements, isOfPieces, series, stations, titlesIn, yesterday } from "./analysis_line.js";
import { figure, finely, folded, interval, remarks, Result, section, table, unitOf, windowSaid } from "./analysis_parts.js";
import { colour, font, joined, letter, numbers, Picture, rule, span, times } from "./analysis_picture.js";
import { dayAndTime, hourMinute, monthDay } from "./clock.js";
import { el } from "./dom.js";
import { pick, say } from "./language.js";
import { decimal, known, whole } from "./numbers.js";
import { server } from "./server.js";

const CHARTS = ["individuals", "xbar_r", "ewma", "cusum"];
const BY = ["piece", "hour", "shift", "day"];
const BLOCKS = ["shift", "hour", "day"];
const SUBGROUP = 5;
const USUAL_DAYS = 10;
const SHOWN_TIMES = 40;

export class ControlView {
  constructor() {
    this.station = new Choice("station", "station", stations);
    this.chosen = false; // whether the days were chosen by hand
    this.subject = new Choice("kpi", "figure", () => subjects(this.station?.value, this.chart && this.single));
    this.chart = new Choice("chart", "chart_kind", () => CHARTS.map((each) => [each, say(`chart_${each}`)]));
    this.by = new Choice("by", "by", () => BY.map((each) => [each, say(`by_${each}`)]));
    this.block = new Choice("by", "block", () => BLOCKS.map((each) => [each, say(`by_${each}`)]));
    this.size = new Typed("size", "group_size", { min: 2, max: 25 });
    this.days = new Days("days", "days_asked");
    this.baseline = new Days("baseline", "baseline", "span");
    const fields = [this.station, this.subject, this.chart, this.by, this.block, this.size, this.days, this.baseline];
    this.form = new Form(fields, "show_it", (_, newest) => this.load(newest), titlesIn);
    this.result = new Result((answer) => parts(answer));
    this.capability = new Capability(() => this.about());
    this.root = el("div", { class: "view" }, this.form.root, this.result.root, this.capability.root);
    for (const field of [this.station, this.chart, this.by]) field.select.addEventListener("change", () => this.suit());
    this.subject.select.addEventListener("change", () => this.capability.suit(this.subject.value));
    for (const input of this.days.inputs) input.addEventListener("input", () => (this.chosen = true));
  }

  /** Open with the shifts of the last ten days; the days before the last improvement say nothing of those after. */
  begin() {
    this.station.fill();
    this.station.value = firstStation();
    this.by.value = "shift";
    this.size.value = SUBGROUP;
    this.suit();
    return this.form.ask();
  }

  get grouped() {
    return this.chart.value === "xbar_r";
  }

  /** Whether the chart is of single values: only some figures have them, and a day of them is already many points. */
  get single() {
    return this.grouped || this.by.value === "piece";
  }

  /** The questions that this kind of chart has, and days that give it enough points and not too many. */
  async suit() {
    this.by.root.hidden = this.grouped;
    this.block.root.hidden = this.size.root.hidden = !this.grouped;
    this.subject.fill();
    this.capability.suit(this.subject.value);
    if (this.chosen) return;
    if (!this.single) return this.days.set(...this.usualDays());
    const station = this.station.value;
    const day = await lastDayOfPieces(station);
    if (!this.chosen && this.single && station === this.station.value) this.days.set(day, day);
  }

  usualDays() {
    const last = yesterday();
    const marks = improvements(this.station.value).map((each) => dayOf(Date.parse(each.at)));
    const change = marks.filter((day) => daysBetween(day, last) >= 1).at(-1);
    return [[plusDays(last, 1 - USUAL_DAYS), ...(change ? [change] : [])].sort().at(-1), last];
  }

  /** What both questions are about. */
  about() {
    const chosen = this.subject.value ?? "";
    const what = chosen.startsWith("series:") ? { series: chosen.slice(7) } : { station: this.station.value, kpi: chosen };
    return { ...what, ...this.days.asked() };
  }

  async load(newest) {
    const how = this.grouped ? { ...this.block.asked(), ...this.size.asked() } : this.by.asked();
    const answer = await server.ask("/control-chart", { ...this.about(), ...this.chart.asked(), ...how, ...this.baseline.asked() });
    if (newest()) this.result.set(answer);
  }
}

/** The last whole day on which the station made anything: after a weekend Friday; yesterday where it is not known. */
async function lastDayOfPieces(station) {
  const last = yesterday();
  const { start, end } = windowOf(plusDays(last, 1 - USUAL_DAYS), last);
  try {
    const told = await server.figures({ station, start, end, by: "day" });
    const made = told.stations[0].buckets.filter((each) => each.produced_quantity > 0).at(-1);
    return made ? dayOf(Date.parse(made.start)) : last;
  } catch {
    return last; // the chart's own question says what is wrong
  }
}

/** What can be charted; `single`: what has a value for each piece or reading. */
function subjects(station, single) {
  const measured = series(station, single ? ["number"] : undefined);
  const all = [...figures(station), ...measured.map(([key, title]) => [`series:${key}`, title])];
  return single ? all.filter(([key]) => isOfPieces(key)) : all;
}

function parts(answer) {
  const unit = unitOf(answer.kind, answer.unit);
  const title = `${pick(answer.title)}${unit ? ` (${unit})` : ""}`;
  const beside = answer.moving_range ?? answer.range;
  const cusum = answer.chart === "cusum";
  return [
    el("p", { class: "note" }, `${title} — ${windowSaid(answer)}・n = ${whole(answer.n)}・${answer.baseline ? say("baseline_used", { days: windowSaid(answer.baseline), n: whole(answer.baseline.n) }) : say("no_baseline_used")}`),
    el("h3", {}, pick(answer.chart_title)),
    answer.points.length ? drawn(answer, answer, unit, cusum) : el("p", { class: "empty-said" }, say("too_few_points")),
    limitsOf(answer, unit),
    beside?.points?.length ? el("h3", {}, say(answer.moving_range ? "moving_range" : "range")) : null,
    beside?.points?.length ? drawn(answer, beside, unit, false) : null,
    brokenRules(answer, beside),
    remarks(answer.caveats),
    droppedOut(answer.excluded),
  ];
}

function limitsOf({ chart, limits, kind, h }, unit) {
  const least = finely(kind, limits.sigma, limits.centre);
  const written = (value) => (known(value) ? `${figure(value, kind, least)} ${unit}` : "—");
  const bounds = chart === "cusum" ? [] : [["upper_limit", limits.upper], ["lower_limit", limits.lower]];
  const rows = [...bounds, ["centre_line", limits.centre], ["sigma", limits.sigma], ...(known(h) ? [["decision_limit", limits.h]] : [])];
  return table(null, rows.map(([word, value]) => ({ "data-limit": word, cells: [say(word), written(value)] })), { class: "pairs", id: "limits" });
}

/** Points joined, marked ones as open squares with the numbers of the rules they break. CUSUM: both sums, the low one downwards. */
function drawn(answer, { points, limits }, unit, cusum) {
  const scale = answer.kind === "ratio" ? 100 : 1;
  const of = (value) => (known(value) ? value * scale : null);
  const x = points.map(({ at }) => Date.parse(at) / 1000);
  const value = points.map((point) => of(cusum ? point.high : point.value));
  const second = points.map((point) => (cusum && known(point.low) ? -of(point.low) : null));
  const widening = (key) => points.map((point) => (cusum ? null : of(point[key])));
  const [upper, lower] = [widening("upper"), widening("lower")];
  const lines = cusum ? [limits.h, -limits.h, 0] : [limits.upper, limits.lower, limits.centre];
  const few = points.length <= 120;
  const label = `${pick(answer.title)} ${pick(answer.chart_title)}`;
  const short = x.at(-1) - x[0] < 2 * 86_400;
  return new Picture(label, (box) => ({
    scales: { x: { range: (_, a, b) => (a === b ? [a - 43_200, b + 43_200] : [a - (b - a) * 0.02, b + (b - a) * 0.05]) }, y: { range: span([...value, ...second, ...upper, ...lower, ...lines.map(of)], 0.12) } },
    axes: [times(box, short ? hourMinute : monthDay), numbers(box)],
    series: [{}, joined(box, "bar-latest", { size: few ? 0.4 : 0 }), joined(box, "before", { size: few && cusum ? 0.4 : 0 }),
      joined(box, "late", { size: 0, dash: [6, 4] }), joined(box, "late", { size: 0, dash: [6, 4] })],
    hooks: { draw: [(plot) => drawLimits(plot, box, limits, of, cusum, upper), (plot) => drawMarked(plot, box, points, cusum, of)] },
  }), [x, value, second, upper, lower], { foot: say(cusum ? "cusum_note" : "chart_note"), unit, name: "control" });
}

function drawLimits(plot, box, limits, of, cusum, widening) {
  if (cusum) {
    rule(plot, box, "y", 0, { name: "ink-soft" });
    if (known(limits.h)) for (const sign of [1, -1]) rule(plot, box, "y", sign * of(limits.h), { name: "late", dash: [6, 4], width: 2, word: say("decision_limit"), below: sign < 0 });
    return;
  }
  if (known(limits.centre)) rule(plot, box, "y", of(limits.centre), { name: "ink", word: say("centre_short") });
  if (widening.some(known)) return; // limits of their own at each point are drawn with the points
  if (known(limits.upper)) rule(plot, box, "y", of(limits.upper), { name: "late", dash: [6, 4], width: 2, word: say("upper_short") });
  if (known(limits.lower)) rule(plot, box, "y", of(limits.lower), { name: "late", dash: [6, 4], width: 2, word: say("lower_short"), below: true });
}

function drawMarked(plot, box, points, cusum, of) {
  const { ctx } = plot;
  const half = letter(box) * 0.42 * devicePixelRatio;
  const marked = points.filter(({ broken }) => broken.length);
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour("late");
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.setLineDash([]);
  ctx.font = font(box, 0.75 * devicePixelRatio, "bold");
  ctx.textAlign = "center";
  ctx.textBaseline = "bottom";
  for (const point of marked) {
    const value = cusum ? cusumShown(point) : point.value;
    if (!known(value)) continue;
    const [x, y] = [plot.valToPos(Date.parse(point.at) / 1000, "x", true), plot.valToPos(of(value), "y", true)];
    ctx.strokeRect(x - half, y - half, 2 * half, 2 * half);
    if (marked.length <= 40 && !cusum) ctx.fillText(point.broken.join(" "), x, y - half * 1.3);
  }
  ctx.restore();
}

function cusumShown(point) {
  return point.low > point.high ? -point.low : point.high;
}

function brokenRules(answer, beside) {
  const all = [...answer.broken_rules, ...(beside?.broken_rules ?? []).map((each) => ({ ...each, ofRange: true }))];
  if (!all.length) return answer.points.length ? section("broken_rules", el("p", { id: "no-broken-rules" }, say("no_rule_broken"))) : null;
  const at = (each) => `${each.at.slice(0, SHOWN_TIMES).map((time) => dayAndTime(time)).join(" / ")}${each.at.length > SHOWN_TIMES ? " …" : ""}`;
  const rows = all.map((each) => ({
    "data-rule": each.rule,
    cells: [each.ofRange ? say("rule_of_range", { rule: each.rule }) : whole(each.rule), pick(each), whole(each.count), folded(say("when"), at(each))],
  }));
  return section("broken_rules", table([say("rule"), say("rule_means"), say("points_n"), ""], rows, { id: "broken-rules" }));
}

function droppedOut(excluded) {
  if (!excluded.length) return null;
  const rows = excluded.map((each) => ({ cells: [windowSaid(each), pick(each)] }));
  return folded(say("dropped_out", { n: excluded.length }), table([say("when"), say("reason_out")], rows));
}

/** Spec limits are typed in; single values are compared with them. */
class Capability {
  constructor(about) {
    this.about = about;
    this.lsl = new Typed("lsl", "lsl");
    this.usl = new Typed("usl", "usl");
    this.by = new Choice("by", "by", () => BY.filter((each) => each !== "piece" || this.single).map((each) => [each, say(`by_${each}`)]));
    this.form = new Form([this.lsl, this.usl, this.by], "capability_ask", (asked, newest) => this.load(asked, newest), titlesIn);
    this.result = new Result((answer) => capabilityParts(answer));
    this.root = el("section", { class: "part", id: "capability" }, el("h3", { "data-word": "capability" }), el("p", { class: "note", "data-word": "capability_how" }), this.form.root, this.result.root);
  }

  /** Single values where the figure has them. */
  suit(subject) {
    const could = this.single;
    this.single = isOfPieces(subject ?? "");
    this.by.fill();
    if (this.single && !could) this.by.value = "piece";
  }

  async load(asked, newest) {
    const answer = await server.ask("/capability", { ...this.about(), ...asked });
    if (newest()) this.result.set(answer);
  }
}

function capabilityParts(answer) {
  const unit = unitOf(answer.kind, answer.unit);
  const index = (value) => decimal(value, 2).replace("-", "−");
  const rows = ["cp", "cpk", "pp", "ppk"].map((key) => ({
    "data-index": key,
    cells: [key.replace(/^./, (letter_) => letter_.toUpperCase()), index(answer[key]), interval(answer.interval90[key], index), say(`means_${key}`)],
  }));
  const least = finely(answer.kind, answer.sigma_within, answer.sigma_overall, answer.mean);
  const written = (value) => (known(value) ? `${figure(value, answer.kind, least)} ${unit}` : "—");
  const more = [["mean", written(answer.mean)], ["sigma_within", written(answer.sigma_within)], ["sigma_overall", written(answer.sigma_overall)],
    ["below_lsl", whole(answer.below)], ["above_usl", whole(answer.above)], ["outside_limits", whole(answer.out_of_control)],
    ["normal_p", known(answer.normal_p) ? (answer.normal_p < 0.001 ? "< 0.001" : decimal(answer.normal_p, 3)) : "—"]];
  return [
    el("p", { class: "note" }, `${pick(answer.title)} — ${windowSaid(answer)}・n = ${whole(answer.n)}・${say("tolerance", { lsl: written(answer.lsl), usl: written(answer.usl) })}`),
    table(["", say("index_value"), say("interval90"), ""], rows, { id: "capability-indices" }),
    table(null, more.map(([word, value]) => ({ cells: [say(word), value] })), { class: "pairs" }),
    remarks(answer.caveats),
    droppedOut(answer.excluded),
  ];
}

