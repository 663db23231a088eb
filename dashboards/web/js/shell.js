// What every page around the line has: head, connection, language, who may enter. The page itself says what it shows.

import { setFormulas, settleDialogs } from "./basis.js";
import { hourMinute, now, setClock, setZone } from "./clock.js";
import { markFresh, markHeard, markLost, showConnection } from "./connection.js";
import { markVirtual } from "./demo.js";
import { byId, el, write } from "./dom.js";
import { setStationNames, setStatus, showDevices, showHealth } from "./health.js";
import { onLanguage, pick, say, sentences, settle, switchLanguage } from "./language.js";
import { setLine } from "./line.js";
import { follow } from "./link.js";
import { mayOperate, setRole, showRole } from "./role.js";
import { server } from "./server.js";

const STATION = "kojo.station";
let stations = [];
let demo = null;

/**
 * Begin a page. `opened(wall)` brings it up to date, at first and after each lost connection; `heard(station)` is told
 * what /live says of one; `speak()` writes all words anew; `tick()` comes each second.
 */
export function startPage({ opened, heard, speak, tick = () => {} }) {
  async function bringUpToDate() {
    const [line, wall] = await Promise.all([server.line(), server.wall()]);
    setLine(line);
    setRole(line.role);
    setFormulas(line.kpis ?? line.kpi);
    setZone(line.timezone);
    setClock(wall.now);
    demo = wall.demo;
    stations = wall.stations;
    setStationNames(stations);
    write(byId("line-name"), pick(wall.line.name));
    await opened(wall);
    markVirtual(demo);
    showHint();
    markFresh();
    everySecond();
  }

  function everySecond() {
    write(byId("clock"), hourMinute(now()));
    tick();
    showConnection();
  }

  onLanguage(() => {
    settle();
    showHint();
    showHealth();
    showRole();
    speak();
    markVirtual(demo);
    everySecond();
  });
  byId("boot").remove(); // all modules came: see boot.js
  document.body.dataset.connection = "starting";
  settle();
  settleDialogs();
  byId("language").addEventListener("click", switchLanguage);
  byId("devices").addEventListener("click", showDevices);
  const kpi = (station) => {
    markHeard();
    stations = stations.map((each) => (each.station === station.station ? station : each));
    heard(station);
  };
  const state = (body) => {
    markHeard();
    if (body?.agents || body?.ingest || body?.broker) setStatus(body);
  };
  follow({ events: { kpi, state, reading: markHeard }, opened: bringUpToDate, lost: markLost, status: setStatus });
  everySecond();
  setInterval(everySecond, 1000);
}

/** Who only looks sees no buttons, and how to get them. */
function showHint() {
  byId("hint").hidden = mayOperate();
  write(byId("hint"), mayOperate() ? "" : sentences(say("hint_pair"), demo ? say("hint_demo") : ""));
}

/** The station that the address names, else the one of the last visit, else the first. */
export function stationOfPage() {
  const asked = new URLSearchParams(location.search).get("station") ?? recall();
  return (stations.find((each) => each.station === asked) ?? stations[0])?.station ?? null;
}

export function figuresOf(station) {
  return stations.find((each) => each.station === station);
}

/** Keep a choice in the address, so that it can be bookmarked, and links to the other pages lead to the same station. */
export function keepChoice(choice) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(choice)) {
    if (value === null || value === "") address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  history.replaceState(null, "", address);
  if (choice.station) remember(choice.station);
}

/** One button for each station of the line; `chosen(id)` is called on a press. */
export function showStations(current, chosen) {
  byId("which").hidden = stations.length < 2;
  byId("which").replaceChildren(...stations.map((each) => el("button", { class: "chip", type: "button",
    "data-of-station": each.station, "aria-pressed": each.station === current ? "true" : "false",
    onclick: () => chosen(each.station) }, pick(each.name) || each.station)));
}

function recall() {
  try {
    return localStorage.getItem(STATION);
  } catch {
    return null;
  }
}

function remember(station) {
  try {
    localStorage.setItem(STATION, station);
  } catch {
    // a device that keeps nothing asks for the first station each time
  }
}
