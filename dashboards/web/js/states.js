// A station's state: a colour (css/states.css), a shape and a word, so that no one has to tell red from green.

import { svg } from "./dom.js";

export const STATES = ["run", "minor_stop", "downtime", "planned_stop", "no_shift", "in_shift", "no_data"];

const SHAPES = {
  run: () => [svg("circle", { cx: 50, cy: 50, r: 38 })],
  minor_stop: () => [svg("path", { d: "M50 10 L92 86 H8 Z" })],
  downtime: () => [svg("rect", { x: 14, y: 14, width: 72, height: 72 })],
  planned_stop: () => [
    svg("rect", { x: 18, y: 14, width: 24, height: 72 }),
    svg("rect", { x: 58, y: 14, width: 24, height: 72 }),
  ],
  no_shift: () => [svg("path", { d: "M62 12 A40 40 0 1 0 88 70 A34 34 0 0 1 62 12 Z" })],
  in_shift: () => [svg("path", { d: "M50 10 A40 40 0 1 0 50 90 A40 40 0 1 0 50 10 Z M50 26 A24 24 0 1 1 50 74 A24 24 0 1 1 50 26 Z", "fill-rule": "evenodd" })],
  no_data: () => [
    svg("path", { d: "M24 12 L50 38 L76 12 L88 24 L62 50 L88 76 L76 88 L50 62 L24 88 L12 76 L38 50 L12 24 Z" }),
  ],
};

/** An unknown key is "no data": what cannot be read must not look like a running machine. */
export function stateKey(state) {
  const key = typeof state === "string" ? state : state?.key;
  return STATES.includes(key) ? key : "no_data";
}

export function shape(key) {
  return svg("svg", { viewBox: "0 0 100 100", class: "shape", "aria-hidden": "true" }, ...SHAPES[key]());
}
