// Plain measurements: what a sensor without a role says, as one tile for each measure. The line's file decides which.

import { dayAndTime, hourMinute, now, toTheSecond } from "./clock.js";
import { byId, el, write } from "./dom.js";
import { pick, say } from "./language.js";
import { deviceName } from "./line.js";
import { brief, decimal, duration, known } from "./numbers.js";
import { server } from "./server.js";
import { Spark, range } from "./spark.js";

const HOUR_MS = 3_600_000;
const LOOK_BACK_MS = [HOUR_MS, 24 * HOUR_MS, 30 * 24 * HOUR_MS]; // further only where nothing came lately
const POINTS = 200;
const SLOT_MS = HOUR_MS / (POINTS / 2 - 1); // thinned points lie at most two such slots apart
const MOST_POINTS = 3 * POINTS;
const AT_ONCE = 3; // the other questions of the page must not queue behind these
const DRAW_MS = 5_000;
const ROW = 6;
const KINDS = ["number", "total", "level"];

/** What /line says of measures that stand for themselves: of sensors without a role, numbers only. */
export function plainMeasures(line) {
  const found = [];
  for (const [station, { name, silence_after_s, sensors }] of Object.entries(line.stations ?? {}))
    for (const [sensor, { role, measures }] of Object.entries(sensors ?? {}))
      for (const [measure, told] of Object.entries(measures ?? {}))
        if (!role && !sensor.startsWith("_") && KINDS.includes(told.kind))
          found.push({ station, sensor, measure, name, silence_ms: silence_after_s * 1000 || Infinity, ...told });
  return found;
}

export class Measures {
  constructor() {
    this.tiles = new Map();
    this.drawn_ms = 0;
  }

  /** The line as /line says it: tiles come, stay or go; what was measured lately is asked for. */
  async show(line) {
    const before = this.tiles;
    this.tiles = new Map();
    for (const about of plainMeasures(line)) {
      const tile = new Tile(about);
      const old = before.get(tile.key);
      this.tiles.set(tile.key, old?.same(tile) ? old : tile);
    }
    const tiles = [...this.tiles.values()];
    const box = byId("measure-tiles");
    byId("measures").hidden = tiles.length === 0;
    box.replaceChildren(...tiles.map((tile) => tile.root));
    box.dataset.count = Math.min(tiles.length, ROW);
    if (tiles.length > ROW) box.tabIndex = 0; // what scrolls can be reached by the keyboard
    else box.removeAttribute("tabindex");
    const waiting = [...tiles];
    const ask = async () => {
      for (let tile = waiting.shift(); tile; tile = waiting.shift()) await tile.load();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
  }

  /** Live readings: numbers are written in this very task, lines drawn before the next frame. */
  hear(readings) {
    for (const each of readings ?? []) this.tiles.get(`${each.station}/${each.sensor}/${each.measure}`)?.hear(each);
  }

  tick() {
    const draw = performance.now() - this.drawn_ms > DRAW_MS;
    if (draw) this.drawn_ms = performance.now();
    for (const tile of this.tiles.values()) {
      tile.showTime();
      if (draw) tile.drawSoon();
    }
  }

  speak() {
    for (const tile of this.tiles.values()) tile.show();
  }
}

class Tile {
  constructor(about) {
    this.about = about;
    this.key = `${about.station}/${about.sensor}/${about.measure}`;
    this.points = []; // [{t (ms), v, flagged}], oldest first
    this.newest = null;
    this.asked = false;
    this.thinned = false;
    this.problem = null;
    this.spark = new Spark();
    this.title = el("h3", { class: "measure-title" });
    this.place = el("p", { class: "measure-place" });
    this.value = el("strong", { "data-figure": "value", "data-value": "" });
    this.unit = el("span", { class: "measure-unit" });
    this.mark = el("span", { class: "measure-mark" });
    this.none = el("span", { class: "measure-none" });
    this.time = el("span", { class: "measure-time" });
    this.span = el("span", { class: "measure-span" });
    this.root = el("article", { class: "measure", "data-measure": this.key },
      el("div", { class: "measure-head" }, this.title, this.place),
      el("p", { class: "measure-figure" }, this.value, " ", this.unit, this.none),
      el("div", { class: "measure-line" }, this.spark.root),
      el("p", { class: "measure-foot" }, this.mark, this.time, this.span));
    this.show();
  }

  same(other) {
    return JSON.stringify(this.about) === JSON.stringify(other.about);
  }

  async load() {
    try {
      for (const back_ms of LOOK_BACK_MS) if (await this.take(back_ms)) break;
      this.problem = null;
    } catch (error) {
      this.problem = error;
    }
    this.asked = true;
    this.show();
  }

