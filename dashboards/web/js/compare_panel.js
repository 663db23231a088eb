// The panel "before and after": numbers with their n, a dot for each day, and what may be said of them.

import { showBasis } from "./basis.js";
import { Chart, axis, colour, font, fromZero, zoned } from "./chart.js";
import { dayAndTime, monthDay, now } from "./clock.js";
import { changesOf, daysOf, improvements, lookBack, outputOf, summary } from "./compare.js";
import { byId, write } from "./dom.js";
import { language, phaseName, pick, say, sentences } from "./language.js";
import { decimal, known, percent, signedPercent, whole } from "./numbers.js";
import { server } from "./server.js";
import { markLine } from "./strip.js";

const HALF_DAY_S = 43_200;
const MOST_CHANGES = 10;
const NO_CHANGE = { from: -Infinity, at: Infinity, to: Infinity, text: "" };

export class ComparePanel {
  /** `line` names the station that stands for the line's output (the last of its flow). */
  constructor() {
    this.result = null;
    this.failed = false;
    this.chart = new Chart(byId("compare-chart"), (box) => this.options(box), () => this.series());
    byId("compare-figures").addEventListener("click", () => this.explain());
    this.show();
  }

  /** Ask again; called when history grows, an improvement comes, or a day ends. `marked(improvements)` hears of all. */
  async refresh({ station, phase, output, marked, demo }) {
    const marks = improvements(await server.events(), station.station);
    if (marks.length === 0 && demo?.improved_at) marks.push({ at: demo.improved_at, text: say("improve") });
    marked(marks);
    const at = now();
    const answer = await server.kpi(lookBack(at), at, "day");
    const outputs = outputOf(answer, output?.station);
    const look = (change) => {
      const days = daysOf(answer, station.station, phase, change);
      return { change, days, ...summary(days, outputs) };
    };
    const found = await this.choose(changesOf(marks), look, station.station, phase);
    this.result = { station, phase, output, off: demo?.improved === false, ...(found ?? look(NO_CHANGE)) };
    this.show();
  }

  /**
   * The newest change with whole days on both sides. The newest change of all is `pending` as long as it has no whole
   * day after; where there is no other to show, what was measured since it stands there, without a difference.
   */
  async choose(changes, look, station, phase) {
    if (changes.length === 0) return null;
    const newest = look(changes[0]);
    const pending = newest.after.days === 0 ? newest.change : null;
    const compared = changes.slice(0, MOST_CHANGES).map(look).find((each) => each.before.days > 0 && each.after.days > 0);
    if (compared) return { ...compared, pending };
    if (!pending) return newest;
    return { ...newest, pending, after: (await this.since(pending, station, phase)) ?? newest.after };
  }

  async since(change, station, phase) {
    const answer = await server.kpi(change.at, now());
    const measured = answer.stations.find((each) => each.station === station)?.phases?.[phase];
    if (!known(measured?.median)) return null;
    return { days: 0, n: measured.count, median: measured.median, output: null, coverage: null, partial: true };
  }

  /** Whether the next piece changes what is shown: what was measured since a change that has no whole day yet. */
  isGrowing() {
    return Boolean(this.result?.pending) && this.result.pending === this.result.change;
  }

  fail(error) {
    this.failed = true;
    write(byId("compare-note"), `${say("failed")}: ${error.message}`);
  }

