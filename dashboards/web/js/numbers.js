// How figures are written: nothing known is "—", never 0; a minus is a minus, not a hyphen.

import { language, say } from "./language.js";

const NOTHING = "—";

function locale() {
  return language() === "ja" ? "ja-JP" : "en-GB";
}

export function known(value) {
  return value !== null && value !== undefined && Number.isFinite(Number(value)) && value !== "";
}

export function whole(value) {
  return known(value) ? Math.round(value).toLocaleString(locale()).replace("-", "−") : NOTHING;
}

/** −18, ±0, +4. */
export function signed(value, decimals = 0) {
  if (!known(value)) return NOTHING;
  const size = Math.abs(value).toLocaleString(locale(), {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  if (Number(Math.abs(value).toFixed(decimals)) === 0) return `±${size}`;
  return (value < 0 ? "−" : "+") + size;
}

export function decimal(value, decimals = 1) {
  if (!known(value)) return NOTHING;
  return Number(value).toLocaleString(locale(), { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A number as it comes, with at most two decimals. */
export function brief(value) {
  return value.toLocaleString(locale(), { maximumFractionDigits: 2 }).replace("-", "−");
}

/** A share in percent, cut and not rounded up: 99.7 % observed is never "100 %". */
export function percent(fraction) {
  return known(fraction) ? `${Math.floor(fraction * 100 + 1e-9)} %` : NOTHING;
}

export function signedPercent(fraction) {
  return known(fraction) ? `${signed(fraction * 100)} %` : NOTHING;
}

/** How long something lasts, as the floor says it: 42秒, 3分05秒, 25分, 1時間12分. */
export function duration(seconds) {
  if (!known(seconds)) return NOTHING;
  const all = Math.max(0, Math.floor(seconds));
  const min = Math.floor(all / 60);
  const two = (n) => String(n).padStart(2, "0");
  if (all < 60) return say("for_s", { s: all });
  if (min < 10) return say("for_min_s", { min, s: two(all % 60) });
  if (min < 60) return say("for_min", { min });
  if (min < 24 * 60) return say("for_h_min", { h: Math.floor(min / 60), min: two(min % 60) });
  return say("for_days", { d: Math.floor(min / 1440), h: Math.floor((min % 1440) / 60) });
}

/** How long it stands, as a stopwatch shows it: 0:52, 12:05, 1:02:05. */
export function stopwatch(seconds) {
  const all = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const [h, min, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return h ? `${h}:${two(min)}:${two(s)}` : `${min}:${two(s)}`;
}

export function median(values) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
