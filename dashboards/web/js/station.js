// One station's card: built once, then only its texts change, in place.

import { hourMinute, now, secondsSince, toTheSecond } from "./clock.js";
import { showBasis } from "./basis.js";
import { el, write } from "./dom.js";
import { phaseName, pick, say } from "./language.js";
import { agreedBehind, ownBreaks, productName } from "./line.js";
import { decimal, duration, known, percent, signed, whole } from "./numbers.js";
import { Signals } from "./signals.js";
import { shape, stateKey } from "./states.js";

const ENOUGH_COVERAGE = 0.95;
const BEYOND_COUNT = "correction_beyond_count";
const TELLING_COVERAGE = 0.8; // below it a difference says nothing of the floor, and is no alarm

// Ahead is no merit without end: what nobody asked for yet is overproduction (TPS). More than a tenth of the plan so far
// and at least ten pieces ahead is shown in a neutral colour with the words for it; less than that is on plan.
const MUCH_AHEAD = 0.1;
const MUCH_AHEAD_PIECES = 10;

// The rows of the basis that belong to a figure.
const ROWS = {
  produced_quantity: ["window", "products", "source", "reconciled", "warnings"],
  difference: ["window", "demand", "planned_time", "planned", "source", "scrap_source", "reconciled", "warnings"],
  last_cycle_s: ["short", "window", "products", "ideal", "source", "without_reason", "warnings"],
  scrap_quantity: ["window", "products", "scrap_source", "warnings"],
  coverage: ["window", "planned_time", "planned", "no_data_min", "warnings"],
  phases: ["window", "products", "warnings"],
};

export class StationCard {
  constructor(station) {
    this.station = station;
    this.figures = new Map();
    this.phases = Object.keys(station.phases ?? {});
    this.signals = new Signals();
    this.root = el("article", { class: "station", "data-station": station.station });
    this.build();
    this.show(station);
  }

  /** Whether this card can show the station, or a new one must be built (a phase was added). */
  fits(station) {
    return !Array.isArray(station.measures) && Object.keys(station.phases ?? {}).join() === this.phases.join();
  }

  /** Name, state and how long; what every card has. */
  buildHead() {
    this.name = el("h2", { class: "station-name" });
    this.mode = el("span", { class: "station-mode", hidden: true });
    this.stateWord = el("span", { class: "state-word", "data-figure": "state" });
    this.stateFor = el("span", { class: "state-for", "data-figure": "state_for" });
    this.shapeBox = el("span", { class: "shape-box" });
    const said = el("button", { class: "state-said", type: "button", onclick: () => this.explainState() },
      this.stateWord, this.stateFor);
    const named = el("div", { class: "name-line" }, this.name, this.mode, el("span", { class: "virtual-mark" }));
    this.note = el("p", { class: "station-note", hidden: true });
    return el("div", { class: "state" }, this.shapeBox, el("div", { class: "state-text" }, named, said));
  }

  build() {
    const state = this.buildHead();
    this.bar = el("div", { class: "bar", role: "img" }, el("span", { class: "bar-done" }), el("span", { class: "bar-due" }));
    this.planText = el("span", { class: "plan-text" });
    const plan = el("div", { class: "plan" }, this.bar, this.planText);
    const small = [this.figure("last_cycle_s"), ...this.phases.map((phase) => this.figure(`phase:${phase}`)),
      this.figure("scrap_quantity"), this.figure("coverage")];
    this.root.append(state, this.signals.root, this.note,
      el("div", { class: "big" }, this.figure("produced_quantity"), this.figure("difference")),
      plan, el("div", { class: "small" }, ...small));
  }

  /** A figure is a button: label, value, unit, a line below. */
  figure(name) {
    const value = el("span", { class: "value", "data-figure": name });
    const parts = { value, label: el("span", { class: "label" }), unit: el("span", { class: "unit" }),
      below: el("span", { class: "below" }) };
    parts.root = el("button", { class: "figure", type: "button", "data-of": name, onclick: () => this.explain(name) },
      parts.label, el("span", { class: "value-line" }, value, parts.unit), parts.below);
    this.figures.set(name, parts);
    return parts.root;
  }

