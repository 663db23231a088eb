// Before and after an improvement, by days: the numbers only. No claim of an effect is made here (see /evaluation).
// The rules of a valid day are those of the evaluation in the contract.

import { known, median } from "./numbers.js";

export const ENOUGH_DAYS = 5;
const ENOUGH_PIECES = 30;
const ENOUGH_COVERAGE = 0.95;
const DAY_MS = 86_400_000;
export const DAYS_BACK = 35;

/** The improvements among the events that concern a station, oldest first. */
export function improvements(answer, station) {
  return answer.events
    .filter((each) => each.kind === "improvement" && [null, undefined, station].includes(each.station))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/**
 * The days of a station in an answer of /kpi, as {start, end, value, n, coverage, side, valid, why}; `why` is the word
 * for what keeps a day out, null for a valid one. `change`: {from, at, to},
 * the change before, the one looked at, the one after (ms since the epoch): a day outside belongs to neither side.
 * The answer's first and last day are cut by its window, so they are no whole days.
 */
export function daysOf(answer, station, phase, change) {
  const edges = [answer.start, answer.end].map((each) => Date.parse(each));
  return bucketsOf(answer, station)
    .filter((bucket) => bucket.planned_time_s === undefined || bucket.planned_time_s > 0)
    .map((bucket) => dayOf(bucket, phase, change, edges))
    .filter((day) => known(day.value));
}

/** Each change with its neighbours, newest first: {text, from, at, to}. */
export function changesOf(marks) {
  const at = marks.map((mark) => Date.parse(mark.at));
  return marks
    .map((mark, i) => ({ text: mark.text, from: at[i - 1] ?? -Infinity, at: at[i], to: at[i + 1] ?? Infinity }))
    .reverse();
}

function sideOfDay(start, end, { from, at, to }) {
  if (start >= from && end <= at) return "before";
  if (start >= at && end <= to) return "after";
  return "mixed";
}

function bucketsOf(answer, station) {
  return answer.stations.find((each) => each.station === station)?.buckets ?? [];
}

function dayOf(bucket, phase, change, [first, last]) {
  const [start, end] = [Date.parse(bucket.start), Date.parse(bucket.end)];
  const measured = bucket.phases?.[phase] ?? {};
  const side = sideOfDay(start, end, change);
  const day = { start, end, value: measured.median, n: measured.count ?? 0, coverage: bucket.coverage, side };
  const why = whyLeftOut(day, start > first && end < last, change);
  return { ...day, valid: why === null, why };
}

function whyLeftOut({ start, end, n, coverage, side }, whole, { at }) {
  if (side === "mixed") return start < at && at < end ? "left_out_change" : "left_out_other";
  if (!whole) return "left_out_unfinished";
  if ((coverage ?? 0) < ENOUGH_COVERAGE) return "left_out_coverage";
  return n < ENOUGH_PIECES ? "left_out_pieces" : null;
}

/** How many days each reason keeps out: [[word, n]]. */
function countedReasons(days) {
  const counts = new Map();
  for (const { why } of days) if (why) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts];
}

/** Line output, pieces an hour, of the days that count: {start -> value}. */
export function outputOf(answer, station) {
  const days = bucketsOf(answer, station).filter((bucket) => known(bucket.throughput_per_h));
  return new Map(days.map((bucket) => [Date.parse(bucket.start), bucket.throughput_per_h]));
}

function sideOf(days, side, output) {
  const valid = days.filter((day) => day.valid && day.side === side);
  const outputs = valid.map((day) => output.get(day.start)).filter(known);
  return {
    days: valid.length,
    n: valid.reduce((sum, day) => sum + day.n, 0),
    median: median(valid.map((day) => day.value)),
    output: median(outputs),
    coverage: valid.length ? Math.min(...valid.map((day) => day.coverage)) : null,
  };
}

/** {before, after, difference, share, output_share, few, left_out}; null where a side is missing. */
export function summary(days, output) {
  const before = sideOf(days, "before", output);
  const after = sideOf(days, "after", output);
  const both = known(before.median) && known(after.median);
  const outputs = known(before.output) && known(after.output) && before.output > 0;
  return {
    before,
    after,
    difference: both ? after.median - before.median : null,
    share: both && before.median > 0 ? after.median / before.median - 1 : null,
    output_share: outputs ? after.output / before.output - 1 : null,
    few: before.days < ENOUGH_DAYS || after.days < ENOUGH_DAYS,
    left_out: days.filter((day) => !day.valid).length,
    reasons: countedReasons(days),
  };
}

/** From which instant on days are asked for. */
export function lookBack(now) {
  return now - DAYS_BACK * DAY_MS;
}
