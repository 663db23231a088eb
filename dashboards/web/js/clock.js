// The line's time, by the server's clock: a wall screen with a wrong clock must not invent the length of a stop.

let ahead_ms = 0;
let zone; // the line's time zone; until it is known, the screen's own

export function setClock(serverNow) {
  const at = Date.parse(serverNow);
  if (Number.isFinite(at)) ahead_ms = at - Date.now();
}

export function setZone(timezone) {
  zone = timezone || undefined;
}

export function lineZone() {
  return zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Milliseconds since the epoch on the server's clock. */
export function now() {
  return Date.now() + ahead_ms;
}

export function secondsSince(at) {
  return (now() - Date.parse(at)) / 1000;
}

function write(at, options) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "—";
  return new Intl.DateTimeFormat("ja-JP", { timeZone: zone, hourCycle: "h23", ...options }).format(date);
}

/** 14:05 */
export function hourMinute(at) {
  return write(at, { hour: "2-digit", minute: "2-digit" });
}

/** 14:05:32 */
export function toTheSecond(at) {
  return write(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/** 11/7 */
export function monthDay(at) {
  return write(at, { month: "numeric", day: "numeric" });
}

/** 11/7 14:05 */
export function dayAndTime(at) {
  return `${monthDay(at)} ${hourMinute(at)}`;
}
