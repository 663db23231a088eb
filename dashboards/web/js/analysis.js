// The analysis pages: one view at a time, named by the address (#evaluation). Each asks only when it is looked at.

import { settleDialogs } from "./basis.js";
import { setClock, setZone } from "./clock.js";
import { ControlView } from "./analysis_control.js";
import { CorrelationView } from "./analysis_correlation.js";
import { setDayStarts } from "./analysis_days.js";
import { EvaluationView } from "./analysis_evaluation.js";
import { setAnalysedLine } from "./analysis_line.js";
import { LossesView } from "./analysis_losses.js";
import { ThresholdsView } from "./analysis_thresholds.js";
import { WhatIfView } from "./analysis_what_if.js";
import "./words_analysis.js";
import { markFresh, markLost, showConnection } from "./connection.js";
import { byId, el, write } from "./dom.js";
import { onLanguage, pick, say, settle, switchLanguage } from "./language.js";
import { setLine } from "./line.js";
import { setRole, showRole } from "./role.js";
import { server } from "./server.js";

const AGAIN_MS = 3_000;
const VIEWS = {
  evaluation: EvaluationView, losses: LossesView, thresholds: ThresholdsView, control: ControlView, correlation: CorrelationView,
  "what-if": WhatIfView,
};
const opened = new Map();
let line = null;
let demo = null;
let current = "evaluation";

/** Once the server answers: names, days and improvements; again until it does. */
async function begin() {
  try {
    const [told, wall, { events }] = await Promise.all([server.line(), server.wall(), server.events()]);
    setClock(wall.now);
    setZone(told.timezone);
    setDayStarts(told.day_starts);
    setLine(told);
    setAnalysedLine(told, events);
    setRole(told.role);
    [line, demo] = [told, wall.demo];
    markFresh();
    speak();
    open();
  } catch (error) {
    markLost(error);
    setTimeout(begin, AGAIN_MS);
  }
}

/** The view that the address names; an address within the page (the skip link's) leaves the one that is shown. */
function shown() {
  const name = location.hash.slice(1);
  if (name in VIEWS) current = name;
  return current;
}

/** The view that the address names. It is made and asked at its first look, and stays as it was left. */
function open() {
  const name = shown();
  for (const link of byId("views").querySelectorAll("a"))
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.dataset.view !== name;
  if (!line) return;
  const section = document.querySelector(`main > [data-view="${name}"]`);
  if (!opened.has(name)) {
    const view = new VIEWS[name]();
    opened.set(name, view);
    section.append(view.root);
    settle(section);
    view.begin();
  }
  for (const each of charts(opened.get(name))) each.draw();
}

/** What hangs in a view that was hidden has no size until it is seen. */
function charts(view) {
  return results(view).flatMap((result) => result.charts);
}

function results(view) {
  return [view.result, view.pair, view.capability?.result].filter(Boolean);
}

function speak() {
  settle();
  document.body.dataset.virtual = demo?.virtual ? "yes" : "no";
  for (const mark of document.querySelectorAll(".virtual-mark")) write(mark, demo?.virtual ? say("virtual") : "");
  if (line) write(byId("line-name"), pick(line.name));
  showRole();
  showConnection();
  for (const view of opened.values()) for (const result of results(view)) result.show();
}

/** On paper everything is black on white, and what was folded is open. */
function forPaper(on) {
  document.documentElement.dataset.print = on ? "yes" : "no";
  for (const part of document.querySelectorAll("main > section:not([hidden]) details")) {
    if (on && !part.open) part.dataset.folded = "yes";
    if (on) part.open = true;
    else if (part.dataset.folded) part.open = false;
    if (!on) delete part.dataset.folded;
  }
  const view = opened.get(shown());
  if (view) for (const each of charts(view)) each.draw();
}

byId("boot").remove(); // all modules came: see boot.js
document.body.dataset.connection = "starting";
byId("views").replaceChildren(...Object.keys(VIEWS).map((name) => el("a", { href: `#${name}`, "data-word": `view_${name.replace("-", "_")}` })));
settle();
settleDialogs();
onLanguage(speak);
byId("language").addEventListener("click", switchLanguage);
byId("print").addEventListener("click", () => print());
addEventListener("hashchange", open);
addEventListener("beforeprint", () => forPaper(true));
addEventListener("afterprint", () => forPaper(false));
open();
begin();
