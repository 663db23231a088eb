// The pictures of the analysis pages: a box with a chart in it, and what is drawn by hand on it. Black and white can be read.

import { Chart, axis, colour, font, uPlot, zoned } from "./chart.js";
import { el } from "./dom.js";
import { decimal } from "./numbers.js";

const DAY_S = 86_400;

/** A chart with words for those who do not see it. `options(box)` as for Chart; `unit` stands above its axis, `foot` below. */
export class Picture {
  constructor(label, options, data, { foot = "", unit = "", name = "" } = {}) {
    this.box = el("div", { class: "chart", role: "img", "aria-label": label, "data-chart": name });
    this.root = el("figure", { class: "picture" }, ...(unit ? [el("p", { class: "axis-above", "aria-hidden": "true" }, unit)] : []), this.box, ...(foot ? [el("figcaption", {}, foot)] : []));
    this.chart = new Chart(this.box, (box) => ({ ...common(box), ...options(box) }), () => data);
    this.charts = [this];
  }

  draw() {
    this.chart.make();
  }

  end() {
    this.chart.plot?.destroy();
    this.chart.plot = null;
  }
}

function common(box) {
  const size = letter(box);
  return { tzDate: zoned, legend: { show: false }, cursor: { show: false }, padding: [size, size * 1.2, null, null] };
}

export function letter(box) {
  return Number.parseFloat(font(box).match(/\d+/)[0]);
}

/** An axis of numbers, all written as finely as its steps need. */
export function numbers(box, more = {}) {
  const size = letter(box);
  return axis(box, { size: size * 4, space: size * 3, values: (_, at, __, ___, step) => at.map((each) => number(each, step)), ...more });
}

function number(value, step) {
  if (value === null || value === undefined) return null;
  const decimals = /\.(\d+)$/.exec(Number(step).toFixed(6).replace(/0+$/, ""))?.[1].length ?? 0;
  return decimal(value, decimals).replace("-", "−");
}

/** An axis of numbers that lies below, with what it measures. */
export function below(box, label, more = {}) {
  const size = letter(box);
  return numbers(box, { size: size * 2.1, grid: { show: false }, space: size * 4, label, labelSize: size * 1.5, labelFont: font(box, 0.85), ...more });
}

/** A logarithmic axis: a line and a number for each power of ten only. */
export function tenfold() {
  const isPower = (each) => each >= 1 && Math.abs(Math.log10(each) - Math.round(Math.log10(each))) < 1e-9;
  const filter = (_, at) => at.map((each) => (isPower(each) ? each : null));
  return {
    filter, grid: { stroke: colour("rule"), width: 1, filter },
    values: (_, at) => at.map((each) => (each === null ? null : decimal(each, 0))),
  };
}

/** An axis of time: days, or hours of few days. `said(ms)` writes one. */
export function times(box, said, more = {}) {
  return axis(box, { size: letter(box) * 2.1, space: letter(box) * 6, grid: { show: false },
    incrs: [3600, 2 * 3600, 6 * 3600, 12 * 3600, DAY_S, 2 * DAY_S, 7 * DAY_S, 14 * DAY_S, 28 * DAY_S],
    values: (_, at) => at.map((s) => said(s * 1000)), ...more });
}

export function dots(box, name, filled, share = 0.62) {
  const size = letter(box);
  return { stroke: colour(name), paths: () => null,
    points: { show: true, size: size * share, width: size * 0.13, stroke: colour(name), fill: filled ? colour(name) : colour("paper") } };
}

export function joined(box, name, { size = 0.4, dash } = {}) {
  const letters = letter(box);
  return { stroke: colour(name), width: 1.5, dash, spanGaps: false,
    points: { show: size > 0, size: letters * size, width: 1, stroke: colour(name), fill: colour(name) } };
}

export const unseen = () => ({ stroke: "transparent", paths: () => null, points: { show: false } });

/** A straight line at a value of a scale ("x" upright, "y" lying), with a word at its end, on its `before` side if asked. */
export function rule(plot, box, scale, value, { name = "ink", dash = [], width = 1.5, word = "", below: under = false, before = false, from, to } = {}) {
  const { ctx, bbox } = plot;
  const at = plot.valToPos(value, scale, true);
  const lying = scale === "y";
  const edge = lying ? bbox.left : bbox.top;
  const end = edge + (lying ? bbox.width : bbox.height);
  const outside = lying ? at < bbox.top - 1 || at > bbox.top + bbox.height + 1 : at < bbox.left - 1 || at > bbox.left + bbox.width + 1;
  if (outside) return;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour(name);
  ctx.lineWidth = width * devicePixelRatio;
  ctx.setLineDash(dash.map((each) => each * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(lying ? (from ?? edge) : at, lying ? at : edge);
  ctx.lineTo(lying ? (to ?? end) : at, lying ? at : end);
  ctx.stroke();
  if (word) writeAt(ctx, box, word, at, { lying, edge, end, under, before });
  ctx.restore();
}

function writeAt(ctx, box, word, at, { lying, edge, end, under, before }) {
  ctx.font = font(box, 0.85 * devicePixelRatio, "bold");
  const gap = letter(box) * 0.25 * devicePixelRatio;
  if (lying) {
    ctx.textAlign = "right";
    ctx.textBaseline = under ? "top" : "bottom";
    ctx.fillText(word, end - gap, at + (under ? gap : -gap));
    return;
  }
  const wide = ctx.measureText(word).width;
  const room = !before && ctx.canvas.width - at > wide + 3 * gap;
  ctx.textAlign = room ? "left" : "right";
  ctx.textBaseline = "top";
  ctx.fillText(word, at + (room ? gap : -gap), edge + (under ? letter(box) * 1.3 * devicePixelRatio : 0));
}

/** A cross: something that does not count. */
export function cross({ ctx }, box, x, y) {
  const arm = letter(box) * 0.28 * devicePixelRatio;
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

/** The lowest and highest of some values, with room for what stands beside them. */
export function span(values, share = 0.1) {
  const found = values.filter((each) => each !== null && each !== undefined && Number.isFinite(each));
  if (!found.length) return [0, 1];
  const low = found.reduce((a, b) => Math.min(a, b));
  const high = found.reduce((a, b) => Math.max(a, b));
  const room = (high - low || Math.abs(high) || 1) * share;
  return [low - room, high + room];
}

export { colour, font, uPlot };
