// 時間のロス: where 負荷時間 went, in minutes that sum to it.

import { setFormulas, showBasis } from "./basis.js";
import { monthOf, plusDays, windowOf } from "./analysis_days.js";
import { Choice, Form, Typed } from "./analysis_form.js";
import { firstStation, lossesKnown, stations, yesterday } from "./analysis_line.js";
import { minutes, minutesWithin, remarks, Result, table, windowSaid } from "./analysis_parts.js";
import { el, svg } from "./dom.js";
import { pick, say } from "./language.js";
import { decimal, known, percent } from "./numbers.js";
import { server } from "./server.js";
import { WORDS } from "./words.js";

const SPANS = ["day", "week", "month"];
const WIDE = 1000;

export class LossesView {
  constructor() {
    this.station = new Choice("station", "station", stations);
    this.span = new Choice("span", "span", () => SPANS.map((each) => [each, say(`span_${each}`)]));
    this.day = new Typed("end", "last_of_span", { kind: "date" });
    this.form = new Form([this.station, this.span, this.day], "show_it", (_, newest) => this.load(newest));
    this.result = new Result((answer) => this.parts(answer));
    this.root = el("div", { class: "view" }, this.form.root, this.result.root);
  }

  begin() {
    this.station.fill();
    this.station.value = firstStation();
    this.span.value = "week";
    this.day.value = yesterday();
    setFormulas(lossesKnown());
    return this.form.ask();
  }

  days() {
    const last = this.day.value;
    if (last === null) return [null, null];
    if (this.span.value === "month") return [monthOf(last).first, monthOf(last).last];
    return [plusDays(last, this.span.value === "week" ? -6 : 0), last];
  }

  async load(newest) {
    const answer = await server.ask("/kpi", { ...windowOf(...this.days()), station: this.station.value });
    if (newest()) this.result.set(answer);
  }

  parts(answer) {
    const told = answer.stations[0];
    const basis = told.basis ?? {};
    const standing = told.final === undefined ? "" : say(told.final ? "final" : "not_final");
    const head = el("p", { class: "note" }, `${told.name} ${windowSaid(answer)}・${standing}`);
    const losses = lossesOf(told);
    if (!losses) return [head, el("p", { class: "empty-said" }, say(known(told.planned_busy_time_s) && told.planned_busy_time_s > 0 ? "losses_unknown" : "no_busy_time")), remarks(basis.warnings, "basis_warnings")];
    const button = el("button", { type: "button", class: "plain", onclick: () => explain(told) }, say("basis"));
    return [
      head,
      el("p", {}, pick(basis.short), " ", button),
      waterfall(told.planned_busy_time_s, losses),
      el("p", { class: "note" }, say("losses_note")),
      told.coverage < 0.95 ? el("p", { class: "note" }, say("reference_why")) : null,
      remarks(basis.warnings, "basis_warnings"),
    ];
  }
}

function lossName(loss) {
  return WORDS[`loss_${loss}`] ? say(`loss_${loss}`) : loss;
}

/** [[name, seconds]], stops by their loss first, what was worth it last; null where a part is not known. */
function lossesOf({ losses_s: losses, planned_busy_time_s: busy }) {
  if (!losses || !known(busy) || busy <= 0 || ["minor", "speed", "quality", "value"].some((key) => !known(losses[key]))) return null;
  const stood = Object.entries(losses.downtime ?? {}).sort(([, a], [, b]) => b - a);
  return [
    ...stood.map(([loss, s]) => ["downtime", say("loss_downtime", { loss: lossName(loss) }), s]),
    ...["minor", "speed", "quality", "value"].map((key) => [key, lossName(key), losses[key]]),
  ];
}

/** Each bar begins where the one above ended; what is left at the end is worth it. A negative loss goes the other way. */
function waterfall(busy, losses) {
  const shown = minutesWithin(busy, losses.map(([, , s]) => s));
  const widest = losses.reduce((sum, [key, , s]) => (key === "speed" && s < 0 ? sum - s : sum), busy);
  let here = busy;
  const bars = losses.map(([key, , s]) => {
    const from = key === "value" ? 0 : s >= 0 ? here - s : here;
    if (key !== "value") here -= s;
    return bar(from / widest, Math.abs(s) / widest, key, s < 0);
  });
  const whole_bar = bar(0, busy / widest, "busy", false);
  const share = (s) => (s < 0 ? `−${decimal((-s / busy) * 100)} %` : `${decimal((s / busy) * 100)} %`);
  const rows = [
    { "data-loss": "busy", class: "sum", cells: [say("busy_time"), whole_bar, minutes(minutesWithin(busy, [busy])[0]), "100 %"] },
    ...losses.map(([key, name, s], index) => ({ "data-loss": key, cells: [name, bars[index], minutes(shown[index]), share(s)] })),
  ];
  return table([say("where_it_went"), "", say("time"), say("share_of_busy")], rows, { id: "waterfall", class: "waterfall" });
}

function bar(from, width, key, negative) {
  return svg("svg", { class: "bar-picture", viewBox: `0 0 ${WIDE} 10`, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { x: (from * WIDE).toFixed(1), y: 0, width: Math.max(1, width * WIDE).toFixed(1), height: 10, class: `bar-${key}`, "data-negative": negative ? "yes" : "no" }));
}

function explain(told) {
  showBasis({
    title: say("losses"), field: "losses_s", value: minutes(minutesWithin(told.planned_busy_time_s, [told.planned_busy_time_s])[0]),
    unit: say("busy_time"), basis: told.basis,
    notes: [told.coverage === null ? "" : `${say("coverage")} ${percent(told.coverage)}`, pick(told.final_why)],
  });
}