  show(station) {
    this.station = station;
    write(this.name, pick(station.name) || station.station);
    this.signals.show(station.signals);
    this.root.dataset.signals = station.signals?.length ? "yes" : "no";
    this.showState();
    this.showMode();
    this.set("produced_quantity", say("produced_quantity"), station.produced_quantity, whole, say("pieces"),
      station.product ? productName(station.product) : "");
    this.fit("produced_quantity", 5);
    this.showDifference();
    this.showPlan();
    this.set("last_cycle_s", say("last_cycle_s"), station.last_cycle_s, decimal, say("s"), this.besideCycle());
    for (const phase of this.phases) this.showPhase(phase);
    this.set("scrap_quantity", say("scrap_quantity"), station.scrap_quantity, whole, say("pieces"),
      `${say("good_quantity")} ${whole(station.good_quantity)} ${say("pieces")}`);
    this.set("coverage", say("coverage"), station.coverage, (each) => percent(each).replace(" %", ""), "%", this.lastPiece());
    this.showNote();
  }

  set(name, label, raw, write_, unit, below = "") {
    const parts = this.figures.get(name);
    if (!parts) return;
    write(parts.label, label);
    parts.value.dataset.value = known(raw) ? raw : "";
    if (write(parts.value, write_(raw)) && parts.shown) flash(parts.value);
    parts.shown = true;
    write(parts.unit, known(raw) ? unit : "");
    write(parts.below, below);
    parts.root.setAttribute("aria-label", `${label} ${parts.value.textContent} ${unit}`);
  }

  /** Many signs are written smaller, "12,043" must not run into its neighbour: above `signs` much, above `easy` a little. */
  fit(name, signs, easy = signs) {
    const { value } = this.figures.get(name);
    const { length } = value.textContent;
    value.dataset.long = length > signs ? "yes" : length > easy ? "some" : "no";
  }

  showState() {
    const key = stateKey(this.station.state);
    if (this.root.dataset.state !== key) {
      this.root.dataset.state = key;
      this.shapeBox.replaceChildren(shape(key));
    }
    this.stateWord.dataset.value = key;
    write(this.stateWord, say(key));
    this.tick();
  }

  /** Set-up, trial or maintenance, while it lasts. */
  showMode() {
    const { mode } = this.station;
    this.root.dataset.mode = mode?.key ?? "production";
    this.mode.hidden = !mode;
    write(this.mode, modeSaid(mode));
  }

  /** Once a second: how long it stands. */
  tick() {
    const since = this.station.state?.since;
    write(this.stateFor, since ? duration(secondsSince(since)) : "");
    this.signals.tick();
  }

  showDifference() {
    const { difference, plan_so_far } = this.station;
    const parts = this.figures.get("difference");
    this.set("difference", say("difference"), difference, signed, say("pieces"));
    this.fit("difference", 4, 3);
    const unsure = known(difference) && this.seesLittle();
    const side = unsure ? "unsure" : sideOf(difference, plan_so_far);
    parts.root.dataset.side = side;
    const words = { late: "behind", behind: "behind", over: "ahead" };
    write(parts.below, words[side] ? say(words[side]) : "");
  }

  showPlan() {
    const { plan, plan_so_far, good_quantity, difference } = this.station;
    const said = say("plan_said", { so_far: whole(plan_so_far), plan: whole(plan) });
    const beside = known(good_quantity) ? say("good_and_plan", { good: whole(good_quantity), plan: said }) : said;
    const text = known(plan) ? beside : say("no_plan"); // the difference is of good pieces, the big number of all
    write(this.planText, text);
    this.bar.setAttribute("aria-label", text);
    this.bar.hidden = !known(plan) || plan <= 0;
    if (this.bar.hidden) return;
    const share = (pieces) => `${Math.min(100, Math.max(0, (100 * pieces) / plan))}%`;
    this.bar.children[0].style.width = share((plan_so_far ?? 0) + (difference ?? 0));
    this.bar.children[1].style.insetInlineStart = share(plan_so_far ?? 0);
  }

  showPhase(phase) {
    const measured = this.station.phases?.[phase] ?? {};
    const below = known(measured.median) ? `${say("median")} ${decimal(measured.median)} ${say("s")}` : "";
    this.set(`phase:${phase}`, say("phase", { phase: phaseName(phase) }), measured.last_s, decimal, say("s"), below);
  }

  besideCycle() {
    const { ideal_cycle_s, cycle_time_s } = this.station;
    const ideal = known(ideal_cycle_s) ? [`${say("ideal_cycle_s")} ${decimal(ideal_cycle_s)}`] : [];
    const middle = known(cycle_time_s?.median) ? [`${say("median")} ${decimal(cycle_time_s.median)}`] : [];
    return [...ideal, ...middle].join(" / ");
  }

  takt() {
    const { takt_time_s } = this.station;
    return known(takt_time_s) ? `${say("takt_time_s")} ${decimal(takt_time_s)} ${say("s")}` : "";
  }

