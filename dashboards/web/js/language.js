// Which language is spoken on this screen. Kept on the device; ?lang=en decides for one visit.

import { WORDS } from "./words.js";

const KEPT = "kojo.language";
const LANGUAGES = ["ja", "en"];
const listeners = new Set();
let spoken = first();

function first() {
  const asked = new URLSearchParams(location.search).get("lang");
  if (LANGUAGES.includes(asked)) return asked;
  const kept = recall();
  return LANGUAGES.includes(kept) ? kept : "ja";
}

function recall() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // storage may be forbidden on a kiosk; Japanese then
  }
}

function keep(language) {
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // forbidden storage only means that the choice ends with this visit
  }
}

export function language() {
  return spoken;
}

/** Speak the other language from now on, here and at the next visit. */
export function switchLanguage() {
  spoken = spoken === "ja" ? "en" : "ja";
  keep(spoken);
  settle();
  for (const listener of listeners) listener();
}

export function onLanguage(listener) {
  listeners.add(listener);
}

/** The words of a key: `{name}` is filled in from `values`, `{name|day|days}` chooses by whether it is 1. */
export function say(key, values = {}) {
  const words = WORDS[key];
  if (!words) throw new Error(`no words for "${key}" in words.js`);
  const numbered = words[spoken].replace(/\{(\w+)\|([^|}]*)\|([^}]*)\}/g, (_, name, one, many) =>
    String(values[name]) === "1" ? one : many);
  return numbered.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Sentences one after the other: with a space between where the language has one. */
export function sentences(...said) {
  return said.filter(Boolean).join(spoken === "ja" ? "" : " ");
}

/** Words that came from the server: plain text, or {"ja": …, "en": …}. */
export function pick(words) {
  if (words === null || words === undefined) return "";
  if (typeof words === "object") return words[spoken] ?? words.ja ?? words.en ?? "";
  return String(words);
}

let phases = {}; // names that the sensors of the line give their phases

export function setPhaseNames(names) {
  phases = names;
}

/** A phase's name in the floor's words; one that words.js does not know has its sensor's name, or is as line.toml spells it. */
export function phaseName(phase) {
  return WORDS[`phase_${phase}`] ? say(`phase_${phase}`) : (phases[phase] ?? phase);
}

/** Fill every element that names its words by data-word, data-word-label or data-word-title; <html data-title> names the page's. */
export function settle(root = document) {
  document.documentElement.lang = spoken;
  document.title = say(document.documentElement.dataset.title ?? "title");
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
  for (const element of root.querySelectorAll("[data-word-label]"))
    element.setAttribute("aria-label", say(element.dataset.wordLabel));
  for (const element of root.querySelectorAll("[data-word-title]")) element.title = say(element.dataset.wordTitle);
}
