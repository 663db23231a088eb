// The bench in the browser: one agent's header and devices, live, and a hand to take hold of them.

import "./words_bench.js";
import { cardId, deviceCard } from "./bench_device.js";
import { drawHeader, showPins, speakHeader } from "./bench_header.js";
import { act, LIVE, look } from "./bench_server.js";
import { byId, el, write } from "./dom.js";
import { onLanguage, say, settle, switchLanguage } from "./language.js";

const AGAIN_MS = 1_000;
const QUIET_MS = 15_000;
let told = null;
let agent = null;
let state = {};
let cards = new Map();
let source = null;
let heard_ms = 0;
const refused = new URLSearchParams(location.search).has("pair");

byId("boot").remove();
settle();
byId("language").addEventListener("click", switchLanguage);
onLanguage(() => {
  settle();
  if (told) draw();
});
if (refused) history.replaceState(null, "", location.pathname);
follow();
setInterval(() => source && performance.now() - heard_ms > QUIET_MS && lose(), AGAIN_MS);

async function follow() {
  try {
    told = await look();
  } catch (error) {
    lose(error);
    return;
  }
  state = structuredClone(told.state);
  agent = told.tables.some((table) => table.agent === agent) ? agent : asked() ?? told.tables[0].agent;
  draw();
  source = new EventSource(LIVE);
  heard_ms = performance.now();
  source.addEventListener("state", (event) => hear(JSON.parse(event.data)));
  source.addEventListener("beat", () => (heard_ms = performance.now()));
  source.onerror = () => lose();
  turn("live");
}

function may() {
  return told.role === "operator";
}

function asked() {
  const named = new URLSearchParams(location.search).get("agent");
  return told.tables.find((table) => table.agent === named)?.agent;
}

function lose(error = null) {
  source?.close();
  source = null;
  turn("lost", error);
  setTimeout(follow, AGAIN_MS);
}

function turn(connection, error = null) {
  document.body.dataset.connection = connection;
  byId("lost").hidden = connection === "live";
  write(byId("link-word"), say(connection === "live" ? "bench_live" : "bench_lost"));
  const absent = error?.status === 404;
  write(byId("lost-word"), say(absent ? "bench_absent" : error?.locked ? "bench_locked" : "bench_lost"));
  write(byId("lost-detail"), absent ? say("bench_absent_detail") : error?.locked ? say("bench_hint") : say("bench_lost_detail"));
}

function hear(news) {
  heard_ms = performance.now();
  for (const [name, parts] of Object.entries(news))
    for (const [part, changed] of Object.entries(parts)) Object.assign(((state[name] ??= {})[part] ??= {}), changed);
  if (news[agent]) show(news[agent]);
}

/** Everything anew: at the start, for another agent, in the other language. */
function draw() {
  const plan = told.tables.find((table) => table.agent === agent);
  document.body.dataset.virtual = told.virtual ? "yes" : "no";
  document.body.dataset.role = told.role;
  write(byId("line-name"), told.name ?? "");
  write(byId("board-title"), say("bench_board", { agent }));
  byId("role").hidden = !may();
  byId("hint").hidden = may();
  write(byId("hint"), may() ? "" : say(refused ? "bench_pair_refused" : "bench_hint"));
  showLinePage();
  drawAgents();
  drawHeader(plan, goTo);
  drawDevices(plan);
  write(byId("link-word"), say(source ? "bench_live" : "bench_lost"));
  show(state[agent]);
}

/** The line's own pages are at the same machine, at another port. */
function showLinePage() {
  byId("line-page").hidden = !told.pages_port;
  if (told.pages_port) byId("line-page").href = `${location.protocol}//${location.hostname}:${told.pages_port}/`;
}

function drawAgents() {
  byId("agents").hidden = told.tables.length < 2;
  byId("agents").replaceChildren(...told.tables.map((table) => el("button", { class: "chip", type: "button",
    "data-agent": table.agent, "aria-pressed": table.agent === agent ? "true" : "false",
    onclick: () => choose(table.agent) }, table.agent)));
}

function choose(name) {
  agent = name;
  const address = new URL(location.href);
  address.searchParams.set("agent", name);
  history.replaceState(null, "", address);
  draw();
  byId("agents").querySelector(`[data-agent="${name}"]`)?.focus();
}

function drawDevices(plan) {
  const open = new Set([...document.querySelectorAll(".device details[open]")].map((each) => each.closest(".device").id));
  cards = new Map(plan.devices.map((device) => [device.device, deviceCard(device, (asked) => hand(device.device, asked), told.virtual)]));
  const groups = Map.groupBy ? Map.groupBy(plan.devices, (device) => device.station) : grouped(plan.devices);
  byId("devices").replaceChildren(...[...groups].map(([station, devices]) => el("section", { class: "station-devices" },
    el("h2", {}, station), el("div", { class: "cards" }, ...devices.map((device) => cards.get(device.device).element)))));
  for (const id of open) byId(id)?.querySelector("details")?.setAttribute("open", "");
  if (!may())
    for (const control of byId("devices").querySelectorAll("button, input")) control.disabled = true;
}

function grouped(devices) {
  const found = new Map();
  for (const device of devices) found.set(device.station, [...(found.get(device.station) ?? []), device]);
  return found;
}

function show({ pins = {}, devices = {}, said = null }) {
  showPins(pins);
  speakHeader();
  for (const [name, device] of Object.entries(devices)) cards.get(name)?.show(device);
  if (said) for (const card of cards.values()) card.showSaid(state[agent].said ?? {});
}

async function hand(device, asked) {
  try {
    await act({ agent, device, ...asked });
    byId("refused").hidden = true;
  } catch (error) {
    byId("refused").hidden = false;
    write(byId("refused"), say("bench_not_done", { why: error.message }));
  }
}

function goTo(device) {
  const card = byId(cardId(device));
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  card?.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" });
  card?.focus({ preventScroll: true });
}
