// The calls of the KPI service (docs: /openapi.json). Every answer comes in time or is an error with words.

import { pick } from "./language.js";

const TIMEOUT_MS = 10_000;
const LONG_MS = 60_000; // questions of weeks
const ROOT = "/api/v1";

/** `words`: both languages where the server said them; `kind`: what sort of problem, such as "windows-overlap". */
export class ServerError extends Error {
  constructor(status, words, kind = "") {
    super(pick(words));
    this.status = status;
    this.words = words;
    this.kind = kind;
  }

  get locked() {
    return this.status === 401 || this.status === 403;
  }
}

async function call(path, options = {}, timeout_ms = TIMEOUT_MS) {
  let answer;
  try {
    answer = await fetch(ROOT + path, { cache: "no-store", signal: AbortSignal.timeout(timeout_ms), ...options });
  } catch (error) {
    throw new ServerError(0, String(error.message ?? error));
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw refusal(answer.status, body);
  return body;
}

/** The error of an answer that is none. */
export function refusal(status, body) {
  const kind = String(body?.type ?? "").split(":").at(-1);
  const words = body?.ja || body?.en ? { ja: body.ja ?? body.en, en: body.en ?? body.ja } : body?.detail || `HTTP ${status}`;
  return new ServerError(status, words, kind);
}

function tell(path, body, method = "POST") {
  const headers = { "Content-Type": "application/json" };
  return call(path, { method, headers, body: JSON.stringify(body) });
}

function query(path, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined);
  return `${path}?${new URLSearchParams(given)}`;
}

function instant(ms) {
  return new Date(ms).toISOString();
}

export const server = {
  wall: () => call("/wall"),
  line: () => call("/line"),
  status: (timeout_ms) => call("/status", {}, timeout_ms),
  quarantine: () => call(query("/quarantine", { limit: 200 })),
  replay: (ids) => tell("/quarantine/replay", { ids }),
  discard: (ids) => tell("/quarantine/discard", { ids }),
  demo: () => call("/demo"),
  events: () => call("/events"),
  cycles: (station, start, end) => call(query("/cycles", { station, start: instant(start), end: instant(end) })),
  readings: (series, start, end, points) =>
    call(query("/readings", { ...series, start: instant(start), end: instant(end), points })),
  kpi: (start, end, by) => call(query("/kpi", { start: instant(start), end: instant(end), by }), {}, LONG_MS),
  ask: (path, parameters) => call(query(path, parameters), {}, LONG_MS),
  correlate: (table, in_time_order) =>
    call(query("/correlation/table", { in_time_order }), { method: "POST", headers: { "Content-Type": "text/csv" }, body: table }, LONG_MS),
  register: (evaluation) => tell("/evaluations", evaluation),
  improve: (improved) => tell("/demo/improve", { improved }),
  addEvent: (event) => tell("/events", event),
  board: (asked) => call(query("/board", asked)),
  stops: (asked) => call(query("/stops", asked), {}, 60_000),
  figures: (asked) => call(query("/kpi", asked)),
  reconciliations: (asked) => call(query("/reconciliations", asked), {}, 60_000),
  entries: (asked) => call(query("/entries", asked)),
  withdraw: (entry) => tell("/entries/withdraw", entry),
  addReason: (reason) => tell("/stops/reason", reason),
  addCorrection: (correction) => tell("/corrections", correction),
  checkCorrection: (correction) => tell("/corrections/check", correction),
  reconcile: (tally) => tell("/reconciliations", tally),
  setMode: (mode) => tell("/modes", mode),
  mute: (station, minutes) => tell("/alarms/mute", { station, minutes }),
  setPlan: (plan) => tell("/plans", plan, "PUT"),
};

export const LIVE = `${ROOT}/live`;
