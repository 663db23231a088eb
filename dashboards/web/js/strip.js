// The strip chart of a phase: one bar for each piece, moving left as pieces pass.

import { Chart, axis, colour, font, fromZero, uPlot } from "./chart.js";
import { hourMinute, now } from "./clock.js";
import { byId, write } from "./dom.js";
import { phaseName, pick, say } from "./language.js";
import { decimal, known, median, whole } from "./numbers.js";
import { server } from "./server.js";

const PIECES = 60;
const LOOK_BACK_S = [2 * 3600, 14 * 3600]; // the second after a long break

export class Strip {
  constructor() {
    this.pieces = []; // [{at (s since the epoch), s}], oldest first
    this.key = "";
    this.marks = []; // improvements, s since the epoch
    this.chart = new Chart(byId("strip-chart"), (box) => this.options(box), () => this.series());
  }

  /** Begin with a station's phase: what passed lately comes from /cycles. */
  async follow(station, phase) {
    this.station = station;
    this.phase = phase;
    this.key = `${station.station}/${phase}`;
    this.seen = station.phases[phase].last_at;
    this.pieces = await lately(station.station, phase);
    this.show();
  }

  /** What passed before cannot be shown; new pieces still can. One person's single pieces are not for everyone. */
  fail(error) {
    this.pieces = [];
    this.show();
    write(byId("strip-empty"), error.locked ? say("persons") : `${say("failed")}: ${error.message}`);
  }

  /** A new state of the station came: if its phase ended once more, one bar is added. */
  hear(station) {
    if (`${station.station}/${this.phase}` !== this.key) return;
    const measured = station.phases?.[this.phase];
    if (!known(measured?.last_s) || measured.last_at === this.seen) return;
    this.seen = measured.last_at;
    this.pieces = [...this.pieces, { at: Date.parse(measured.last_at) / 1000, s: measured.last_s }].slice(-PIECES);
    this.show();
  }

  setMarks(improvements) {
    this.marks = improvements.map((each) => Date.parse(each.at) / 1000);
    this.chart.plot?.redraw();
  }

  show() {
    if (!this.station) return;
    const words = { station: pick(this.station.name), phase: phaseName(this.phase) };
    write(byId("strip-title"), say("strip", words));
    write(byId("strip-note"), say("strip_last", { n: whole(this.pieces.length) }));
    byId("strip-empty").hidden = this.pieces.length > 0;
    write(byId("strip-empty"), say("strip_empty"));
    this.figures();
    this.chart.draw();
  }

  figures() {
    const last = this.pieces.at(-1)?.s;
    const middle = median(this.pieces.map((piece) => piece.s));
    write(byId("strip-last"), decimal(last));
    byId("strip-last").dataset.value = known(last) ? last : "";
    write(byId("strip-median"), decimal(middle));
    const said = { last: decimal(last), median: decimal(middle), n: this.pieces.length };
    byId("strip-chart").setAttribute("aria-label", say("strip_said", said));
    byId("strip-chart").dataset.pieces = this.pieces.length;
  }

  /** x is the piece, not the time: pieces stand evenly and every new one moves the strip by one. */
  series() {
    if (this.pieces.length === 0) return null;
    const from = PIECES - this.pieces.length;
    const x = this.pieces.map((_, index) => from + index);
    const values = this.pieces.map((piece) => piece.s);
    const older = values.map((s, index) => (index < values.length - 1 ? s : null));
    const latest = values.map((s, index) => (index === values.length - 1 ? s : null));
    return [x, older, latest];
  }

  options(box) {
    const bars = uPlot.paths.bars({ size: [0.72, 60], radius: 0.15 });
    const bar = (name) => ({ stroke: colour(name), fill: colour(name), width: 0, paths: bars, points: { show: false } });
    return {
      legend: { show: false },
      cursor: { show: false },
      padding: [null, 8, null, null],
      scales: { x: { time: false, range: [-0.8, PIECES - 0.2] }, y: { range: fromZero } },
      axes: [
        axis(box, { size: 2.1 * Number.parseFloat(font(box)), grid: { show: false }, values: (_, at) => at.map((x) => this.timeOf(x)),
          splits: () => [4, 18, 32, 46, PIECES - 3] }),
        axis(box, { size: 3.4 * Number.parseFloat(font(box)), values: (_, s) => s.map((each) => decimal(each, 0)) }),
      ],
      series: [{}, bar("bar"), bar("bar-latest")],
      hooks: { draw: [(plot) => this.drawMarks(plot, box)] },
    };
  }

  timeOf(x) {
    const piece = this.pieces[x - (PIECES - this.pieces.length)];
    return piece ? hourMinute(piece.at * 1000) : "";
  }

  /** A line where the way of working was changed, between the pieces before and after. */
  drawMarks(plot, box) {
    for (const mark of this.marks) {
      const index = this.pieces.findIndex((piece) => piece.at >= mark);
      if (index < 1) continue;
      const x = plot.valToPos(PIECES - this.pieces.length + index - 0.5, "x", true);
      markLine(plot, box, x);
    }
  }
}

/** A dashed upright line with the word for a change of the way of working. */
export function markLine(plot, box, x) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour("accent");
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = font(box, 0.85 * devicePixelRatio, "bold");
  const late = x > bbox.left + bbox.width * 0.8; // the word stands where there is room
  ctx.textAlign = late ? "right" : "left";
  ctx.textBaseline = "top";
  ctx.fillText(late ? `${say("improvement")} ` : ` ${say("improvement")}`, x, bbox.top);
  ctx.restore();
}

async function lately(station, phase) {
  for (const back_s of LOOK_BACK_S) {
    const answer = await server.cycles(station, now() - back_s * 1000, now() + 1000);
    const pieces = answer.cycles.map((cycle) => pieceOf(cycle, phase)).filter(Boolean);
    if (pieces.length >= PIECES / 4 || back_s === LOOK_BACK_S.at(-1)) return pieces.slice(-PIECES);
  }
  return [];
}

function pieceOf(cycle, phase) {
  const s = cycle.phases[phase];
  return known(s) ? { at: Date.parse(cycle.at) / 1000, s } : null;
}
