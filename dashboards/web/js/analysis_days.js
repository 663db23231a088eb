// The line's days: a day begins at its day_starts ("08:00"), in the line's time zone. Days are written "2026-11-08".

import { lineZone } from "./clock.js";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
let starts = "00:00";

export function setDayStarts(time) {
  starts = /^\d\d:\d\d/.exec(time ?? "")?.[0] ?? "00:00";
}

/** The line's day in which an instant (ms since the epoch) lies. */
export function dayOf(ms) {
  const [h, min] = starts.split(":").map(Number);
  const parts = { timeZone: lineZone(), year: "numeric", month: "2-digit", day: "2-digit" };
  return new Intl.DateTimeFormat("sv-SE", parts).format(new Date(ms - (h * 60 + min) * MINUTE_MS));
}

export function plusDays(day, n) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + n * DAY_MS).toISOString().slice(0, 10);
}

/** How many days from one to another. */
export function daysBetween(first, last) {
  return Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS);
}

/** When a day of the line begins, as the service reads it: "2026-11-08T08:00:00+09:00". */
export function startOf(day) {
  const guess = Date.parse(`${day}T${starts}:00Z`);
  const offset = offsetAt(guess - minutesOf(offsetAt(guess)) * MINUTE_MS);
  return `${day}T${starts}:00${offset}`;
}

/** {start, end} of the days from `first` to `last`, the last one included; null where one is not given. */
export function windowOf(first, last) {
  return { start: first ? startOf(first) : null, end: last ? startOf(plusDays(last, 1)) : null };
}

/** The calendar month of a day: {first, last}. */
export function monthOf(day) {
  const first = `${day.slice(0, 7)}-01`;
  const next = `${plusDays(first, 31).slice(0, 7)}-01`;
  return { first, last: plusDays(next, -1) };
}

function offsetAt(ms) {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: lineZone(), timeZoneName: "longOffset" }).formatToParts(new Date(ms));
  const said = parts.find((part) => part.type === "timeZoneName")?.value ?? "";
  return /[+-]\d\d:\d\d/.exec(said)?.[0] ?? "+00:00";
}

function minutesOf(offset) {
  const [h, min] = offset.slice(1).split(":").map(Number);
  return (offset.startsWith("-") ? -1 : 1) * (h * 60 + min);
}
