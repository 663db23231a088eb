// もし…なら: one station made faster, and what the line would give then. A forecast from the measured days, never a proof.

import { plusDays } from "./analysis_days.js";
import { Choice, Days, Form, Typed } from "./analysis_form.js";
import { firstStation, phases, stationName, stations, yesterday } from "./analysis_line.js";
import { figure, folded, interval, remarks, Result, section, signedFigure, table, windowSaid } from "./analysis_parts.js";
import { el } from "./dom.js";
import { phaseName, pick, say } from "./language.js";
import { decimal, known, percent } from "./numbers.js";
import { server } from "./server.js";

export class WhatIfView {
  constructor() {
    this.station = new Choice("station", "station", stations);
    this.what = new Choice("phase", "what_changes", () => changes(this.station.value));
    this.seconds = new Typed("cycle_s", "new_seconds", { unit: "s" });
    this.days = new Days("days", "days_measured");
    this.form = new Form([this.station, this.what, this.seconds, this.days], "foretell", (_, newest) => this.load(newest));
    this.result = new Result((answer) => parts(answer));
    this.root = el("div", { class: "view" }, el("p", { class: "note", "data-word": "what_if_how" }), this.form.root, this.result.root);
    this.station.select.addEventListener("change", () => this.what.fill());
  }

  begin() {
    this.station.fill();
    this.station.value = firstStation();
    this.what.fill();
    this.days.set(plusDays(yesterday(), -13), yesterday());
  }

  async load(newest) {
    const phase = this.what.value;
    this.seconds.name = phase ? "to_s" : "cycle_s"; // a refusal names what was asked
    const asked = { ...this.station.asked(), phase, ...this.seconds.asked(), ...this.days.asked() };
    const answer = await server.ask("/what-if", asked);
    if (newest()) this.result.set(answer);
  }
}

function changes(station) {
  return [["", say("whole_cycle")], ...phases(station).map((phase) => [phase, say("phase", { phase: phaseName(phase) })])];
}

function range(told, written) {
  return told ? `${written(told.median)}(${interval(told.interval90, written)})` : "—";
}

function parts(answer) {
  const { output, bottleneck } = answer;
  const days = say("days_used", { n: answer.days.length, out: answer.left_out.length });
  return [
    el("p", { class: "note" }, `${windowSaid(answer)}・${days}`),
    el("p", { class: "statement", id: "what-if-statement" }, pick(answer.statement)),
    output ? outputOf(answer) : null,
    bottleneck ? neckOf(bottleneck) : null,
    answer.stations.length ? stationsOf(answer) : null,
    remarks(answer.caveats),
    folded(say("method"), el("p", {}, pick(answer.method)), ...(known(answer.fit) ? [el("p", {}, say("fit", { fit: decimal(answer.fit, 2) }))] : [])),
  ];
}

function outputOf({ output, per, output_station }) {
  const pieces = (value) => figure(value, "", 0);
  const change = (value) => signedFigure(value, "", 0);
  const rows = [
    { cells: [say("now"), range(output.before, pieces)] },
    { cells: [say("then"), range(output.after, pieces)] },
    { cells: [say("difference_median"), range(output.difference, change)] },
    { cells: [say("change_percent"), range(output.percent, change)] },
  ];
  return section("output_foretold", el("p", { class: "note" }, say(`output_${per}`, { station: stationName(output_station) })), table(null, rows, { class: "pairs", id: "what-if-output" }));
}

function neckOf({ before, after, moves }) {
  const said = (neck) => say("neck_said", { station: neck.name, p: percent(neck.probability) });
  return section("bottleneck", table(null, [{ cells: [say("now"), said(before)] }, { cells: [say("then"), said(after)] }], { class: "pairs", id: "what-if-neck" }),
    el("p", {}, say(moves ? "neck_moves" : "neck_stays")));
}

function stationsOf({ stations: listed, per }) {
  const pieces = (value) => figure(value, "", 0);
  const share = (value) => (known(value) ? percent(value) : "—");
  const rows = listed.map((each) => ({
    "data-station-row": each.station,
    cells: [each.name, `${figure(each.cycle_s, "s")} ${say("s")}`, share(each.own_stop_share), share(each.set_up_share),
      range(each.capacity_before, pieces), range(each.capacity_after, pieces), share(each.bottleneck_before), share(each.bottleneck_after)],
  }));
  const head = [say("station"), say("cycle_now"), say("own_stops"), say("set_up"), say(`capacity_now_${per}`), say("capacity_then"), say("neck_now"), say("neck_then")];
  return section("each_station", table(head, rows, { id: "what-if-stations" }), el("p", { class: "note" }, say("waiting_counts_not")));
}

