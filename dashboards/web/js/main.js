// Puts the page together: what the server says, onto the cards and charts.

import { setFormulas, settleDialogs } from "./basis.js";
import { hourMinute, now, setClock, setZone } from "./clock.js";
import { cardOf, isMeasured } from "./cards.js";
import { ComparePanel } from "./compare_panel.js";
import { isFed, isLive, markFresh, markHeard, markLost, showConnection } from "./connection.js";
import { currentDemo, setDemo, settleDemo, showDemo } from "./demo.js";
import { byId, write } from "./dom.js";
import { setStationNames, setStatus, showDevices, showHealth } from "./health.js";
import { onLanguage, pick, say, settle, switchLanguage } from "./language.js";
import { setLine } from "./line.js";
import { follow } from "./link.js";
import { Measures } from "./measures.js";
import { setRole, showRole } from "./role.js";
import { server } from "./server.js";
import { shiftWords } from "./station.js";
import { stateKey } from "./states.js";
import { Strip } from "./strip.js";
import { settleView, showView } from "./view.js";

const AGAIN_MS = 600_000; // a day may have ended: before and after are asked anew
const PARTIAL_MS = 15_000; // a change of today grows with its pieces

const cards = new Map();
const strip = new Strip();
const compare = new ComparePanel();
const measures = new Measures();
const early = []; // events that came before the first answer of /wall
let wall = null;
let flow = [];
let comparing = Promise.resolve();
let waiting = false;
let compared_ms = -PARTIAL_MS;

/** Everything from the beginning: at the first connection and after every lost one. */
async function bringUpToDate() {
  const [line, body] = await Promise.all([server.line(), server.wall()]);
  setLine(line);
  setRole(line.role);
  setFormulas(line.kpis ?? line.kpi);
  setZone(line.timezone ?? line.line?.timezone);
  flow = line.flow ?? line.line?.flow ?? [];
  showWall(body);
  markFresh();
  tick();
  followPhase(); // the charts may come later, and their failure is not the page's
  measures.show(line);
}

function showWall(body) {
  wall = body;
  setClock(body.now);
  setStationNames(body.stations);
  byId("stations").dataset.count = body.stations.length;
  for (const station of body.stations) showStation(station);
  for (const [id, card] of cards) if (!body.stations.some((each) => each.station === id)) forget(id, card);
  setDemo(body.demo);
  showHead();
  for (const station of early.splice(0)) hearStation(station);
}

function showStation(station) {
  const card = cards.get(station.station);
  if (card && saidAt(station) < saidAt(card.station)) return; // an answer of /wall that an event overtook
  if (card?.fits(station)) return card.show(station);
  const fresh = cardOf(station);
  card ? card.root.replaceWith(fresh.root) : byId("stations").append(fresh.root);
  cards.set(station.station, fresh);
  showDemo();
}

/** Until when the figures of a station count (ms since the epoch). */
function saidAt(station) {
  return Date.parse(station.basis?.window?.end ?? 0);
}

function forget(id, card) {
  card.root.remove();
  cards.delete(id);
}

/** One station changed: the numbers are written in this very task, before the browser's next frame. */
function hearStation(station) {
  if (!wall) return early.push(station);
  const before = cards.get(station.station)?.station.state;
  wall.stations = wall.stations.map((each) => (each.station === station.station ? station : each));
  showStation(station);
  markHeard();
  strip.hear(station);
  if (compare.isGrowing() && performance.now() - compared_ms > PARTIAL_MS) again();
  if (before && stateKey(before) !== stateKey(station.state)) announce(station);
}

/** Readings as they come: the tiles of plain measurements. */
function hearReadings(readings) {
  markHeard();
  measures.hear(readings);
}

/** For those who listen: only changes of state, never each piece. */
function announce(station) {
  write(byId("spoken"), say("state_said", { station: pick(station.name), state: say(stateKey(station.state)) }));
}

/** The state event carries what changed besides the stations' figures: counters and agents, or the demo. */
function hearState(body) {
  markHeard();
  if (!body) return;
  if (body.agents || body.ingest || body.broker) setStatus(body);
  if (body.demo) setDemo(body.demo);
}

function showHead() {
  write(byId("line-name"), pick(wall.line.name));
  const shift = wall.stations.find((each) => each.shift)?.shift;
  const over = shift?.end && Date.parse(shift.end) <= now();
  write(byId("shift"), shift ? say(over ? "shift_over" : "shift_now", shiftWords(shift)) : "");
}

/** The first station with a phase has the strip and the comparison. */
function phaseShown() {
  const station = wall?.stations.find((each) => Object.keys(each.phases ?? {}).length > 0);
  return station ? { station, phase: Object.keys(station.phases)[0] } : null;
}

function followPhase() {
  const shown = phaseShown();
  byId("near").hidden = !shown;
  if (!shown) return;
  strip.follow(shown.station, shown.phase).catch((error) => strip.fail(error));
  refreshCompare();
}

/** One question at a time; while one is on its way a second waits, and further ones are that second. */
function refreshCompare() {
  if (waiting) return;
  waiting = true;
  comparing = comparing.then(compareNow).catch((error) => compare.fail(error));
}

async function compareNow() {
  waiting = false;
  const shown = phaseShown();
  if (!shown) return;
  const marked = (changes) => strip.setMarks(changes);
  await compare.refresh({ ...shown, output: lastOfFlow(), demo: currentDemo(), marked });
}

function lastOfFlow() {
  const sources = new Set(flow.map((each) => each.from ?? each.source));
  const last = flow.map((each) => each.to ?? each.target).find((each) => !sources.has(each));
  return wall.stations.find((each) => each.station === last) ?? wall.stations.findLast((each) => !isMeasured(each));
}

function tick() {
  write(byId("clock"), hourMinute(now()));
  if (isFed()) for (const card of cards.values()) card.tick(); // else nobody knows how long it stands
  if (isLive()) measures.tick();
  showConnection();
}

function speakAnew() {
  settle();
  if (wall) {
    for (const card of cards.values()) card.show(card.station);
    setStationNames(wall.stations);
    showHead();
  }
  showDemo();
  showHealth();
  showRole();
  showView();
  strip.chart.make();
  compare.chart.make();
  strip.show();
  compare.show();
  measures.speak();
  tick();
}

function again() {
  compared_ms = performance.now();
  if (isLive()) refreshCompare();
}

byId("boot").remove(); // all modules came: see boot.js
document.body.dataset.connection = "starting";
settle();
settleDialogs();
settleView();
settleDemo(again, () => phaseShown()?.station.station);
onLanguage(speakAnew);
byId("language").addEventListener("click", switchLanguage);
byId("devices").addEventListener("click", showDevices);
follow({
  events: { kpi: hearStation, state: hearState, reading: hearReadings },
  opened: bringUpToDate,
  lost: markLost,
  status: setStatus,
});
tick();
setInterval(tick, 1000);
setInterval(again, AGAIN_MS);
