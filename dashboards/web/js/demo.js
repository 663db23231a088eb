// The virtual factory: its mark on every picture, how far its history is, and the switch 「改善を導入」.

import { now } from "./clock.js";
import { byId, write } from "./dom.js";
import { say } from "./language.js";
import { server } from "./server.js";

const PROGRESS_MS = 2_000;
let demo = null;
let asking = false;
let grew = () => {};
let stationOf = () => undefined;
let timer = null;

/** `onGrowth()` is called when more history is there or the switch was thrown; `station()` says what it changes. */
export function settleDemo(onGrowth, station) {
  grew = onGrowth;
  stationOf = station;
  byId("improve").addEventListener("click", ask);
  byId("ask-yes").addEventListener("click", act);
}

export function currentDemo() {
  return demo;
}

/** What /wall, /demo or the live feed says of the demo; null on a real line. */
export function setDemo(state) {
  const before = demo;
  demo = state ?? null;
  showDemo();
  const moved = before?.history?.done !== demo?.history?.done || before?.improved !== demo?.improved;
  if (before && moved) grew();
  clearTimeout(timer);
  if (demo?.history?.running) timer = setTimeout(() => reload().catch(() => setDemo(demo)), PROGRESS_MS);
}

async function reload() {
  setDemo(await server.demo());
}

/** What comes from a virtual factory is marked on every picture, on every page. */
export function markVirtual(state) {
  document.body.dataset.virtual = state?.virtual ? "yes" : "no";
  for (const mark of document.querySelectorAll(".virtual-mark")) write(mark, state?.virtual ? say("virtual") : "");
}

export function showDemo() {
  markVirtual(demo);
  showSwitch();
  showHistory();
  showBench();
}

/** The virtual factory's benches are at the same machine, at another port. */
function showBench() {
  const port = demo?.bench_port;
  byId("bench-page").hidden = !port;
  if (port) byId("bench-page").href = `${location.protocol}//${location.hostname}:${port}/`;
}

function showSwitch() {
  const button = byId("improve");
  button.hidden = !demo || demo.past === true; // data of a virtual floor that stands still
  if (!demo) return;
  button.setAttribute("aria-checked", demo.improved ? "true" : "false");
  write(byId("improve-word"), say("improve"));
  write(byId("improve-state"), say(demo.improved ? "improve_on" : "improve_off"));
}

function showHistory() {
  const history = demo?.history;
  byId("history").hidden = !history?.running && !history?.failed;
  byId("history-bar").hidden = byId("history-days").hidden = !history?.running;
  if (history?.failed) write(byId("history-word"), say("history_failed"));
  if (!history?.running) return;
  byId("history-bar").max = history.of;
  byId("history-bar").value = history.done;
  write(byId("history-word"), say("history"));
  write(byId("history-days"), say("history_done", { done: history.done, of: history.of }));
}

function ask() {
  asking = !demo.improved;
  write(byId("ask-title"), say(asking ? "improve_ask" : "restore_ask"));
  write(byId("ask-means"), say(asking ? "improve_means" : "restore_means"));
  write(byId("ask-scope"), say("improve_scope"));
  write(byId("ask-yes"), say(asking ? "improve_yes" : "restore_yes"));
  write(byId("ask-no"), say("leave_it"));
  write(byId("ask-problem"), "");
  byId("ask").showModal();
}

/** The switch is a change of the way of working: its mark divides before from after, on the strip too. */
function markOf(improved) {
  const text = say(improved ? "mark_improved" : "mark_restored");
  return { at: new Date(now()).toISOString(), kind: "improvement", text, station: stationOf() };
}

async function act() {
  const button = byId("ask-yes");
  button.disabled = true;
  write(byId("ask-problem"), say("working"));
  try {
    await server.improve(asking);
    await server.addEvent(markOf(asking));
    await reload();
    grew();
    byId("ask").close();
  } catch (error) {
    write(byId("ask-problem"), error.locked ? say("needs_operator") : say("improve_failed", { why: error.message }));
  } finally {
    button.disabled = false;
  }
}
