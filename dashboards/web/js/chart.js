// What the charts share: colours from the style sheet, sizes from the box, the line's time zone. Drawing is uPlot's.

import uPlot from "../vendor/uplot/uPlot.esm.js";
import { lineZone } from "./clock.js";

export { uPlot };

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The size of the box's own letters, so that charts grow with the wall. */
export function letters(box) {
  return Number.parseFloat(getComputedStyle(box).fontSize) || 14;
}

export function font(box, share = 1, weight = "") {
  return `${weight} ${Math.round(letters(box) * share)}px ${getComputedStyle(document.body).fontFamily}`.trim();
}

export function zoned(s) {
  return uPlot.tzDate(new Date(s * 1000), lineZone());
}

/** From 0 up, always: a cut axis makes a small difference look large. */
export function fromZero(_plot, _low, high) {
  return [0, Math.max(1, (high ?? 1) * 1.15)];
}

/**
 * A chart that fills `box`. `options(box)` gives uPlot's options without width and height; `data()` what is drawn.
 * It is made anew when colours or language change, and resized with its box.
 */
export class Chart {
  constructor(box, options, data) {
    this.box = box;
    this.options = options;
    this.data = data;
    this.plot = null;
    new ResizeObserver(() => this.fit()).observe(box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.make());
  }

  size() {
    return { width: Math.floor(this.box.clientWidth), height: Math.floor(this.box.clientHeight) };
  }

  make() {
    this.plot?.destroy();
    this.plot = null;
    const size = this.size();
    const data = this.data();
    if (size.width < 40 || size.height < 40 || !data) return;
    this.letters = letters(this.box);
    this.plot = new uPlot({ ...this.options(this.box), ...size }, data, this.box);
  }

  fit() {
    const size = this.size();
    if (!this.plot || letters(this.box) !== this.letters) this.make();
    else if (size.width !== this.plot.width || size.height !== this.plot.height) this.plot.setSize(size);
  }

  draw() {
    const data = this.data();
    if (!data) this.make();
    else if (this.plot) this.plot.setData(data);
    else this.make();
  }
}

export function axis(box, more = {}) {
  return {
    stroke: colour("ink-soft"),
    font: font(box, 0.85),
    grid: { stroke: colour("rule"), width: 1 },
    ticks: { show: false },
    ...more,
  };
}