  lastPiece() {
    const at = this.station.last_piece_at;
    return at ? `${say("last_piece_at")} ${toTheSecond(at)}` : "";
  }

  showNote() {
    const { coverage, shift } = this.station;
    const poor = known(coverage) && coverage < ENOUGH_COVERAGE;
    this.root.dataset.coverage = poor ? "poor" : "good";
    const notes = [
      ...(this.station.doubtful ? [pick(this.station.doubtful)] : []),
      ...(this.station.basis?.warnings ?? []).filter(({ code }) => code === BEYOND_COUNT).map(pick),
      ...(this.waitsForFirst() ? [say("no_piece_yet")] : []),
      ...(poor ? [this.seesLittle() ? say("coverage_reference", { coverage: percent(coverage) }) : say("reference_why")] : []),
      ...(this.isOver() ? [say("shift_over", shiftWords(shift))] : []),
    ];
    this.note.hidden = notes.length === 0;
    write(this.note, notes.join(" "));
  }

  explainState() {
    this.explainBy(say("state_help"), { state_since: this.station.state?.since ?? null });
  }

  explainBy(formula, basis) {
    showBasis({ title: `${pick(this.station.name)} ${say("state")}`, value: this.stateWord.textContent,
      unit: this.stateFor.textContent, formula, basis });
  }

  explain(name) {
    const parts = this.figures.get(name);
    const phase = name.startsWith("phase:") ? name.slice(6) : null;
    const of = this.station.basis ?? {};
    const field = phase ? "phases" : name;
    const own = of[name] ?? (phase ? (of[`phases.${phase}`] ?? of.phases) : undefined);
    showBasis({ title: `${pick(this.station.name)} ${parts.label.textContent}`, field, phase,
      value: parts.value.textContent, unit: parts.unit.textContent, basis: own ?? this.rows(of, ROWS[field]),
      figures: name === "difference" ? this.differenceFigures() : "",
      notes: [parts.below.textContent, name === "last_cycle_s" ? this.takt() : "",
        name === "difference" ? this.breaks() : "", this.note.hidden ? "" : this.note.textContent] });
  }

  rows(basis, keys) {
    const own = keys.filter((key) => key in basis).map((key) => [key, basis[key]]);
    return Object.fromEntries([...own, ["final_why", basis.final_why]]);
  }

  seesLittle() {
    const { coverage } = this.station;
    return known(coverage) && coverage < TELLING_COVERAGE;
  }

  /** In a shift and before its first piece, where pieces are counted; of a person's station that is not told. */
  waitsForFirst() {
    const { state, produced_quantity, last_piece_at } = this.station;
    const hidden = ["in_shift", "no_shift", "no_data"].includes(stateKey(state));
    return !hidden && produced_quantity === 0 && !last_piece_at && !this.isOver();
  }

  isOver() {
    const end = this.station.shift?.end;
    return Boolean(end) && Date.parse(end) <= now();
  }

  /** 422 − 203 = +219 */
  differenceFigures() {
    const { good_quantity, plan_so_far, difference } = this.station;
    if (![good_quantity, plan_so_far, difference].every(known)) return "";
    if (Math.round(good_quantity - plan_so_far) !== Math.round(difference)) return ""; // rounding would look like an error
    return `${whole(good_quantity)} − ${whole(plan_so_far)} = ${signed(difference)}`;
  }

  /** Why two stations of one plan may have different plans so far. */
  breaks() {
    const breaks = ownBreaks(this.station.station, this.station.shift?.name);
    return breaks === null ? "" : say("own_breaks", { breaks: breaks || say("no_breaks") });
  }
}

/** late, behind, ahead (on plan or a little more), over (much more than is wanted so far), none (not known). */
function sideOf(difference, plan_so_far) {
  if (!known(difference)) return "none";
  const so_far = plan_so_far ?? Infinity;
  if (difference < -agreedBehind() * so_far) return "late";
  if (Math.round(difference) < 0) return "behind";
  return difference >= MUCH_AHEAD_PIECES && difference > MUCH_AHEAD * so_far ? "over" : "ahead";
}

/** 「保全中 9:12〜」; nothing in production. */
export function modeSaid(mode) {
  return mode ? say("mode_since", { mode: say(`mode_${mode.key}`), time: hourMinute(mode.since) }) : "";
}

export function shiftWords(shift) {
  return { name: pick(shift.name), start: hourMinute(shift.start), end: hourMinute(shift.end) };
}

const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** A short mark on what just changed; the figure itself is already the new one. */
function flash(element) {
  if (!calm.matches) element.animate([{ opacity: 0.35 }, { opacity: 1 }], { duration: 400, easing: "ease-out" });
}
