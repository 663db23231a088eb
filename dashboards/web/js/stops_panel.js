// The stop that lasts now with its reasons, and the stops of this shift: those without a reason first.

import { hourMinute, secondsSince } from "./clock.js";
import { byId, el, write } from "./dom.js";
import { pick, say } from "./language.js";
import { reasonName } from "./line.js";
import { duration, stopwatch, whole } from "./numbers.js";
import { reasonButtons } from "./reasons.js";
import { mayOperate } from "./role.js";
import { stateKey } from "./states.js";

const STANDS = ["minor_stop", "downtime"];

export class StopsPanel {
  /** `refresh()` asks the server anew, after something was recorded. */
  constructor(refresh) {
    this.refresh = refresh;
    this.forget();
  }

  /** Another station is shown. */
  forget() {
    this.station = null;
    this.told = undefined; // not asked yet; null: not told to this device
    this.open = null; // the stop in the list whose reasons are shown
    this.put_off = null; // the stop whose reason comes later
    this.changing = false;
  }

  /** The station as /wall and /live say it. Whether its state turned. */
  stand(station) {
    const turn = (each) => `${each?.state?.key} ${each?.state?.since} ${each?.state?.reason} ${each?.mode?.key}`;
    const turned = turn(this.station) !== turn(station);
    this.station = station;
    if (turned) this.changing = false;
    if (turned) this.writeStanding();
    return turned;
  }

  /** What /stops says of the station; null where this device may not know. */
  show(told) {
    this.told = told;
    this.write();
  }

  write() {
    this.writeStanding();
    this.writeList();
  }

  tick() {
    const clock = byId("standing").querySelector(".standing-time");
    if (clock) write(clock, say("standing", { time: stopwatch(secondsSince(this.station.state.since)) }));
  }

  /** The stop that lasts now, as the list tells it. */
  lasting() {
    return this.told?.stops.findLast((each) => each.open) ?? null;
  }

  writeStanding() {
    const box = byId("standing");
    const state = this.station?.state;
    const key = stateKey(state);
    box.hidden = !(STANDS.includes(key) || (state?.reason && key === "planned_stop"));
    box.dataset.state = key;
    if (box.hidden) return box.replaceChildren();
    const head = el("h2", { class: "standing-time" }, say("standing", { time: stopwatch(secondsSince(state.since)) }));
    box.replaceChildren(head, ...this.standingBody(state));
  }

  standingBody(state) {
    const said = state.reason ? [el("p", { class: "standing-reason" }, say("reason_is", { reason: reasonName(state.reason) }))] : [];
    if (!mayOperate() || (this.station.mode && !state.reason)) return said; // the mode says why it stands
    const stop = this.lasting();
    const at = stop?.start ?? state.since;
    if (state.reason && !this.changing) return [...said, this.button(say("change_reason"), () => (this.changing = true))];
    if (!state.reason && this.put_off === state.since) return [el("p", { class: "note" }, say("later_said")),
      this.button(say("give_reason"), () => (this.put_off = null))];
    const later = state.reason ? null : () => {
      this.put_off = state.since;
      this.writeStanding();
    };
    const given = async () => {
      this.changing = false;
      await this.refresh();
    };
    return [...said, el("p", {}, say("why_standing")),
      reasonButtons({ station: this.station.station, at, proposed: stop?.proposed, given, later, more: false })];
  }

  button(words, act) {
    return el("button", { class: "act", type: "button", onclick: () => {
      act();
      this.writeStanding();
    } }, words);
  }

  writeList() {
    const box = byId("stops");
    if (this.told === null) {
      write(byId("stops-missing"), "");
      return box.replaceChildren(el("p", { class: "note" }, say("hidden_person")));
    }
    if (!this.told) return box.replaceChildren(el("p", { class: "note" }, say("starting")));
    const { stops, without_reason } = this.told;
    const here = stops.filter((each) => each.begins_here || each.open).reverse(); // others are the shift's before
    const bare = here.filter((each) => !each.reason && !each.mode);
    const given = here.filter((each) => each.reason || each.mode);
    write(byId("stops-missing"), without_reason.count ? say("stops_missing", { n: whole(without_reason.count) }) : "");
    const none = here.length === 0 ? "stops_none" : bare.length === 0 ? "stops_all_told" : null;
    return box.replaceChildren(
      ...(none ? [el("p", { class: "note" }, say(none))] : []),
      el("ul", { class: "stops" }, ...bare.map((each) => this.row(each))),
      ...(given.length ? [el("h3", {}, say("stops_with_reason", { n: given.length })),
        el("ul", { class: "stops given" }, ...given.map((each) => this.row(each)))] : []));
  }

  row(stop) {
    const end = stop.open ? say("goes_on") : hourMinute(stop.end);
    const bare = !stop.reason && !stop.mode;
    const head = [
      el("span", { class: "stop-when" }, `${hourMinute(stop.start)}–${end}`),
      el("span", { class: "stop-long" }, duration(stop.whole_s)),
      el("span", { class: "stop-class" }, pick(stop.class_name)),
      el("span", { class: "stop-why" }, bare ? say("no_reason") : pick(stop.name)),
    ];
    const may = mayOperate() && !stop.mode;
    const open = may && this.open === stop.start;
    const words = say(stop.reason ? "change_reason" : "give_reason");
    const button = may ? [el("button", { class: "act give", type: "button", "aria-expanded": open ? "true" : "false",
      onclick: () => this.turn(stop) }, words)] : [];
    return el("li", { "data-stop": stop.start, "data-bare": bare ? "yes" : "no" },
      el("div", { class: "stop" }, ...head, ...button), ...(open ? [this.reasons(stop)] : []));
  }

  reasons(stop) {
    const given = async () => {
      this.open = null;
      await this.refresh();
    };
    return reasonButtons({ station: this.station.station, at: stop.start, proposed: stop.proposed, given });
  }

  turn(stop) {
    this.open = this.open === stop.start ? null : stop.start;
    this.writeList();
    byId("stops").querySelector(`[data-stop="${CSS.escape(stop.start)}"] button`)?.focus();
  }
}
