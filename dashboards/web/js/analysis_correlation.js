// 相関: what moves together. Series of the line, or any table from a CSV file; the words and intervals are the server's.

import { plusDays } from "./analysis_days.js";
import { Choice, Days, Form, plainly } from "./analysis_form.js";
import { series, yesterday } from "./analysis_line.js";
import { folded, interval, remarks, Result, section, table } from "./analysis_parts.js";
import { below, colour, dots, letter, numbers, Picture, rule, span } from "./analysis_picture.js";
import { el, write } from "./dom.js";
import { onLanguage, pick, say } from "./language.js";
import { decimal, known, whole } from "./numbers.js";
import { server } from "./server.js";

const LEAST = 2;
const MOST = 6;
const STEPS_S = [60, 300, 600, 1800, 3600, 86_400];
const WITHIN = ["all", "planned"];
const POINTS = 1000;
const LAGS = 30;

export class CorrelationView {
  constructor() {
    this.series = new Chosen();
    this.every = new Choice("every_s", "every", () => STEPS_S.map((s) => [String(s), say(`every_${s}`)]));
    this.within = new Choice("within", "within", () => WITHIN.map((each) => [each, say(`within_${each}`)]));
    this.days = new Days("days", "days_asked");
    this.form = new Form([this.series, this.every, this.within, this.days], "correlate", (asked, newest) => this.load(asked, newest));
    this.file = el("input", { type: "file", accept: ".csv,.txt,text/csv", id: "table-file" });
    this.ordered = el("input", { type: "checkbox" });
    this.refused = el("p", { class: "problem", role: "alert", id: "table-problem" });
    this.refusal = null;
    this.result = new Result((answer) => this.parts(answer));
    this.pair = new Result((answer) => pairParts(answer));
    this.root = el("div", { class: "view" }, el("p", { class: "note", "data-word": "correlation_how" }), this.form.root, this.upload(), this.result.root, this.pair.root);
    onLanguage(() => this.showRefusal());
  }

  upload() {
    const label = el("label", { class: "field" }, el("span", { class: "field-label", "data-word": "table_file" }), this.file);
    const ordered = el("label", { class: "field check" }, this.ordered, el("span", { "data-word": "table_in_order" }));
    for (const input of [this.file, this.ordered]) input.addEventListener("change", () => this.readTable());
    return el("section", { class: "part question" }, el("h3", { "data-word": "table_title" }), el("p", { class: "note", "data-word": "table_how" }),
      el("div", { class: "fields" }, label, ordered), this.refused);
  }

  begin() {
    this.series.fill();
    this.every.value = "3600";
    this.within.value = "planned";
    this.days.set(plusDays(yesterday(), -6), yesterday());
  }

  async load(asked, newest) {
    const answer = await server.ask("/correlation", asked);
    if (!newest()) return;
    this.asked = asked;
    this.pair.set(null);
    this.result.set(answer);
  }

  /** Nothing of a table is kept, here or on the server. */
  async readTable() {
    const [file] = this.file.files;
    if (!file) return;
    this.refusal = null;
    this.showRefusal();
    try {
      const answer = await server.correlate(await file.arrayBuffer(), this.ordered.checked);
      this.asked = null;
      this.pair.set(null);
      this.form.mark("no");
      this.result.set({ ...answer, file: file.name });
    } catch (error) {
      this.form.mark("yes");
      this.refusal = error;
      this.showRefusal();
    }
  }

  showRefusal() {
    write(this.refused, this.refusal ? plainly(this.refusal) : "");
    if (this.refusal) this.file.setAttribute("aria-invalid", "true");
    else this.file.removeAttribute("aria-invalid");
    this.file.setAttribute("aria-describedby", this.refused.id);
  }

  parts(answer) {
    const n = answer.rows === undefined ? say("steps_used", { n: whole(answer.n), of: whole(answer.steps) }) : say("rows_used", { n: whole(answer.n), of: whole(answer.rows), file: answer.file });
    const look = (i, j) => this.look(answer, i, j);
    return [
      el("p", { class: "note" }, n),
      missing(answer),
      matrix(answer, answer, look),
      el("p", { class: "note" }, wordsOf(answer.strength_words)),
      answer.differences ? folded(say("of_differences"), el("p", { class: "note" }, say("differences_why")), matrix(answer.differences, answer, look)) : null,
      answer.left_out?.length ? leftOut(answer.left_out) : null,
      remarks(answer.caveats),
    ];
  }

