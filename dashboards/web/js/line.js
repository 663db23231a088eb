// What line.toml says and the cards need: names of products, agents, each station's own breaks (GET /line).

import { language, pick, setPhaseNames } from "./language.js";

let line = {};

export function setLine(body) {
  line = body ?? {};
  setPhaseNames(Object.fromEntries(Object.values(line.stations ?? {}).flatMap(namedPhases)));
}

function namedPhases(station) {
  const named = Object.entries(station.sensors ?? {}).filter(([id, { role, name }]) => role?.startsWith("phase:") && name && name !== id);
  return named.map(([, { role, name }]) => [role.slice("phase:".length), name]);
}

/** 「ブラケットA」 for "a-100"; a product without a name keeps its id. */
export function productName(product) {
  const id = product?.id ?? product;
  const known = (line.products ?? []).find((each) => each.id === id);
  return pick(product?.name ?? known?.name) || (id ?? "");
}

/** How far behind the plan so far is an alarm, as a fraction: what line.toml says was agreed. */
export function agreedBehind() {
  return (line.alarm?.percent ?? 5) / 100;
}

/** How `kojo report` begins on the server's machine, and its data directory; only operators are told. */
export function reportOfLine() {
  return line.report ?? null;
}

/** The agents that the line expects to hear. */
export function agentsOfLine() {
  const own = Object.values(line.stations ?? {}).map((station) => station.agent);
  return [...new Set(own.filter(Boolean))];
}

/** What people call a sensor or output of a station: its name in line.toml, else its id. */
export function deviceName(station, id) {
  const { sensors, outputs } = line.stations?.[station] ?? {};
  return sensors?.[id]?.name ?? outputs?.[id]?.name ?? id;
}

function minutes(time) {
  const [h, min] = time.split(":").map(Number);
  return h * 60 + min;
}

function within(span, shift) {
  const day = 24 * 60;
  const length = (minutes(shift.end) - minutes(shift.start) + day) % day || day;
  return (minutes(span.split("-")[0]) - minutes(shift.start) + day) % day < length;
}

/** The breaks of a station in a shift, as written: "10:00–10:10、12:00–13:00". */
function breaksOf(station, shift) {
  const spans = (line.stations?.[station]?.breaks ?? shift.breaks ?? []).filter((span) => within(span, shift));
  return spans.map((span) => span.replace("-", "–")).join(language() === "ja" ? "、" : ", ");
}

/** The station's breaks if another station of the line has others in this shift (their plans so far differ); else null. */
export function ownBreaks(station, shiftName) {
  const shift = (line.shifts ?? []).find((each) => each.name === shiftName);
  if (!shift || !line.stations?.[station]) return null;
  const own = breaksOf(station, shift);
  const differs = Object.keys(line.stations).some((other) => breaksOf(other, shift) !== own);
  return differs ? own : null;
}

/** The reasons for stops, in the order of line.toml: [{id, name, loss, planned}]. */
export function reasonsOfLine() {
  return line.reasons ?? [];
}

/** The shifts of the line, in the order of line.toml. */
export function shiftsOfLine() {
  return line.shifts ?? [];
}

/** 「材料なし」 for "no-material"; a reason that the line does not know keeps its id. */
export function reasonName(id) {
  return pick(reasonsOfLine().find((each) => each.id === id)?.name) || (id ?? "");
}
