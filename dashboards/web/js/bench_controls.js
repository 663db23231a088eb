// What a hand can do to one device: contacts, knobs, things to push, a keyboard, its wire. `act(asked)` does it.

import { flash } from "./bench_flash.js";
import { el, write } from "./dom.js";
import { pick, say } from "./language.js";

const TOLD_EVERY_MS = 120;
const STEPS = 200;

/** A contact: press, hold, bounce, and in a fold the rest. Gives its element and `show(state)`. */
export function contactControls(pin, act) {
  const lamp = el("span", { class: "lamp", "aria-hidden": "true" });
  const word = el("span", { class: "contact-word" });
  const press = el("button", { type: "button", class: "act press", "data-do": "press" }, say("bench_press"));
  const hold = el("button", { type: "button", class: "act", "data-do": "hold", "aria-pressed": "false" }, say("bench_hold"));
  const edges = number(5, 1, 50, 1);
  const within = number(5, 0.1, 50, 0.1);
  const every = number(2, 0.2, 600, 0.1);
  const bounce = el("button", { type: "button", class: "act", "data-do": "bounce",
    onclick: () => act({ do: "bounce", pin, edges: Number(edges.value), within_ms: Number(within.value) }) }, say("bench_bounce"));
  const glitch = el("button", { type: "button", class: "act", "data-do": "glitch",
    onclick: () => act({ do: "glitch", pin }) }, say("bench_glitch"));
  const repeat = el("button", { type: "button", class: "act", "data-do": "repeat", "aria-pressed": "false",
    onclick: () => act(isOn(repeat) ? { do: "let_go", pin } : { do: "repeat", pin, every_s: Number(every.value) }) }, say("bench_repeat"));
  hold.addEventListener("click", () => act({ do: isOn(hold) ? "let_go" : "hold", pin }));
  whilePressed(press, () => act({ do: "press", pin }), () => act({ do: "let_go", pin }));
  const more = el("details", { class: "more" }, el("summary", {}, say("bench_more")),
    el("div", { class: "acts" }, glitch, repeat),
    el("div", { class: "fields" }, field("bench_every_s", every), field("bench_edges", edges), field("bench_within_ms", within)));
  const element = el("div", { class: "contact", "data-contact": pin },
    el("p", { class: "contact-state" }, lamp, word), el("div", { class: "acts" }, press, hold, bounce), more);
  let changes = null;
  const show = (state) => {
    element.dataset.on = state.on ? "yes" : "no";
    changes = flash(element, changes, state.changes);
    element.dataset.doing = state.doing ?? "";
    hold.setAttribute("aria-pressed", state.doing === "hold" ? "true" : "false");
    repeat.setAttribute("aria-pressed", state.doing === "repeat" ? "true" : "false");
    const doing = !state.wired ? say("bench_wire_out") : state.doing ? say(`bench_doing_${state.doing}`) : "";
    write(word, [say(state.on ? "bench_on" : "bench_off"), doing].filter(Boolean).join(" · "));
  };
  return { element, show };
}

function isOn(button) {
  return button.getAttribute("aria-pressed") === "true";
}

/** `down` when a finger or a key presses, `up` once when it leaves, however it leaves. */
function whilePressed(button, down, up) {
  let pressed = false;
  const begin = () => {
    if (pressed || button.disabled) return;
    pressed = true;
    down();
  };
  const end = () => {
    if (!pressed) return;
    pressed = false;
    up();
  };
  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    begin();
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) button.addEventListener(name, end);
  button.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    begin();
  });
  button.addEventListener("keyup", (event) => (event.key === " " || event.key === "Enter") && end());
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  // a screen reader's press is a click without a pointer or a key
  button.addEventListener("click", (event) => {
    if (event.detail !== 0 || pressed) return;
    begin();
    setTimeout(end, 200);
  });
}

/** What the device's file lets a hand take hold of. Gives its element and `show(value)`. */
export function handleControls(handle, act) {
  const kinds = { knob, push, typed };
  return kinds[handle.is](handle, act);
}

function knob(handle, act) {
  const step = niceStep(handle.high - handle.low);
  const title = `${pick(handle.title)}${handle.unit ? ` (${handle.unit})` : ""}`;
  const slider = el("input", { type: "range", min: handle.low, max: handle.high, step, "aria-label": title });
  const exact = el("input", { type: "number", min: handle.low, max: handle.high, step: "any", "aria-label": title });
  const turn = throttled((value) => act({ do: "turn", handle: handle.key, value }));
  let moving = 0;
  const tell = (value) => {
    moving = performance.now();
    turn(value);
  };
  slider.addEventListener("input", () => {
    moving = performance.now();
    exact.value = slider.value;
    if (handle.live) tell(Number(slider.value));
  });
  slider.addEventListener("change", () => handle.live || tell(Number(slider.value)));
  exact.addEventListener("change", () => {
    if (exact.value === "" || !exact.checkValidity()) return void exact.reportValidity();
    slider.value = exact.value;
    tell(Number(exact.value));
  });
  const element = el("label", { class: "knob", "data-handle": handle.key }, el("span", { class: "knob-title" }, title), slider, exact);
  const show = (value) => {
    element.dataset.value = value;
    if (performance.now() - moving < 600 || document.activeElement === exact) return; // a hand is on it
    slider.value = value;
    exact.value = String(Math.round(value * 1e4) / 1e4);
  };
  return { element, show };
}

/** 1, 2 or 5 times a power of ten, about a two hundredth of the range. */
function niceStep(range) {
  const power = 10 ** Math.floor(Math.log10(range / STEPS));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => range / step <= STEPS) ?? 10 * power;
}

/** Tell at most so often, one telling after the other, the last value always. */
function throttled(tell) {
  let busy = false;
  let waiting = null;
  return async (value) => {
    waiting = { value };
    if (busy) return;
    busy = true;
    while (waiting) {
      await new Promise((resume) => setTimeout(resume, TOLD_EVERY_MS));
      const now = waiting.value;
      waiting = null;
      await tell(now);
    }
    busy = false;
  };
}

function push(handle, act) {
  const button = el("button", { type: "button", class: "act", "data-handle": handle.key,
    onclick: () => act({ do: "push", handle: handle.key }) }, pick(handle.title));
  return { element: button, show: () => {} };
}

let lists = 0;

function typed(handle, act) {
  const list = handle.examples.length ? `examples-${(lists += 1)}` : null;
  const text = el("input", { type: "text", maxlength: 1024, autocomplete: "off", spellcheck: "false", list,
    "aria-label": `${pick(handle.title)}: ${say("bench_text")}`, placeholder: handle.examples[0] ?? "" });
  const form = el("form", { class: "typed", "data-handle": handle.key,
    onsubmit: (event) => {
      event.preventDefault();
      act({ do: "type", handle: handle.key, text: text.value });
      text.select();
    } },
  el("span", { class: "knob-title" }, pick(handle.title)), text, el("button", { type: "submit", class: "act" }, say("bench_send")),
  list ? el("datalist", { id: list }, ...handle.examples.map((each) => el("option", { value: each }))) : "",
  handle.note ? el("span", { class: "note" }, pick(handle.note)) : "");
  return { element: form, show: () => {} };
}

function number(value, min, max, step) {
  return el("input", { type: "number", value, min, max, step });
}

function field(word, input) {
  return el("label", { class: "field" }, el("span", {}, say(word)), input);
}