  /** A pair of the matrix: its scatter and, of the line's series, which comes first. */
  async look(answer, i, j) {
    if (!this.asked) return this.pair.set(ofTable(answer, i, j));
    const both = { ...this.asked, series: `${answer.series[i]},${answer.series[j]}` };
    const mine = (this.looking = (this.looking ?? 0) + 1);
    try {
      const [scatter, lags] = await Promise.all([
        server.ask("/correlation/scatter", { ...both, points: POINTS }),
        server.ask("/correlation/lags", { ...both, most: LAGS }),
      ]);
      if (mine === this.looking) this.pair.set({ ...scatter, lags, above: answer.caveats });
    } catch (error) {
      if (mine === this.looking) this.pair.set({ refused: error });
    }
    return this.pair.root.scrollIntoView({ block: "nearest" });
  }
}

/** Two to six series, ticked. */
class Chosen {
  constructor() {
    this.name = "series";
    this.word = "series";
    this.list = el("span", { class: "ticks" });
    this.count = el("span", { class: "note", role: "status" });
    this.problem = el("p", { class: "problem", role: "alert" });
    this.root = el("fieldset", { class: "field wide", "data-field": "series" },
      el("legend", {}, el("span", { class: "field-label", "data-word": "series" })), this.list, this.count, this.problem);
    this.list.addEventListener("change", () => this.limit());
  }

  fill() {
    const ticked = this.ticked();
    this.list.replaceChildren(...series().map(([value, title]) =>
      el("label", { class: "tick" }, el("input", { type: "checkbox", value, checked: ticked.includes(value) }), el("span", {}, title))));
    this.limit();
  }

  ticked() {
    return [...this.list.querySelectorAll("input:checked")].map((input) => input.value);
  }

  limit() {
    const n = this.ticked().length;
    for (const input of this.list.querySelectorAll("input")) input.disabled = n >= MOST && !input.checked;
    write(this.count, say("ticked", { n, least: LEAST, most: MOST }));
  }

  asked() {
    return { series: this.ticked().join(",") };
  }

  refuse(text) {
    write(this.problem, text);
  }
}

function titleAt(answer, index) {
  return pick(answer.columns[index]?.title) || answer.series[index];
}

/** Letters name the columns, so that long titles stand once, at the rows. */
function letterAt(index) {
  return String.fromCharCode(65 + index);
}

function coefficient(value) {
  return known(value) ? decimal(value, 2).replace("-", "−") : "—";
}

function matrix(of, answer, look) {
  const rows = answer.series.map((_, i) => ({ cells: [`${letterAt(i)} ${titleAt(answer, i)}`, ...answer.series.map((__, j) => cell(of, answer, i, j, look))] }));
  return table(["", ...answer.series.map((_, j) => letterAt(j))], rows, { class: "matrix" });
}

function cell(of, answer, i, j, look) {
  if (i === j) return el("span", { class: "itself" }, "—");
  const strength = of.strength[i][j];
  const word = answer.strength_words?.[strength];
  const few = of.few[i][j] ? [el("span", { class: "few" }, say("few_values"))] : [];
  const label = say("look_at_pair", { a: titleAt(answer, i), b: titleAt(answer, j) });
  return el("button", { type: "button", class: "pair", "data-strength": strength ?? "unknown", title: label, onclick: () => look(i, j) },
    el("strong", {}, coefficient(of.pearson[i][j])), el("span", { class: "strength" }, word ? pick(word) : say("not_computed")),
    el("span", { class: "bounds" }, interval(of.interval90[i][j], coefficient)),
    el("span", { class: "bounds" }, say("rank_and_n", { r: coefficient(of.spearman[i][j]), n: known(of.n_effective[i][j]) ? whole(of.n_effective[i][j]) : "—" })), ...few);
}

function wordsOf(words) {
  const listed = Object.values(words ?? {}).sort((a, b) => b.from - a.from);
  return say("strength_scale", { scale: listed.map((each) => `${pick(each)} ≥ ${decimal(each.from, 1)}`).join(" / ") });
}

function missing(answer) {
  const lacking = answer.columns.filter((column) => column.missing > 0);
  if (!lacking.length) return null;
  return el("p", { class: "note" }, say("missing_steps", { columns: lacking.map((each) => `${pick(each.title)} ${whole(each.missing)}`).join(" / ") }));
}

function leftOut(listed) {
  const rows = listed.map((each) => ({ cells: [each.column, known(each.row) ? whole(each.row) : "—", each.text] }));
  return folded(say("cells_left_out", { n: listed.length }), table([say("column"), say("row"), say("read_there")], rows));
}