  /** Whether there were any; what came live meanwhile stays behind them. */
  async take(back_ms) {
    const { station, sensor, measure } = this.about;
    const end = now() + 60_000; // a device's clock may be a little ahead
    const { t, v, flag } = await server.readings({ station, sensor, measure }, end - back_ms, end, POINTS);
    const past = t.map((ns, index) => this.point(ns, v[index], flag?.[index])).filter((point) => known(point.v));
    const since = past.at(-1)?.t ?? -Infinity;
    if (past.length > 0) this.thinned = past.length > POINTS / 2;
    this.points = [...past, ...this.points.filter((point) => point.t > since)];
    this.newest = this.points.at(-1) ?? null;
    return this.newest !== null;
  }

  point(ns, said, flag = 0) {
    const v = Number(said);
    const { low, high } = this.about;
    return { t: ns / 1e6, v, flagged: flag > 0 || (known(low) && v < low) || (known(high) && v > high) };
  }

  /** Readings that come late are in the store; the newest stays on the page. */
  hear(reading) {
    const point = this.point(reading.t, reading.v);
    if (!known(reading.v) || !known(point.v) || point.t <= (this.newest?.t ?? -Infinity)) return;
    this.newest = point;
    this.points.push(point);
    if (this.points.length > MOST_POINTS) this.thin();
    this.showFigure();
    this.showTime();
    this.drawSoon();
  }

  /** The lowest and highest of each stretch of time stay, and nothing older than the line shows. */
  thin() {
    const slots = new Map();
    const from = now() - HOUR_MS;
    for (const point of this.points) {
      if (point.t < from) continue;
      const slot = Math.floor(point.t / SLOT_MS);
      const { low, high } = slots.get(slot) ?? { low: point, high: point };
      slots.set(slot, { low: point.v < low.v ? point : low, high: point.v >= high.v ? point : high });
    }
    this.points = [...new Set([...slots.values()].flatMap(({ low, high }) => [low, high]))].sort((a, b) => a.t - b.t);
    this.thinned = true;
  }

  show() {
    write(this.title, pick(this.about.title) || this.about.measure);
    write(this.place, `${pick(this.about.name) || this.about.station}・${deviceName(this.about.station, this.about.sensor)}`);
    write(this.unit, this.about.unit ?? "");
    this.showFigure();
    this.showTime();
    this.drawSoon();
  }

  showFigure() {
    const value = this.newest?.v;
    write(this.value, this.written(value));
    this.value.dataset.value = known(value) ? value : "";
    this.root.dataset.known = known(value) ? "yes" : "no";
    this.root.dataset.flagged = this.newest?.flagged ? "yes" : "no";
    write(this.mark, this.newest?.flagged ? say("out_of_range") : "");
    write(this.none, known(value) ? "" : this.whyNone());
  }

  whyNone() {
    if (this.problem?.locked) return say("persons");
    if (this.problem) return `${say("failed")}: ${this.problem.message}`;
    return say(this.asked ? "no_value_yet" : "starting");
  }

  written(value) {
    const { decimals } = this.about;
    return known(value) && !known(decimals) ? brief(value) : decimal(value, decimals ?? 0).replace("-", "−");
  }

  /** A value that is not of now says how old it is. */
  showTime() {
    if (!this.newest) return write(this.time, "");
    const { t } = this.newest;
    const age_ms = now() - t;
    const old = age_ms > Math.min(this.about.silence_ms, HOUR_MS);
    const at = age_ms > 12 * HOUR_MS ? dayAndTime(t) : old ? hourMinute(t) : toTheSecond(t);
    this.root.dataset.old = old ? "yes" : "no";
    return write(this.time, old ? say("value_of", { at, ago: say("ago", { time: duration(age_ms / 1000) }) }) : at);
  }

  drawSoon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const { silence_ms, kind, decimals } = this.about;
    const [from, to] = [now() - HOUR_MS, now() + 2000];
    const gap_ms = this.thinned ? Math.max(silence_ms, 2.2 * SLOT_MS) : silence_ms;
    const least = kind === "level" ? 1 : 10 ** (1 - (decimals ?? 0));
    const within = kind === "level" ? [{ v: 0 }, { v: 1 }] : [];
    this.spark.draw(this.points, { from, to, gap_ms, step: kind !== "number", least, within });
    const lately = this.points.filter((point) => point.t >= from);
    const { low, high } = range(lately);
    const values = { low: this.written(low), high: this.written(high) };
    write(this.span, lately.length > 0 && kind === "number" ? say("last_hour_range", values) : "");
  }
}
