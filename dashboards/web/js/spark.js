// A small line of the last hour, as SVG. A pause longer than the silence is a gap: nobody knows what lay in between.

import { svg } from "./dom.js";

const WIDTH = 1000;
const HEIGHT = 100;
const EDGE = 8; // the line is not cut at its highest and lowest

/** `look`: {from, to (ms), gap_ms, step, least (smallest range of values shown), within (values always in view)}. */
export class Spark {
  constructor() {
    this.line = svg("path", { class: "spark-line" });
    this.odd = svg("path", { class: "spark-flagged" });
    this.last = svg("path", { class: "spark-last" });
    const box = { class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" };
    this.root = svg("svg", box, this.line, this.odd, this.last);
  }

  /** `points`: [{t (ms), v, flagged}], oldest first. */
  draw(points, look) {
    const shown = points.filter((point) => point.t >= look.from && point.t <= look.to);
    const place = placing(shown, look);
    const parts = split(shown, look.gap_ms);
    this.line.setAttribute("d", parts.map((part) => path(part.map(place), look.step)).join("") + lasting(shown, place, look));
    this.odd.setAttribute("d", dots(shown.filter((point) => point.flagged).map(place)));
    this.last.setAttribute("d", dots(shown.slice(-1).map(place)));
    this.root.dataset.points = shown.length;
    this.root.dataset.parts = parts.length;
  }
}

function placing(points, look) {
  const { low, high } = range([...points, ...look.within]);
  const more = Math.max(0, look.least - (high - low)) / 2; // noise is not blown up to a mountain
  const [bottom, top] = [low - more, high + more];
  const x = (t) => ((t - look.from) / (look.to - look.from)) * WIDTH;
  const y = (v) => HEIGHT - EDGE - ((v - bottom) / (top - bottom || 1)) * (HEIGHT - 2 * EDGE);
  return (point) => [x(point.t).toFixed(1), y(point.v).toFixed(1)];
}

/** The lowest and highest value of some points. */
export function range(points) {
  let [low, high] = [Infinity, -Infinity];
  for (const { v } of points) {
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  return points.length ? { low, high } : { low: 0, high: 0 };
}

function split(points, gap_ms) {
  const parts = [];
  for (const [index, point] of points.entries()) {
    if (index === 0 || point.t - points[index - 1].t > gap_ms) parts.push([]);
    parts.at(-1).push(point);
  }
  return parts;
}

/** A part of one point is a dot: a line of no length with round ends. */
function path(places, step) {
  const [[x, y], ...rest] = places;
  const to = step ? ([a, b]) => `H${a}V${b}` : ([a, b]) => `L${a} ${b}`;
  return `M${x} ${y}${rest.length ? rest.map(to).join("") : "h0"}`;
}

/** A level stays as it was last said, until it has been silent for too long. */
function lasting(points, place, look) {
  const last = points.at(-1);
  if (!look.step || !last || look.to - last.t > look.gap_ms) return "";
  const [x, y] = place(last);
  return `M${x} ${y}H${WIDTH}`;
}

function dots(places) {
  return places.map(([x, y]) => `M${x} ${y}h0`).join("");
}
