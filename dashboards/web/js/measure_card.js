// The card of a station that counts no pieces: what is measured there, its limits, how long it kept to them. There is no
// plan, no pace and no stop to show; its state is that of its measurements and rules.

import { hourMinute, now, secondsSince } from "./clock.js";
import { el, svg, write } from "./dom.js";
import { pick, say } from "./language.js";
import { brief, decimal, duration, known } from "./numbers.js";
import { StationCard } from "./station.js";
import { stateKey } from "./states.js";
import { signalShape } from "./signals.js";

const MANY = 7; // so many and more stand in two rows
const LOUD = { call: "called", alarm: "alarm", blind: "blind", failsafe: "failsafe" };
const SHAPES = {
  within: "M14 52 L26 40 L42 56 L76 18 L88 30 L42 80 Z",
  beyond: "M50 10 L92 86 H8 Z M45 36 H55 L53 62 H47 Z M45 68 H55 V78 H45 Z",
  measuring: "M50 18 A40 40 0 0 1 90 58 V66 H78 V58 A28 28 0 0 0 22 58 V66 H10 V58 A40 40 0 0 1 50 18 Z M46 62 L68 34 L56 68 Z",
};
const OF_SIGNALS = { called: "call", alarm: "alarm", blind: "blind", failsafe: "failsafe" };

export class MeasureCard extends StationCard {
  fits(station) {
    return Array.isArray(station.measures);
  }

  build() {
    this.cells = new Map();
    this.limited = el("div", { class: "cells-limited" });
    this.others = el("div", { class: "cells-others" });
    this.root.dataset.measures = "yes";
    this.root.append(this.buildHead(), this.signals.root, this.note, el("div", { class: "cells" }, this.limited, this.others));
  }

  show(station) {
    this.station = station;
    write(this.name, pick(station.name) || station.station);
    this.signals.show(station.signals);
    this.showMode();
    this.showCells();
    this.showState();
    this.showNote();
  }

  key() {
    const { station } = this;
    const [loudest] = station.signals ?? [];
    const values = station.measures.filter((each) => !each.output);
    if (loudest) return LOUD[loudest.kind] ?? "alarm";
    if (stateKey(station.state) === "no_data" || (values.length > 0 && values.every(isSilent))) return "no_data";
    const limited = values.filter((each) => each.limits.length > 0);
    if (limited.some((each) => each.beyond && !isSilent(each))) return "beyond";
    return limited.length > 0 && limited.every((each) => !isSilent(each)) ? "within" : "measuring";
  }

  showState() {
    const key = this.key();
    if (this.root.dataset.state !== key) {
      this.root.dataset.state = key;
      this.shapeBox.replaceChildren(shapeOf(key));
    }
    this.stateWord.dataset.value = key;
    write(this.stateWord, say(key === "no_data" ? "no_value" : `state_${key}`));
    const since = this.station.signals?.[0]?.since;
    write(this.stateFor, since ? duration(secondsSince(since)) : "");
  }

  tick() {
    if (!this.cells) return;
    this.signals.tick();
    this.showState();
    for (const cell of this.cells.values()) this.showAge(cell);
  }

  showNote() {
    this.note.hidden = this.station.measures.length > 0;
    write(this.note, say("nothing_measured"));
  }

  explainState() {
    this.explainBy(say("state_help_measures"), {});
  }

  /** A cell stays the same while its value changes. */
  showCells() {
    const sorted = [...this.station.measures].sort((a, b) => rank(a) - rank(b));
    const cells = sorted.map((told) => {
      const key = `${told.sensor}/${told.measure}`;
      const cell = this.cells.get(key) ?? this.cell(key);
      cell.told = lostOf(this.station, told) ? { ...told, at: null } : told;
      this.showCell(cell);
      return [key, cell];
    });
    const before = [...this.cells.keys()].join();
    this.cells = new Map(cells);
    if (before === [...this.cells.keys()].join()) return;
    const roots = (first) => cells.filter(([, cell]) => (rank(cell.told) === 0) === first).map(([, cell]) => cell.root);
    for (const [box, first] of [[this.limited, true], [this.others, false]]) {
      box.replaceChildren(...roots(first));
      box.dataset.count = Math.min(box.childElementCount, MANY);
    }
  }

