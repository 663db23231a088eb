// The leader's page: the hour board, the Pareto of stops, the count against the paper. One station, one shift at a time.

import { BoardView } from "./board.js";
import { isMeasured } from "./cards.js";
import { byId, el } from "./dom.js";
import { say } from "./language.js";
import { shiftsOfLine } from "./line.js";
import { ParetoView } from "./pareto.js";
import { ReconcileView } from "./reconcile.js";
import { figuresOf, keepChoice, showStations, startPage, stationOfPage } from "./shell.js";

const VIEWS = { board: BoardView, pareto: ParetoView, reconcile: ReconcileView };
const REST_MS = 1_000; // pieces may come faster than a board is read
const AGAIN_MS = 15_000;

const chosen = first();
let view = null;
let asking = false;
let due = false;
let asked_ms = 0;

/** What the address asks for: which view, which shift (none: the running one). */
function first() {
  const asked = new URLSearchParams(location.search);
  const show = asked.get("show") in VIEWS ? asked.get("show") : "board";
  return { station: null, show, date: asked.get("date") ?? "", shift: asked.get("shift") ?? "" };
}

/** Take another choice: the address follows, the view is built anew where it is another one. */
function choose(change) {
  const other = "show" in change || "station" in change || !view; // a station without pieces has none
  Object.assign(chosen, change);
  keepChoice({ ...chosen, show: chosen.show === "board" ? "" : chosen.show });
  if (other) build();
  showChoices();
  return refresh();
}

/** Where no pieces are counted there is no plan, no hour and no stop to lead by: it is said, with the way to its values. */
function build() {
  if (isMeasured(figuresOf(chosen.station))) {
    view = null;
    const link = el("a", { href: `station.html?station=${chosen.station}` }, say("to_measurements"));
    byId("acts").replaceChildren(el("p", { class: "hint no-pieces" }, say("no_pieces_board"), " ", link));
    return;
  }
  view = new VIEWS[chosen.show](chosen, refresh);
  byId("acts").replaceChildren(view.root);
}

/** One question at a time; what changed meanwhile is asked after it. A refusal of the server stands in the view's place. */
async function refresh() {
  if (!view) return;
  due = true;
  if (asking) return;
  asking = true;
  try {
    while (due && view) {
      due = false;
      asked_ms = performance.now();
      await renew();
    }
  } finally {
    asking = false;
  }
}

async function renew() {
  const mine = view;
  try {
    await mine.load();
    mine.failed = false;
    if (mine === view && !byId("acts").contains(mine.root)) byId("acts").replaceChildren(mine.root);
  } catch (error) {
    if (!error.status) {
      if (error.status === undefined) throw error; // a mistake of the page itself
      return; // the connection says itself that it is lost
    }
    mine.failed = true;
    const words = error.status === 403 ? say("hidden_person") : error.message;
    if (mine === view) byId("acts").replaceChildren(el("p", { class: "hint refused" }, words));
  }
}

function showChoices() {
  byId("shows").replaceChildren(...Object.keys(VIEWS).map((show) => el("button", { class: "chip", type: "button",
    "data-show": show, "aria-pressed": show === chosen.show ? "true" : "false", onclick: () => choose({ show }) }, say(show))));
  showStations(chosen.station, (station) => choose({ station }));
  byId("when").hidden = chosen.show !== "board";
  if (!byId("when").contains(document.activeElement)) byId("when").replaceChildren(...shiftChoice());
}

/** Which shift: the running one, or a day and a shift of line.toml. */
function shiftChoice() {
  const day = el("input", { type: "date", value: chosen.date, "aria-label": say("date"), id: "date" });
  const names = shiftsOfLine().map((each) => each.name);
  const shift = el("select", { "aria-label": say("shift"), id: "shift-name" },
    ...names.map((name) => el("option", { value: name, selected: name === chosen.shift }, name)));
  const take = () => day.value && choose({ date: day.value, shift: shift.value });
  day.addEventListener("change", take);
  shift.addEventListener("change", take);
  const now = el("button", { class: "chip", type: "button", "aria-pressed": chosen.date ? "false" : "true",
    onclick: () => choose({ date: "", shift: "" }) }, say("this_shift"));
  return [now, day, ...(names.length > 1 ? [shift] : [])];
}

function soon() {
  if (performance.now() - asked_ms > REST_MS) refresh();
  else due_again();
}

let timer = null;
function due_again() {
  timer ??= setTimeout(() => {
    timer = null;
    refresh();
  }, REST_MS);
}

startPage({
  opened: () => choose({ station: stationOfPage() }),
  heard: ({ station }) => station === chosen.station && view?.live && soon(),
  speak: () => {
    if (!chosen.station) return;
    showChoices();
    view ? view.speak() : build();
  },
  tick: () => {
    if (view?.live && performance.now() - asked_ms > AGAIN_MS) refresh();
  },
});

