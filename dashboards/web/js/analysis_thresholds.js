// しきい値の決め方: the gaps between pieces, where a stop begins now and where it might, and what each choice would call a stop.

import { plusDays } from "./analysis_days.js";
import { Choice, Days, Form } from "./analysis_form.js";
import { firstStation, productTitle, stations, yesterday } from "./analysis_line.js";
import { folded, minutes, remarks, Result, section, table, toCopy, windowSaid } from "./analysis_parts.js";
import { below, colour, numbers, Picture, rule, tenfold } from "./analysis_picture.js";
import { el } from "./dom.js";
import { pick, say } from "./language.js";
import { brief, decimal, known, whole } from "./numbers.js";
import { server } from "./server.js";

export class ThresholdsView {
  constructor() {
    this.station = new Choice("station", "station", stations);
    this.days = new Days("days", "days_asked");
    this.form = new Form([this.station, this.days], "show_it", (asked, newest) => this.load(asked, newest));
    this.result = new Result((answer) => parts(answer));
    this.root = el("div", { class: "view" }, el("p", { class: "note", "data-word": "thresholds_how" }), this.form.root, this.result.root);
  }

  begin() {
    this.station.fill();
    this.station.value = firstStation();
    this.days.set(plusDays(yesterday(), -6), yesterday());
    return this.form.ask();
  }

  async load(asked, newest) {
    const answer = await server.ask("/thresholds", asked);
    if (newest()) this.result.set(answer);
  }
}

function seconds(value) {
  return known(value) ? `${brief(value)} ${say("s")}` : "—";
}

function parts(answer) {
  const { present, proposed_stop_after_s: proposed } = answer;
  const head = el("p", { class: "note" }, `${answer.name} ${windowSaid(answer)}・${say("gaps_seen", { n: whole(answer.gaps) })}`);
  const now_s = say(present.written ? "threshold_written" : "threshold_by_product");
  const figures = table(null, [
    { cells: [say("threshold_now"), `${seconds(present.stop_after_s)}(${now_s})`] },
    { cells: [say("threshold_proposed"), el("strong", { id: "proposed" }, known(proposed) ? seconds(proposed) : say("no_proposal"))] },
  ], { class: "pairs" });
  const write = answer.write ? section("threshold_write", el("p", {}, say("threshold_write_how", { station: answer.station })), toCopy(answer.write, { id: "threshold-line" })) : null;
  return [
    head, figures, write, remarks(answer.warnings, "basis_warnings"),
    ...answer.products.flatMap((product) => ofProduct(product, answer)),
    folded(say("method"), el("p", {}, pick(answer.method))),
  ];
}

function ofProduct(product, answer) {
  const title = productTitle(product.product);
  const about = [say("gaps_seen", { n: whole(product.gaps) }), `${say("median")} ${seconds(product.median_s)}`, `${say("ideal_cycle_s")} ${seconds(product.ideal_s)}`];
  return [
    el("h3", { class: "product" }, title || say("all_products")),
    el("p", { class: "note" }, about.join("・")),
    product.enough ? null : el("p", { class: "note" }, say("few_gaps")),
    product.histogram.length ? histogram(product, title) : null,
    product.candidates.length ? candidates(product, answer) : null,
  ];
}

/** Gaps grow tenfold from a cycle to a stop: the axis of time is logarithmic, and so is that of their number. */
function histogram(product, title) {
  const bins = product.histogram;
  const most = Math.max(...bins.map(({ count }) => count));
  const ends = [bins[0].from_s, bins.at(-1).to_s];
  const data = [ends, [null, null]];
  const label = say("histogram_said", { product: title, now: seconds(product.present_stop_after_s), proposed: seconds(product.proposed_stop_after_s) });
  return new Picture(label, (box) => ({
    scales: { x: { time: false, distr: 3, range: ends }, y: { distr: 3, range: [0.7, most * 4] } },
    axes: [below(box, say("gap_s"), tenfold()), numbers(box, tenfold())],
    series: [{}, { paths: () => null, points: { show: false } }],
    hooks: { draw: [(plot) => drawBins(plot, box, product)] },
  }), data, { foot: say("histogram_note"), unit: say("gap_count"), name: "thresholds" });
}

function drawBins(plot, box, product) {
  const { ctx, bbox } = plot;
  const at = (value, scale) => plot.valToPos(value, scale, true);
  const ground = bbox.top + bbox.height;
  ctx.save();
  ctx.fillStyle = colour("bar");
  for (const { from_s, to_s, count } of product.histogram.filter(({ count: n }) => n > 0))
    ctx.fillRect(at(from_s, "x") + 1, at(count, "y"), Math.max(1, at(to_s, "x") - at(from_s, "x") - 2), ground - at(count, "y"));
  ctx.restore();
  const { present_stop_after_s: now_s, proposed_stop_after_s: proposed } = product;
  if (known(now_s)) rule(plot, box, "x", now_s, { dash: [6, 4], width: 2, word: say("threshold_at_now", { s: brief(now_s) }) });
  if (known(proposed)) rule(plot, box, "x", proposed, { name: "accent", width: 3, below: true, before: known(now_s) && proposed < now_s, word: say("threshold_at_proposed", { s: brief(proposed) }) });
}

function candidates(product, { per }) {
  const each = say(`per_${per}`);
  const mark = (one) => [one.is_proposed ? say("threshold_is_proposed") : "", one.is_present ? say("threshold_is_now") : ""].filter(Boolean).join("・");
  const rate = (value) => (known(value) ? decimal(value, 1) : "—");
  const rows = product.candidates.map((one) => ({
    "data-proposed": one.is_proposed ? "yes" : "no",
    cells: [`${seconds(one.stop_after_s)}`, mark(one), rate(one.stops_per_shift),
      known(one.stop_s_per_shift) ? minutes(one.stop_s_per_shift / 60) : "—", rate(one.false_stops_per_shift), rate(one.missed_stops_per_shift)],
  }));
  const head = [say("threshold"), "", say("stops_each", { each }), say("stopped_each", { each }), say("false_each", { each }), say("missed_each", { each })];
  return table(head, rows, { class: "candidates" });
}

