// What must be seen at a station now: a call, the alarm of a rule, a sensor or output that is lost. The server says it in
// words (`signals` of /wall); since when is told here. The loudest stands first, and has the room for why and what to do.

import { hourMinute, secondsSince } from "./clock.js";
import { el, svg, write } from "./dom.js";
import { pick, say } from "./language.js";
import { duration } from "./numbers.js";

const MOST = 3;
const DRAWN = ["call", "blind"]; // by lines, the others filled
const SHAPES = {
  call: "M12 42 L46 22 V78 L12 58 Z M60 36 A20 20 0 0 1 60 64 M72 22 A38 38 0 0 1 72 78",
  alarm: "M50 8 L96 90 H4 Z M46 36 H54 L52.5 62 H47.5 Z M46 68 H54 V76 H46 Z",
  blind: "M10 50 Q50 8 90 50 Q50 92 10 50 Z M50 36 A14 14 0 1 0 50.1 36 M18 86 L82 14",
  failsafe: "M50 6 L90 20 V50 Q90 80 50 94 Q10 80 10 50 V20 Z M44 28 H56 L54 56 H46 Z M44 64 H56 V76 H44 Z",
};

export class Signals {
  constructor() {
    this.root = el("div", { class: "signals", hidden: true });
    this.shown = "";
    this.times = [];
  }

  show(signals = []) {
    this.root.hidden = signals.length === 0;
    this.root.dataset.count = Math.min(signals.length, MOST + 1);
    const key = JSON.stringify([signals, say("signal_alarm")]);
    if (key !== this.shown) this.build(signals);
    this.shown = key;
    this.tick();
  }

  build(signals) {
    this.times = [];
    const rest = signals.length - MOST;
    this.root.replaceChildren(...signals.slice(0, MOST).map((each) => this.row(each)),
      ...(rest > 0 ? [el("p", { class: "signal-rest" }, say("more_signals", { n: rest }))] : []));
  }

  row(signal) {
    const time = el("span", { class: "signal-for" });
    if (signal.since) this.times.push({ time, since: signal.since });
    return el("section", { class: "signal", "data-signal": signal.kind },
      el("div", { class: "signal-head" }, signalShape(signal.kind), el("strong", { class: "signal-kind" }, say(`signal_${signal.kind}`)),
        el("span", { class: "signal-title" }, pick(signal.title)), time),
      el("p", { class: "signal-why" }, pick(signal.why)),
      el("p", { class: "signal-todo" }, pick(signal.todo)));
  }

  /** Once a second: since when, and for how long. */
  tick() {
    for (const { time, since } of this.times)
      write(time, say("signal_since", { time: hourMinute(since), long: duration(secondsSince(since)) }));
  }
}

export function signalShape(kind) {
  const drawn = DRAWN.includes(kind) ? "shape lines" : "shape";
  return svg("svg", { viewBox: "0 0 100 100", "aria-hidden": "true", class: drawn }, svg("path", { d: SHAPES[kind], "fill-rule": "evenodd" }));
}
