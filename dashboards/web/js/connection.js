// Says, loudly, when the page lost its server. Until the next good answer all figures are grey.

import { now, secondsSince, toTheSecond } from "./clock.js";
import { byId, el, write } from "./dom.js";
import { say } from "./language.js";
import { duration } from "./numbers.js";

let fresh_at = null;
let problem = null;

/** state: "starting" | "live" | "lost" | "locked" */
function turn(state) {
  document.body.dataset.connection = state;
  byId("lost").hidden = state === "live" || state === "starting";
}

/** Whether data can come at all: without the broker what stands on the page is the past, though the server answers. */
export function showFeed(comes) {
  document.body.dataset.feed = comes ? "comes" : "waits";
  showConnection();
}

/** Whether what stands on the page is of now. */
export function isFed() {
  return isLive() && document.body.dataset.feed !== "waits";
}

export function isLive() {
  return document.body.dataset.connection === "live";
}

/** A true answer came: what stands on the page is of now. */
export function markFresh() {
  fresh_at = new Date(now()).toISOString();
  problem = null;
  turn("live");
  showConnection();
}

/** The stream said something: what stands on the page is still of now. */
export function markHeard() {
  if (isLive()) fresh_at = new Date(now()).toISOString();
}

export function markLost(error) {
  if (error) problem = error;
  turn(problem?.locked ? "locked" : "lost");
  showConnection();
}

/** Write the bar again: each second, and when the language changes. */
export function showConnection() {
  const state = document.body.dataset.connection;
  const well = isFed() ? "live" : "waits_for_data";
  write(byId("link-word"), say(state === "live" ? well : state === "starting" ? "starting" : "lost"));
  if (state === "live" || state === "starting") return;
  write(byId("lost-word"), say(state));
  writeSentences(byId("lost-detail"), detail(state));
}

/** Each sentence a part of its own, so that a line breaks between sentences where it can. */
function writeSentences(element, text) {
  if (element.textContent === text) return;
  const said = text.split(/(?<=。)|(?<=\. )/);
  element.replaceChildren(...said.flatMap((each) => [el("span", { class: "sentence" }, each.trimEnd()), each.endsWith(" ") ? " " : ""]));
}

function detail(state) {
  if (state === "locked") return say("locked_detail");
  const reason = problem && problem.status > 0 ? ` ${say("failed")}: ${problem.message}` : "";
  if (!fresh_at) return say("lost_never") + reason;
  const ago = say("ago", { time: duration(secondsSince(fresh_at)) });
  return say("lost_detail", { time: toTheSecond(fresh_at), ago }) + reason;
}
