// The calls of the KPI service (docs: /openapi.json). Every answer comes in time or is an error with words.

import { pick } from "./language.js";

const TIMEOUT_MS = 10_000;
const ROOT = "/api/v1";

export class ServerError extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
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
  if (!answer.ok) throw new ServerError(answer.status, pick(body) || body?.detail || `HTTP ${answer.status}`);
  return body;
}

function tell(path, body) {
  const headers = { "Content-Type": "application/json" };
  return call(path, { method: "POST", headers, body: JSON.stringify(body) });
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
  demo: () => call("/demo"),
  events: () => call("/events"),
  cycles: (station, start, end) => call(query("/cycles", { station, start: instant(start), end: instant(end) })),
  readings: (series, start, end, points) =>
    call(query("/readings", { ...series, start: instant(start), end: instant(end), points })),
  kpi: (start, end, by) => call(query("/kpi", { start: instant(start), end: instant(end), by }), {}, 60_000),
  improve: (improved) => tell("/demo/improve", { improved }),
  addEvent: (event) => tell("/events", event),
};

export const LIVE = `${ROOT}/live`;
