// The page of one station, for who works there: its card, why it stands, the stops of the shift, a count put right.

import { cardOf, isMeasured } from "./cards.js";
import { hourMinute, now } from "./clock.js";
import { isFed } from "./connection.js";
import { byId, el, write } from "./dom.js";
import { ask, announce, send } from "./entry.js";
import { language, pick, say } from "./language.js";
import { signed } from "./numbers.js";
import { RecentPanel } from "./recent.js";
import { mayOperate } from "./role.js";
import { server } from "./server.js";
import { figuresOf, keepChoice, showStations, startPage, stationOfPage } from "./shell.js";
import { modeSaid, shiftWords } from "./station.js";
import { StopsPanel } from "./stops_panel.js";

const AGAIN_MS = 30_000;
const MODES = ["maintenance", "setup", "trial"];
const QUANTITIES = ["produced_quantity", "scrap_quantity", "rework_quantity"];

let shown = null;
let card = null;
let asked_ms = 0;
const stops = new StopsPanel(() => refresh());
const recent = new RecentPanel(() => refresh());

function choose(station) {
  shown = station;
  keepChoice({ station });
  stops.forget();
  place(figuresOf(station));
  showStations(station, choose);
  return refresh().catch((error) => announce(error.message, false));
}

function place(station) {
  card = cardOf(station);
  byId("stations").replaceChildren(card.root);
  stops.stand(station);
  byId("stops-panel").hidden = isMeasured(station); // nobody counts pieces here, so nothing stands
  showMode();
  showButtons();
  showShift();
}

function showShift() {
  const { shift } = card.station;
  write(byId("shift"), shift ? say("shift_now", shiftWords(shift)) : "");
}

function heard(station) {
  if (station.station !== shown) return;
  if (card.fits(station)) card.show(station);
  else place(station);
  showMode();
  if (stops.stand(station)) refresh().catch(() => {}); // the connection says itself that it is lost
}

/** What the server knows of this shift's stops; the window is the one of the card's figures. */
async function refresh() {
  const mine = shown;
  asked_ms = performance.now();
  const { start, end } = figuresOf(mine)?.basis?.window ?? {};
  if (!start) return;
  if (isMeasured(card?.station)) return recent.load(mine, () => mine === shown);
  const told = await server.stops({ start, end: new Date(Math.max(now(), Date.parse(end))).toISOString() });
  if (mine === shown) stops.show(told.stations.find((each) => each.station === mine) ?? null);
  await recent.load(mine, () => mine === shown);
}

function showButtons() {
  const box = byId("entries");
  box.hidden = !mayOperate();
  const button = (key, act) => el("button", { class: "act", type: "button", "data-act": key, onclick: act }, say(key));
  const events = [button("improved", () => tellEvent("improvement")), button("note", () => tellEvent("note"))];
  box.replaceChildren(...(isMeasured(card.station) ? events
    : [button("correct_count", correct), ...events, button("set_mode", enterMode)]));
}

/** While the station is out of production that stands above all, with the way back. */
function showMode() {
  const box = byId("mode");
  const { mode } = card.station;
  const key = `${mode?.key} ${mode?.since} ${language()} ${mayOperate()}`;
  if (box.dataset.shown === key) return;
  box.dataset.shown = key;
  box.hidden = !mode;
  if (!mode) return box.replaceChildren();
  const back = el("button", { class: "act", type: "button", "data-act": "back_to_production", onclick: async () => {
    const set = () => server.setMode({ station: shown, mode: "production" });
    if (await send(box, say("back_to_production"), set)) await refresh();
  } }, say("back_to_production"));
  box.replaceChildren(el("h2", {}, modeSaid(mode)), el("p", { class: "note" }, say("mode_lasts")), ...(mayOperate() ? [back] : []));
}

function enterMode() {
  ask({
    title: say("set_mode"),
    means: say("set_mode_means"),
    fields: [
      { name: "mode", label: say("mode_from_now"), kind: "choice", options: modesToEnter().map((each) => [each, say(`enter_${each}`)]) },
      { name: "why", label: say("optional", { field: say("why") }), kind: "text", optional: true },
    ],
    send: async ({ mode, why }) => {
      await server.setMode({ station: shown, mode, ...(why ? { why } : {}) });
      return `${say("set_mode")} ${say(`enter_${mode}`)}`;
    },
    done: refresh,
  });
}

function modesToEnter() {
  const { mode } = card.station;
  return [...MODES.filter((each) => each !== mode?.key), ...(mode ? ["production"] : [])];
}

function correct() {
  const options = QUANTITIES.map((key) => [key.replace("_quantity", ""), say(key)]);
  ask({
    title: say("correct_count"),
    means: say("correct_means"),
    fields: [
      { name: "quantity", label: say("quantity"), kind: "choice", options },
      { name: "delta", label: say("delta"), kind: "whole" },
      { name: "why", label: say("why"), kind: "text" },
    ],
    doubt: async (values) => pick((await server.checkCorrection(correctionOf(values))).warning),
    send: async (values) => {
      await server.addCorrection(correctionOf(values));
      return `${say(`${values.quantity}_quantity`)} ${signed(values.delta)} ${say("pieces")}`;
    },
    done: refresh,
  });
}

function correctionOf(values) {
  return { station: shown, at: new Date(now()).toISOString(), ...values };
}

function tellEvent(kind) {
  const key = kind === "note" ? "note" : "improved";
  ask({
    title: say(key),
    fields: [{ name: "text", label: say(kind === "note" ? "note_text" : "improved_what"), kind: "text" }],
    send: async ({ text }) => {
      await server.addEvent({ kind, text, station: shown });
      return `${say(key)} ${hourMinute(now())} ${text}`;
    },
    done: refresh,
  });
}

function speak() {
  if (!card) return;
  card.show(card.station);
  showStations(shown, choose);
  showMode();
  showButtons();
  showShift();
  stops.write();
  recent.write();
}

function tick() {
  if (!card) return;
  if (isFed()) card.tick();
  stops.tick();
  if (performance.now() - asked_ms > AGAIN_MS) refresh().catch(() => {});
}

startPage({ opened: () => choose(stationOfPage()), heard, speak, tick });