function ofTable(answer, i, j) {
  const { values } = answer.scatter;
  return {
    columns: [answer.columns[i], answer.columns[j]], x: values[i], y: values[j], n: answer.n, pearson: answer.pearson[i][j], spearman: answer.spearman[i][j],
    strength: answer.strength[i][j], interval90: answer.interval90[i][j], strength_words: answer.strength_words, caveats: answer.caveats, above: answer.caveats, lags: null,
  };
}

function pairParts(answer) {
  if (answer.refused) return [el("p", { class: "problem", role: "alert" }, plainly(answer.refused))];
  const [a, b] = answer.columns;
  const word = answer.strength_words?.[answer.strength];
  const said = say("pair_said", { r: coefficient(answer.pearson), interval: interval(answer.interval90, coefficient), rank: coefficient(answer.spearman), word: word ? pick(word) : say("not_computed"), n: whole(answer.n) });
  return [
    el("h3", { id: "pair-title" }, `${pick(a.title)} × ${pick(b.title)}`),
    el("p", {}, said),
    scatter(answer, a, b),
    remarks(unsaid(answer.caveats, answer.above)),
    ...(answer.lags ? lagParts({ ...answer.lags, caveats: unsaid(answer.lags.caveats, [...answer.above, ...answer.caveats]) }, a, b) : []),
  ];
}

/** What stands above already is not said twice. */
function unsaid(caveats, above) {
  return caveats.filter(({ code }) => !above.some((each) => each.code === code));
}

function named({ title, unit }) {
  return pick(unit) ? `${pick(title)} (${pick(unit)})` : pick(title);
}

function scatter(answer, a, b) {
  const order = answer.x.map((x, index) => [x, answer.y[index]]).sort(([p], [q]) => p - q);
  const data = [order.map(([x]) => x), order.map(([, y]) => y)];
  if (!order.length) return null;
  const foot = answer.n > order.length ? say("some_points", { n: whole(order.length), of: whole(answer.n) }) : "";
  return new Picture(`${pick(a.title)} × ${pick(b.title)}`, (box) => ({
    scales: { x: { time: false, range: span(data[0]) }, y: { range: span(data[1]) } },
    axes: [below(box, named(a), { size: letter(box) * 2.1, grid: { show: true, stroke: colour("rule"), width: 1 } }), numbers(box)],
    series: [{}, dots(box, "after", order.length <= 60, order.length > 300 ? 0.32 : 0.5)],
  }), data, { foot, unit: named(b), name: "scatter" });
}

function lagParts(lags, a, b) {
  const words = { a: pick(a.title), b: pick(b.title) };
  const best = (found) => el("p", {}, found.best ? pick(found.best) : say("no_lag_found"));
  return [
    section("lag_search", el("p", { class: "note" }, say("lag_how", { ...words, tried: whole(lags.tried) })), best(lags)),
    lagPicture(lags, words),
    lags.differences ? folded(say("of_differences"), best(lags.differences)) : null,
    remarks(lags.caveats),
  ];
}

/** An upright line for each lag; beyond the dashed thresholds is more than chance. */
function lagPicture({ lags }, words) {
  const minutes = lags.map(({ seconds }) => seconds / 60);
  const column = (key, sign = 1) => lags.map((each) => (known(each[key]) ? sign * each[key] : null));
  const line = (dash) => (box) => ({ stroke: colour("late"), width: 1.5, dash, points: { show: false, size: letter(box) } });
  return new Picture(say("lag_search"), (box) => ({
    scales: { x: { time: false, range: span(minutes, 0.04) }, y: { range: [-1.05, 1.05] } },
    axes: [below(box, say("lag_axis", words)), numbers(box)],
    series: [{}, dots(box, "bar-latest", true, 0.4), line([6, 4])(box), line([6, 4])(box)],
    hooks: { draw: [(plot) => drawStems(plot, lags, minutes), (plot) => rule(plot, box, "y", 0, { name: "ink-soft" })] },
  }), [minutes, column("pearson"), column("threshold"), column("threshold", -1)], { foot: say("lag_note"), unit: say("correlation_axis"), name: "lags" });
}

function drawStems(plot, lags, minutes) {
  const { ctx } = plot;
  const ground = plot.valToPos(0, "y", true);
  ctx.save();
  ctx.strokeStyle = colour("bar");
  ctx.setLineDash([]);
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.beginPath();
  for (const [index, { pearson }] of lags.entries()) {
    if (!known(pearson)) continue;
    const x = plot.valToPos(minutes[index], "x", true);
    ctx.moveTo(x, ground);
    ctx.lineTo(x, plot.valToPos(pearson, "y", true));
  }
  ctx.stroke();
  ctx.restore();
}

