// The 40-pin header as it lies on the board: two rows of twenty, each pin with its level and what is wired to it.

import { flash } from "./bench_flash.js";
import { byId, el, write } from "./dom.js";
import { say } from "./language.js";

let dots = new Map();
let users = new Map();

/** Draw the header of an agent's plan. `go(device)` is called when a pin with a device is pressed. */
export function drawHeader(plan, go) {
  dots = new Map();
  users = usersOf(plan.devices);
  const rows = [];
  for (let at = 0; at < plan.header.length; at += 2)
    rows.push(el("li", { class: "header-row" }, ...side(plan.header[at], go, "odd"), ...side(plan.header[at + 1], go, "even")));
  byId("header").replaceChildren(...rows);
}

/** Which devices hang on which header pin: `{pin: [{device, terminal}]}`. */
function usersOf(devices) {
  const found = new Map();
  for (const device of devices)
    for (const wire of device.wires)
      if (wire.pin) found.set(wire.pin, [...(found.get(wire.pin) ?? []), { device: device.device, terminal: wire.terminal }]);
  return found;
}

function side(pin, go, parity) {
  const mine = users.get(pin.pin) ?? [];
  const kind = pin.bcm === null ? pin.name.toLowerCase() : "gpio";
  const dot = el("span", { class: "pin-dot", "data-kind": kind, "aria-hidden": "true" }, String(pin.pin));
  const level = el("span", { class: "pin-level", hidden: pin.bcm === null });
  const name = el("span", { class: "pin-name" }, pin.name);
  const user = mine.length
    ? el("button", { class: "pin-user", type: "button", onclick: () => go(mine[0].device) }, shortName(mine))
    : el("span", { class: "pin-user" });
  const cell = el("span", { class: `pin ${parity}`, "data-pin": pin.pin, "data-bcm": pin.bcm, "data-used": mine.length ? "yes" : "no" },
    user, el("span", { class: "pin-words" }, name, level), dot);
  if (pin.bcm !== null) dots.set(String(pin.bcm), { cell, level, changes: null });
  return [cell];
}

function shortName(mine) {
  const names = [...new Set(mine.map(({ device }) => device.split("/").at(-1)))];
  return names.length > 1 ? `${names[0]} +${names.length - 1}` : names[0];
}

/** Bring the pins named in `pins` up to date: `{bcm: [level, changes, is output, in hand]}`. */
export function showPins(pins) {
  for (const [bcm, [high, changes, out, hand]] of Object.entries(pins)) {
    const pin = dots.get(bcm);
    if (!pin) continue;
    pin.cell.dataset.level = high ? "high" : "low";
    pin.cell.dataset.out = out ? "yes" : "no";
    pin.cell.dataset.hand = hand ? "yes" : "no";
    pin.said = [high, out, hand];
    pin.changes = flash(pin.cell, pin.changes, changes);
    speak(pin);
  }
}

function speak({ level, said }) {
  if (!said) return;
  const [high, out, hand] = said;
  write(level, [high ? "H" : "L", out ? say("bench_out") : "", hand ? say("bench_hand") : ""].filter(Boolean).join(" "));
}

/** Write the words anew, in the other language. */
export function speakHeader() {
  for (const pin of dots.values()) speak(pin);
}

