// One tap from a figure to its formula and its basis.

import { dayAndTime } from "./clock.js";
import { byId, el } from "./dom.js";
import { brief, decimal, duration, known, percent } from "./numbers.js";
import { language, pick, say } from "./language.js";
import { WORDS } from "./words.js";

const OWN = ["difference"]; // said in the words of the wall, which the server's formula does not use
const BESIDE = ["short", "kadoritsu", "no_data_s", "code", "preliminary"]; // said first, said in minutes, said in words
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** formulas of /line by KPI field: {title, unit, formula}, all in both languages. */
let formulas = {};

export function setFormulas(kpis) {
  const listed = Array.isArray(kpis) ? kpis : Object.entries(kpis ?? {}).map(([key, kpi]) => ({ key, ...kpi }));
  formulas = Object.fromEntries(listed.map((kpi) => [kpi.key ?? kpi.field ?? kpi.name, kpi]));
}

function formulaOf(field, phase) {
  const kpi = formulas[field] ?? (phase ? (formulas[`phases.${phase}`] ?? formulas.phases) : null);
  if (kpi?.formula && !OWN.includes(field)) return pick(kpi.formula).replaceAll(" - ", " − ");
  const key = phase ? "formula_phase" : `formula_${field}`;
  return WORDS[key] ? say(key) : "";
}

function label(key) {
  return WORDS[`basis_${key}`] ? say(`basis_${key}`) : WORDS[key] ? say(key) : key;
}

function worthSaying(value) {
  if (value === null || value === undefined || value === false || value === "") return false;
  return typeof value !== "object" || Object.values(value).some(worthSaying);
}

function plain(value) {
  if (value === null || value === undefined || value === "") return say("not_known");
  if (typeof value === "boolean") return say(value ? "yes" : "no");
  if (typeof value === "string") return INSTANT.test(value) ? dayAndTime(value) : value;
  return typeof value === "number" ? brief(value) : String(value);
}

function written(value) {
  if (Array.isArray(value)) return value.length ? value.map(written).join(language() === "ja" ? "、" : ", ") : plain(null);
  if (value && typeof value === "object") {
    if ("ja" in value || "en" in value) return pick(value);
    if ("start" in value && "end" in value) return `${plain(value.start)} – ${plain(value.end)}`;
    return Object.entries(value).filter(([, each]) => worthSaying(each)).map(([key, each]) => `${label(key)} ${written(each)}`).join(" / ");
  }
  return plain(value);
}

/** 定時 468分 + 残業 0分 − 休憩 20分 − 計画停止 0分 = 448分 */
function plannedTime(time) {
  const { regular_s, overtime_s, break_s, planned_stop_s, planned_time_s } = time;
  const parts = { regular: regular_s, overtime: overtime_s, rest: break_s, planned: planned_stop_s, busy: planned_time_s };
  return say("planned_time_said", Object.fromEntries(Object.entries(parts).map(([key, s]) => [key, duration(s)])));
}

/** What is said in a manner of its own. */
const TOLD = {
  planned_time: plannedTime,
  without_reason: ({ minutes, share }) => say("without_reason_of", { min: decimal(minutes), share: percent(share) }),
};

function told(key, value) {
  const own = TOLD[key];
  return own && (typeof value === "object" || known(value)) ? own(value) : written(value);
}

/** A basis is an object (key -> value), words in both languages, or a list of sentences. */
function lines(basis) {
  if (!basis || (typeof basis === "object" && Object.keys(basis).length === 0))
    return [el("p", {}, say("no_basis"))];
  if (typeof basis === "string" || "ja" in basis) return [el("p", {}, pick(basis))];
  if (Array.isArray(basis)) return basis.map((each) => el("p", {}, written(each)));
  const worth = Object.entries(basis).filter(([key, value]) => !BESIDE.includes(key) && worthSaying(value));
  const rows = worth.flatMap(([key, value]) => [el("dt", {}, label(key)), el("dd", {}, told(key, value))]);
  const first = basis.kadoritsu ?? basis.short;
  return [...(first ? [el("p", {}, pick(first))] : []), el("dl", {}, ...rows)];
}

/**
 * Open the dialog. `figure`: {title, field, phase, value, unit, lead, formula, figures, basis, notes}; `lead` is
 * said first, `figures` is the formula with its numbers, `notes` come last.
 */
export function showBasis(figure) {
  const dialog = byId("basis");
  const formula = figure.formula ?? formulaOf(figure.field, figure.phase);
  const parts = [
    el("p", { class: "basis-value" }, el("strong", {}, figure.value), ` ${figure.unit ?? ""}`),
    ...(figure.lead ? [el("p", {}, figure.lead)] : []),
    ...(formula ? [el("h3", {}, say("formula")), el("p", { class: "formula" }, formula)] : []),
    ...(figure.figures ? [el("p", { class: "formula" }, figure.figures)] : []),
    ...(figure.basis === undefined ? [] : [el("h3", {}, say("basis")), ...lines(figure.basis)]),
    ...(figure.notes ?? []).filter(Boolean).map((note) => el("p", { class: "note" }, note)),
  ];
  byId("basis-title").textContent = figure.title;
  byId("basis-body").replaceChildren(...parts);
  dialog.showModal();
}

/** Close buttons, and a tap beside the dialog. Escape is the browser's own. */
export function settleDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) {
    for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }
}