  show() {
    byId("compare-body").hidden = !this.result;
    byId("compare-pending").hidden = !this.result?.pending;
    if (!this.result) return this.failed || write(byId("compare-note"), say("calculating"));
    this.failed = false;
    const { phase, before, after, output, output_share, few, share } = this.result;
    const change = this.change();
    write(byId("compare-title"), say("compare", { phase: phaseName(phase) }));
    write(byId("compare-pending"), this.pendingSaid());
    write(byId("compare-mark"), change ? say("mark_said", { text: pick(change.text), at: dayAndTime(change.at) }) : say("no_mark"));
    this.side("before", change ? before : { ...before, median: null });
    this.side("after", after);
    write(byId("compare-difference"), this.differenceSaid());
    write(byId("compare-percent"), known(share) ? signedPercent(share) : "");
    write(byId("output-label"), output ? say("output_at", { station: pick(output.name) }) : say("output"));
    write(byId("output-before"), decimal(before.output, 0));
    write(byId("output-after"), decimal(after.output, 0));
    write(byId("output-percent"), known(output_share) ? signedPercent(output_share) : "");
    write(byId("compare-note"), this.notes(few && Boolean(change)).join(" "));
    byId("compare").dataset.few = few ? "yes" : "no";
    byId("compare-chart").setAttribute("aria-label", this.statement());
    this.chart.draw();
  }

  change() {
    return this.result.change === NO_CHANGE ? null : this.result.change;
  }

  side(name, side) {
    const value = byId(`compare-${name}`);
    write(value, decimal(side.median));
    value.dataset.value = known(side.median) ? side.median : "";
    const n = say(side.partial ? "partial_n" : "days_and_n", { days: whole(side.days), n: whole(side.n) });
    write(byId(`compare-${name}-n`), side.n ? n : "");
  }

  differenceSaid() {
    const { difference, pending, before } = this.result;
    if (!known(difference)) return pending && known(before.median) ? say("not_yet_compared") : "—";
    if (Math.abs(difference) < 0.05) return say("same");
    return say(difference < 0 ? "shorter" : "longer", { s: decimal(Math.abs(difference)) });
  }

  /** A change without a whole day after: why there is no comparison of it, and what stands there meanwhile. */
  pendingSaid() {
    const { pending, change, off } = this.result;
    if (!pending) return "";
    const words = { text: pick(pending.text), at: dayAndTime(pending.at) };
    return sentences(say(off ? "needs_a_day_off" : "needs_a_day", words), pending === change ? "" : say("last_comparison"));
  }

  leftOut() {
    const { left_out, reasons } = this.result;
    const why = reasons.map(([word, n]) => say(word, { n })).join(language() === "ja" ? "、" : ", ");
    return left_out ? [say("days_left_out", { n: left_out, why })] : [];
  }

  notes(few) {
    const { before, after } = this.result;
    const reference = `${say("only_reference")}: ${say("few_days", { before: before.days, after: after.days })}`;
    return [
      ...(few ? [reference] : []),
      say("not_judged"),
      ...this.leftOut(),
    ];
  }

  /** The sentence that may be read aloud: seconds first, then the share, days, pieces and coverage. */
  statement() {
    const { phase, before, after, share, output_share } = this.result;
    if (!known(share)) return this.pendingSaid() || say(this.change() ? "no_before" : "no_mark");
    const coverages = [before.coverage, after.coverage].filter(known);
    const sentence = say("compare_said", {
      phase: phaseName(phase), before: decimal(before.median), after: decimal(after.median),
      difference: this.differenceSaid(), percent: signedPercent(share),
      days_before: before.days, n_before: whole(before.n), days_after: after.days, n_after: whole(after.n),
      coverage: say("coverage_said", { coverage: percent(coverages.length ? Math.min(...coverages) : null) }),
    });
    if (!known(output_share)) return sentence;
    return sentences(sentence, say("output_said", {
      before: decimal(before.output, 0), after: decimal(after.output, 0), percent: signedPercent(output_share),
    }));
  }

  explain() {
    if (!this.result) return;
    const virtual = document.body.dataset.virtual === "yes" ? say("virtual_why") : "";
    showBasis({
      title: byId("compare-title").textContent, value: byId("compare-difference").textContent,
      unit: byId("compare-percent").textContent, lead: sentences(virtual, this.statement()), formula: say("compare_how"),
      notes: [say("day_dots"), byId("compare-note").textContent, say("other_causes")],
    });
  }