  cell(key) {
    const [label, value, unit] = [el("span", { class: "label" }), el("span", { class: "value", "data-figure": `measure:${key}` }), el("span", { class: "unit" })];
    const [limit, share, age] = [el("span", { class: "cell-limit" }), el("span", { class: "cell-share" }), el("span", { class: "cell-age" })];
    const root = el("div", { class: "cell", "data-cell": key }, label, el("span", { class: "value-line" }, value, unit),
      el("span", { class: "below" }, limit, share, age));
    return { root, label, value, unit, limit, share, age, told: null };
  }

  showCell(cell) {
    const { told } = cell;
    cell.root.dataset.rank = rank(told);
    write(cell.label, told.only ? pick(told.name) : `${pick(told.name)} ${pick(told.title)}`);
    write(cell.limit, told.limits.length > 0 ? say("limit_said", { limit: told.limits.map(pick).join(say("and")) }) : "");
    write(cell.share, this.shareSaid(told.within));
    this.showAge(cell);
  }

  /** 「この直の 97.4 % が基準内(外れ 15分)」 */
  shareSaid(within) {
    if (!within) return "";
    const share = `${decimal(Math.floor(within.share * 1000 + 1e-9) / 10)} %`;
    const said = say(this.station.shift ? "within_shift" : "within_day", { share });
    return within.beyond_s > 0 ? `${said}${say("beyond_for", { long: duration(within.beyond_s) })}` : said;
  }

  /** A value that is not of now is none: when it was the last time is said beside. */
  showAge(cell) {
    const { told } = cell;
    const silent = isSilent(told);
    cell.root.dataset.silent = silent ? "yes" : "no";
    cell.root.dataset.beyond = !silent && told.beyond ? "yes" : "no";
    cell.value.dataset.value = silent || !known(told.v) ? "" : told.v;
    write(cell.value, silent ? say(told.output ? "output_unknown" : "no_value") : written(told));
    write(cell.unit, silent || told.said ? "" : told.unit);
    write(cell.age, ageSaid(told, silent));
  }
}

function written(told) {
  if (told.said) return pick(told.said);
  return known(told.decimals) ? decimal(told.v, told.decimals).replace("-", "−") : brief(told.v);
}

function ageSaid(told, silent) {
  if (!told.at) return "";
  const ago = say("ago", { time: duration((now() - Date.parse(told.at)) / 1000) });
  if (silent) return say("last_value", { at: hourMinute(told.at), value: `${written(told)} ${told.said ? "" : told.unit}`.trim() });
  return told.output ? say("since_time", { time: hourMinute(told.at) }) : ago;
}

/** Nobody knows what an output is that cannot be reached or does not work. */
function lostOf(station, told) {
  const name = `${station.station}/${told.sensor}`;
  return told.output && (station.signals ?? []).some(({ kind, outputs }) => kind === "failsafe" && outputs.includes(name));
}

/** An output says what it is when that changes, and is not silent in between. */
function isSilent(told) {
  if (told.output) return !told.at;
  return !told.at || (known(told.silent_s) && now() - Date.parse(told.at) > told.silent_s * 1000);
}

/** What has a limit comes first, then numbers, then levels and lamps, then outputs. */
function rank(told) {
  if (told.limits.length > 0) return 0;
  return told.output ? 3 : told.kind === "number" ? 1 : 2;
}

function shapeOf(key) {
  if (OF_SIGNALS[key]) return signalShape(OF_SIGNALS[key]);
  const d = SHAPES[key];
  if (!d) return svg("svg", { viewBox: "0 0 100 100", class: "shape", "aria-hidden": "true" }, svg("path", { d: "M14 44 H86 V56 H14 Z" }));
  return svg("svg", { viewBox: "0 0 100 100", class: "shape", "aria-hidden": "true" }, svg("path", { d, "fill-rule": "evenodd" }));
}
