// The card of one device: what it is, how the Pi finds it, what it read, its wires, and what a hand can do to it.

import { contactControls, handleControls } from "./bench_controls.js";
import { el, write } from "./dom.js";
import { language, pick, say } from "./language.js";

const COLOURS = ["red", "amber", "green", "blue"];
const LAMP_WORDS = { on: "bench_lit", off: "bench_dark", blinking: "bench_blinking" };
const OUTPUT_WORDS = { buzzer: ["bench_sounds", "bench_still"], relay: ["bench_on", "bench_off"] };

/**
 * `plan` is the device's; `act(asked)` does something to it; `floor`: a virtual factory turns it, too. Gives its element,
 * `show(state)` and `showSaid(all)`.
 */
export function deviceCard(plan, act, floor) {
  const health = el("p", { class: "health" });
  const why = el("p", { class: "why", hidden: true });
  const lamps = plan.lamps.map((lamp) => outputLamp(lamp, plan.type));
  const contacts = plan.contacts.map((pin) => contactControls(pin, act));
  const handles = plan.handles.map((handle) => handleControls(handle, act));
  const release = el("button", { type: "button", class: "act", "data-do": "let_go", hidden: true, onclick: () => act({ do: "let_go" }) }, say("bench_let_go"));
  const readings = readingList(plan);
  const wire = el("button", { type: "button", class: "act wire", "data-do": "wire", "aria-pressed": "false" }, say("bench_pull"));
  wire.addEventListener("click", () => act({ do: wire.dataset.wired === "no" ? "plug" : "pull" }));
  const element = el("article", { class: "device", id: cardId(plan.device), "data-device": plan.device, "data-kind": plan.kind, tabindex: "-1" },
    el("header", { class: "device-head" }, el("h3", {}, plan.name), health, el("p", { class: "what" }, what(plan))),
    why,
    lamps.length ? el("div", { class: "lamps" }, ...lamps.map((lamp) => lamp.element)) : "",
    ...contacts.map((contact) => contact.element),
    handles.length ? el("div", { class: "handles" }, ...handles.map((handle) => handle.element), release) : "",
    readings.element,
    el("footer", { class: "device-foot" }, wireList(plan.wires), wire));

  function show(state) {
    if (state.health) showHealth(health, why, state.health);
    element.dataset.wired = wire.dataset.wired = state.wired ? "yes" : "no";
    release.hidden = !(floor && state.in_hand);
    write(wire, say(state.wired ? "bench_pull" : "bench_plug"));
    wire.setAttribute("aria-pressed", state.wired ? "false" : "true");
    state.contacts.forEach((contact, at) => contacts[at].show(contact));
    state.lamps.forEach((lamp, at) => lamps[at].show(lamp, state.wired));
    plan.handles.forEach((handle, at) => handle.key in state.knobs && handles[at].show(state.knobs[handle.key]));
  }

  return { element, show, showSaid: readings.show };
}

export function cardId(device) {
  return `device-${device.replaceAll("/", "-")}`;
}

function what(plan) {
  const more = [plan.role ? say("bench_role", { role: plan.role }) : "", plan.says ? say("bench_says", { says: plan.says }) : ""];
  return [pick(plan.title), ...more].filter(Boolean).join(" · ");
}

function showHealth(health, why, told) {
  health.dataset.state = told.state;
  write(health, say(`bench_is_${told.state}`));
  const reason = language() === "ja" ? told.why_ja : told.why_en;
  why.hidden = !reason;
  write(why, reason ?? "");
}

function outputLamp({ pin, label }, type) {
  const [on, off] = OUTPUT_WORDS[type] ?? ["bench_lit", "bench_dark"];
  const colour = COLOURS.includes(label) ? label : "amber";
  const word = el("span", { class: "lamp-word" });
  const element = el("p", { class: "output", "data-lamp": pin, "data-colour": colour },
    el("span", { class: "bulb", "aria-hidden": "true" }), COLOURS.includes(label) ? el("span", {}, say(`bench_colour_${label}`)) : "", word);
  const show = (state, wired) => {
    element.dataset.on = wired && state.on ? "yes" : "no";
    write(word, say(!wired ? "bench_wire_out" : state.on ? on : off));
  };
  return { element, show };
}

function readingList(plan) {
  const rows = new Map();
  const element = el("dl", { class: "readings", "aria-label": say("bench_read") });
  for (const [key, measure] of Object.entries(plan.measures)) {
    const value = el("dd", { "data-reading": `${plan.device}/${key}` }, say("bench_not_read"));
    rows.set(`${plan.device}/${key}`, { value, measure });
    element.append(el("dt", {}, pick(measure.title)), value);
  }
  const show = (said) => {
    for (const [series, { value, measure }] of rows)
      if (said[series]) {
        value.dataset.value = said[series].v;
        const text = [shown(said[series].v, measure.decimals, plan.type), measure.unit].filter(Boolean).join(" ");
        write(value, say("bench_read_at", { value: text, time: clock(said[series].t) }));
      }
  };
  return { element: rows.size ? element : "", show };
}

function shown(value, decimals, type) {
  if (typeof value !== "number") return type === "signal_tower" && LAMP_WORDS[value] ? say(LAMP_WORDS[value]) : String(value);
  return value.toLocaleString(language(), { minimumFractionDigits: decimals ?? 0, maximumFractionDigits: decimals ?? 3 });
}

function clock(ms) {
  return new Date(ms).toLocaleTimeString(language() === "ja" ? "ja-JP" : "en-GB", { hour12: false });
}

function wireList(wires) {
  return el("ul", { class: "wires", "aria-label": say("bench_wiring") },
    ...wires.map((wire) => el("li", { "data-as": wire.as, title: wire.note ? pick(wire.note) : false },
      say("bench_wire", { terminal: wire.terminal, to: wire.bcm === null ? wire.to : say("bench_pin", { bcm: wire.bcm, pin: wire.pin }) }))));
}