  series() {
    if (!this.result || this.result.days.length === 0) return null;
    const { days } = this.result;
    const x = days.map((day) => day.start / 1000);
    const of = (test) => days.map((day) => (test(day) ? day.value : null));
    return [x, of((day) => day.valid && day.side === "before"), of((day) => day.valid && day.side === "after"), of((day) => !day.valid)];
  }

  options(box) {
    const size = font(box).match(/\d+/)[0];
    const dots = (name, filled) => ({
      stroke: colour(name), paths: () => null,
      points: { show: true, size: size * 0.62, width: size * 0.12, stroke: colour(name), fill: filled ? colour(name) : colour("paper") },
    });
    const hidden = { stroke: "transparent", paths: () => null, points: { show: false } };
    return {
      tzDate: zoned,
      legend: { show: false },
      cursor: { show: false },
      padding: [null, size * 0.9, null, null],
      scales: {
        x: { range: (_, low, high) => [low - 2 * HALF_DAY_S, high + 2 * HALF_DAY_S] },
        y: { range: (plot, low, high) => fromZero(plot, low, high * 1.12) },
      },
      axes: [
        axis(box, { size: size * 2.1, space: size * 4.5, grid: { show: false }, incrs: [1, 2, 4, 7, 14].map((d) => d * 86_400),
          splits: (_, __, low, high) => this.someDays(low, high), values: (_, at) => at.map((s) => monthDay(s * 1000)) }),
        axis(box, { size: size * 3.2, values: (_, s) => s.map((each) => decimal(each, 0)) }),
      ],
      series: [{}, dots("before", false), dots("after", true), hidden],
      hooks: { draw: [(plot) => this.drawSides(plot, box)] },
    };
  }

  someDays() {
    const starts = this.result.days.map((day) => day.start / 1000);
    const step = Math.max(1, Math.ceil(starts.length / 6));
    return starts.filter((_, index) => (starts.length - 1 - index) % step === 0);
  }

  /** The medians across their days, the change between, a cross for each day left out. */
  drawSides(plot, box) {
    const { before, after, days } = this.result;
    const change = this.change();
    for (const [side, found] of [["before", before], ["after", after]]) {
      const own = days.filter((day) => day.side === side || (found.partial && day.end > change.at));
      if (own.length && known(found.median)) this.drawMedian(plot, side, own, found.median, change);
    }
    for (const day of days.filter((each) => !each.valid)) this.drawCross(plot, box, day);
    const at = change ? change.at / 1000 - HALF_DAY_S : null;
    if (at && at > plot.scales.x.min && at < plot.scales.x.max) markLine(plot, box, plot.valToPos(at, "x", true));
  }

  /** Across its days and never over the change: a day's dot stands at the day's start, so the change does half a day off. */
  drawMedian({ ctx, valToPos }, name, days, value, change) {
    const at = (change?.at ?? Infinity) / 1000 - HALF_DAY_S;
    const first = days[0].start / 1000 - HALF_DAY_S / 2;
    const last = days.at(-1).start / 1000 + HALF_DAY_S / 2;
    const [from, to] = name === "after" ? [Math.max(first, at), Math.max(last, at)] : [Math.min(first, at), Math.min(last, at)];
    const y = valToPos(value, "y", true);
    ctx.save();
    ctx.strokeStyle = colour(name);
    ctx.lineWidth = 3 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(valToPos(from, "x", true), y);
    ctx.lineTo(valToPos(to, "x", true), y);
    ctx.stroke();
    ctx.restore();
  }

  drawCross({ ctx, valToPos }, box, day) {
    const [x, y] = [valToPos(day.start / 1000, "x", true), valToPos(day.value, "y", true)];
    const arm = Number.parseFloat(font(box, 0.28)) * devicePixelRatio;
    ctx.save();
    ctx.strokeStyle = colour("ink-soft");
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.beginPath();
    for (const [dx, dy] of [[arm, arm], [arm, -arm]]) {
      ctx.moveTo(x - dx, y - dy);
      ctx.lineTo(x + dx, y + dy);
    }
    ctx.stroke();
    ctx.restore();
  }
}
