// What the line offers to be asked about: stations, figures, series, products' names in the language spoken.

import { dayOf, plusDays } from "./analysis_days.js";
import { now } from "./clock.js";
import { phaseName, pick, say } from "./language.js";
import { WORDS } from "./words.js";

/** Figures of a station that have a better side, in the order in which people ask. Their titles are the server's. */
const FIGURES = ["cycle_time_s", "throughput_per_h", "good_quantity", "kadoritsu", "oee", "availability", "effectiveness",
  "quality_ratio", "first_pass_ratio", "scrap_quantity", "labour_pieces_per_h"];
/** Parts of a figure; named here, for the server names only whole ones. */
const PARTS = ["stops.minor.count", "stops.minor.total_s", "stops.downtime.count", "stops.downtime.total_s"];
const NUMBERS = ["number", "total", "level"];
/** People press these when something happens; they are no measurements to compare. */
const PRESSED = ["button", "barcode", "keypad"];

let line = {};
let events = [];

export function setAnalysedLine(body, found) {
  line = body;
  events = found ?? [];
}

export function stations() {
  return Object.entries(line.stations ?? {}).map(([id, { name }]) => [id, pick(name) || id]);
}

export function stationName(id) {
  return pick(line.stations?.[id]?.name) || id;
}

/** What makes the line's output: the last station of the flow, else the last one. */
export function firstStation() {
  const improved = improvements().at(-1)?.station;
  return improved in (line.stations ?? {}) ? improved : stations()[0]?.[0];
}

export function phases(station) {
  const sensors = Object.values(line.stations?.[station]?.sensors ?? {});
  return [...new Set(sensors.map(({ role }) => role).filter((role) => role?.startsWith("phase:")).map((role) => role.slice(6)))];
}

/** [[kpi, title]] of a station: its phases first. */
export function figures(station) {
  const of_phases = phases(station).map((phase) => [`phases.${phase}`, say("phase", { phase: phaseName(phase) })]);
  const known = FIGURES.filter((key) => line.kpis?.[key]).map((key) => [key, pick(line.kpis[key].title)]);
  return [...of_phases, ...known, ...PARTS.map((key) => [key, titleOf(key)])];
}

function titleOf(key) {
  const word = `figure_${key.replaceAll(".", "_")}`;
  return WORDS[word] ? say(word) : key;
}

/** Whether a figure (or "series:…") has a value for each piece or reading: times of a cycle, of its phases, measurements. */
export function isOfPieces(figure) {
  return figure === "cycle_time_s" || /^(phases\.|series:)/.test(figure);
}

/** A text of the service with the names of its figures as people know them. */
export function titlesIn(text) {
  const titled = (id) => say("quoted", { text: pick(line.kpis[id].title) });
  const ids = Object.keys(line.kpis ?? {}).filter((id) => id.includes("_"));
  const named = ids.reduce((said, id) => said.replace(new RegExp(`\\b${id}\\b`, "g"), () => titled(id)), text);
  return line.kpis?.phases ? named.replace(/\bphases\.…/g, () => titled("phases")) : named;
}

/** [[station/sensor/measure, title]] of all that is measured. */
export function series(station = null, kinds = NUMBERS) {
  const found = [];
  for (const [id, { name, sensors }] of Object.entries(line.stations ?? {}))
    for (const [sensor, { measures, type, role }] of Object.entries(sensors ?? {}))
      for (const [measure, { kind, title }] of Object.entries(measures ?? {}))
        if ((station === null || station === id) && kinds.includes(kind) && !PRESSED.includes(type) && !sensor.startsWith("_"))
          found.push([`${id}/${sensor}/${measure}`, seriesTitle(name ?? id, sensor, title, measure, role)]);
  return found;
}

function seriesTitle(name, sensor, title, measure, role) {
  return say("series_title", { station: pick(name), measure: pick(title) || measure, sensor: roleWord(role) ?? sensor });
}

function roleWord(role) {
  if (role?.startsWith("phase:")) return phaseName(role.slice(6));
  return { cycle: say("role_cycle"), scrap: say("scrap_quantity") }[role] ?? null;
}

export function lossesKnown() {
  return line.kpis ?? {};
}

export function productTitle(product) {
  const known = (line.products ?? []).find((each) => each.id === product);
  return product === null ? "" : pick(known?.name) || product;
}

export function improvements(station = null) {
  return events
    .filter((each) => each.kind === "improvement" && (station === null || [null, undefined, station].includes(each.station)))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** The last whole day of the line. */
export function yesterday() {
  return plusDays(dayOf(now()), -1);
}
