// The Pareto of stops: what stands for most of the time, the three worst, and failures against four weeks.

import { dayAndTime, now } from "./clock.js";
import { el, svg } from "./dom.js";
import { pick, say } from "./language.js";
import { decimal, duration, percent, whole } from "./numbers.js";
import { server } from "./server.js";

const DAY_MS = 86_400_000;
const WINDOWS = new Map([["of_shift", 0], ["of_week", 7], ["of_four_weeks", 28]]); // days
const MOST_ROWS = 10;
const TOP = 3;
const BAR = { width: 1000, row: 40, thick: 22 };

export class ParetoView {
  constructor(chosen) {
    this.chosen = chosen;
    this.over = "of_shift";
    this.told = null;
    this.live = true;
    this.root = el("div", { class: "pareto" });
  }

  async load() {
    const asked = this.over;
    const told = await server.stops({ station: this.chosen.station, ...(await this.window(asked)) });
    if (asked === this.over) this.told = told;
    this.live = asked === "of_shift"; // weeks do not change while one looks
    if (this.told) this.show();
  }

  /** The shift as the board has it, else so many days until now. */
  async window(over) {
    const { station, date, shift } = this.chosen;
    if (over !== "of_shift") return { start: new Date(now() - WINDOWS.get(over) * DAY_MS).toISOString(), end: new Date(now()).toISOString() };
    const { start, end } = await server.board({ station, date: date || null, shift: (date && shift) || null });
    return { start, end };
  }

  speak() {
    if (this.told) this.show();
  }

  show() {
    const station = this.told.stations[0];
    if (!station) return this.root.replaceChildren(this.choice(), el("p", { class: "hint" }, say("hidden_person")));
    const held = document.activeElement?.dataset?.key;
    this.root.replaceChildren(this.choice(), this.picture(station), this.worst(station), this.compared(station), ...this.repeated(station));
    if (held) this.root.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus();
  }

  choice() {
    const buttons = [...WINDOWS.keys()].map((key) => el("button", { class: "chip", type: "button", "data-key": key,
      "aria-pressed": key === this.over ? "true" : "false", onclick: () => this.choose(key) }, say(key)));
    const { start, end } = this.told;
    return el("div", { class: "tabs", role: "group", "aria-label": say("window") }, ...buttons,
      el("span", { class: "window" }, `${dayAndTime(start)} – ${dayAndTime(end)}`));
  }

  choose(key) {
    this.over = key;
    for (const each of this.root.querySelectorAll("[data-key]")) each.setAttribute("aria-pressed", each.dataset.key === key ? "true" : "false");
    return this.load();
  }

  picture(station) {
    const rows = station.by_reason.slice(0, MOST_ROWS);
    const title = el("h2", {}, say("pareto"));
    if (rows.length === 0) return el("article", { class: "panel" }, title, el("p", { class: "note" }, say("pareto_none")));
    const lines = rows.map((row) => el("li", { class: "pareto-row", "data-reason": row.reason ?? "" },
      el("span", { class: "pareto-name" }, pick(row.name)),
      el("span", { class: "pareto-said" }, el("strong", {}, say("times_and_minutes", { n: whole(row.count), min: decimal(row.minutes) })),
        ` ${percent(row.share)}・${say("cumulative", { share: percent(row.cumulative_share) })}`)));
    return el("article", { class: "panel" }, title,
      el("div", { class: "pareto-picture", "data-rows": rows.length }, el("ol", { class: "pareto-rows" }, ...lines), bars(rows)),
      el("p", { class: "panel-foot" }, say("pareto_said")));
  }

  worst(station) {
    const top = station.by_reason.slice(0, TOP).map((row, at) => el("li", { class: "worst" },
      el("span", { class: "worst-place" }, String(at + 1)),
      el("div", {}, el("strong", {}, pick(row.name)),
        el("p", {}, `${say("times_and_minutes", { n: whole(row.count), min: decimal(row.minutes) })}(${say("longest", { min: decimal(row.longest_min) })})`),
        el("p", { class: "note" }, hours(row.by_hour)))));
    const { count, minutes } = station.without_reason;
    const without = `${say("without_reason")}: ${say("without_reason_said", { n: whole(count), min: decimal(minutes) })}`;
    return el("article", { class: "panel" }, el("h2", {}, say("top_three")), el("ol", { class: "worsts" }, ...top),
      el("p", { class: "without", "data-any": count ? "yes" : "no" },
        el("a", { href: `station.html?station=${encodeURIComponent(station.station)}` }, without)));
  }

  compared({ failures, four_weeks }) {
    const columns = [["this_window", failures], ["of_four_weeks", four_weeks]].filter(([, each]) => each);
    const row = (key, write) => el("tr", {}, el("th", { scope: "row" }, say(key)), ...columns.map(([, each]) => el("td", {}, write(each))));
    return el("article", { class: "panel" }, el("h2", {}, say("against_four_weeks")),
      el("table", { class: "compared" },
        el("thead", {}, el("tr", {}, el("td", {}), ...columns.map(([key]) => el("th", { scope: "col" }, say(key))))),
        el("tbody", {}, row("failures", (each) => whole(each.count)), row("mtbf", (each) => duration(each.mtbf_s)),
          row("mttr", (each) => duration(each.mttr_s)))),
      ...bases(columns).map((how) => el("p", { class: "panel-foot" }, how)));
  }

  repeated({ repeats }) {
    if (repeats.length === 0) return [];
    const lines = repeats.map((each) => el("li", {}, say("repeat_said",
      { hour: each.hour, reason: pick(each.name), n: whole(each.count), min: decimal(each.minutes) })));
    return [el("article", { class: "panel" }, el("h2", {}, say("repeats")), el("ul", { class: "repeats" }, ...lines))];
  }
}

/** How failures were counted; where both windows count alike it is said once. */
function bases(columns) {
  const told = columns.map(([key, each]) => [key, pick(each.basis_words)]).filter(([, how]) => how);
  const alike = new Set(told.map(([, how]) => how)).size === 1;
  if (alike) return [say("counted_so", { how: told[0][1] })];
  return told.map(([key, how]) => `${say(key)}: ${say("counted_so", { how })}`);
}

/** In which hours of the day it happened most: at most three. */
function hours(by_hour) {
  const most = by_hour.filter((each) => each.count > 0).sort((a, b) => b.count - a.count).slice(0, TOP);
  const said = most.map((each) => say("hour_times", { hour: each.hour, n: whole(each.count) })).join("、");
  return said ? say("hours_said", { hours: said }) : "";
}

/** One bar for each reason, and the line of the cumulative share through them. */
function bars(rows) {
  const y = (at) => at * BAR.row + BAR.row / 2;
  const along = (share) => (share ?? 0) * BAR.width;
  const line = rows.map((row, at) => `${at ? "L" : "M"}${along(row.cumulative_share)} ${y(at)}`).join(" ");
  return svg("svg", { class: "pareto-bars", viewBox: `0 0 ${BAR.width} ${rows.length * BAR.row}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...rows.map((row, at) => svg("rect", { x: 0, y: y(at) - BAR.thick / 2, width: along(row.share), height: BAR.thick,
      class: row.reason || row.mode ? "pareto-bar" : "pareto-bar bare" })),
    svg("path", { d: line, class: "pareto-line" }),
    ...rows.map((row, at) => svg("path", { d: `M${along(row.cumulative_share)} ${y(at)} h0`, class: "pareto-dot" })));
}
