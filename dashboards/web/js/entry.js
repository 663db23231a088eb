// Entering something: one dialog with the fields that are asked for, and plain words on whether it was recorded.

import { byId, el, write } from "./dom.js";
import { say } from "./language.js";

const SHOWN_MS = 10_000;
let timer = null;

/** Say that something was recorded, or why not: seen and heard, for some seconds. */
export function announce(text, well = true) {
  const place = byId("done");
  place.dataset.well = well ? "yes" : "no";
  place.hidden = false;
  write(place, text);
  clearTimeout(timer);
  if (well) timer = setTimeout(() => (place.hidden = true), SHOWN_MS);
}

/** Why it was not recorded, in words. */
export function failure(error) {
  return say("not_recorded", { why: error.status ? error.message : say("not_answered") });
}

/** Send; buttons inside `box` cannot be pressed meanwhile. Says what became of it; whether it was recorded. */
export async function send(box, what, act) {
  const buttons = [...box.querySelectorAll("button, select")].filter((each) => !each.disabled);
  for (const each of buttons) each.disabled = true;
  try {
    await act();
    announce(say("recorded", { what }));
    return true;
  } catch (error) {
    announce(failure(error), false);
    return false;
  } finally {
    for (const each of buttons) each.disabled = false;
  }
}

/** A whole number as people type it: "1,012", "+3", "-2", in wide signs too; null for anything else. */
export function wholeOf(text) {
  const plain = text.normalize("NFKC").replaceAll(",", "").replace(/^[−ー―–]/, "-").trim();
  return /^[+-]?\d{1,9}$/.test(plain) ? Number(plain) : null;
}

/**
 * Ask in a dialog. `fields`: [{name, label, kind: "whole" | "text" | "choice", value, options: [[value, words]],
 * optional, when: (values) => shown}]; `send(values)` records and gives the words for what was recorded.
 * `doubt(values)` gives words where one should think twice ("" where not): then only a second press records.
 */
export function ask({ title, means, fields, send: record, done, doubt }) {
  const dialog = byId("entry");
  const inputs = new Map(fields.map((field) => [field.name, inputOf(field)]));
  const rows = fields.map((field) => el("label", { class: "field" }, el("span", {}, field.label), inputs.get(field.name)));
  const values = () => Object.fromEntries(fields.map(({ name }) => [name, inputs.get(name).value.trim()]));
  const settle = () => fields.forEach((field, at) => (rows[at].hidden = field.when ? !field.when(values()) : false));
  const problem = el("p", { class: "problem", role: "alert" });
  const yes = el("button", { class: "strong", type: "submit" }, say("record"));
  const no = el("button", { class: "plain", type: "button", onclick: () => dialog.close() }, say("leave_it"));
  const form = el("form", { class: "entry", novalidate: true }, ...(means ? [el("p", { class: "note" }, means)] : []),
    ...rows, problem, el("div", { class: "buttons" }, no, yes));
  let sure = false;
  form.addEventListener("input", () => {
    settle();
    sure = false;
    write(yes, say("record"));
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const shown = fields.filter((_, at) => !rows[at].hidden);
    const wrong = shown.map((field) => wrongOf(field, inputs.get(field.name).value)).find(Boolean);
    if (wrong) return write(problem, wrong);
    yes.disabled = true;
    write(problem, say("sending"));
    try {
      const told = read(shown, inputs);
      const doubts = sure || !doubt ? "" : await doubt(told);
      if (doubts) {
        sure = true;
        write(problem, doubts);
        write(yes, say("record_anyway"));
        yes.disabled = false;
        return;
      }
      const what = await record(told);
      dialog.close();
      announce(say("recorded", { what }));
      await done?.();
    } catch (error) {
      write(problem, failure(error));
    }
    yes.disabled = false;
  });
  settle();
  byId("entry-title").textContent = title;
  byId("entry-body").replaceChildren(form);
  dialog.showModal();
}

function inputOf({ kind, value = "", options = [] }) {
  if (kind === "choice") {
    const listed = options.map(([each, words]) => el("option", { value: each, selected: each === value }, words));
    return el("select", {}, ...listed);
  }
  const whole = kind === "whole";
  return el("input", { type: "text", value, maxlength: whole ? 12 : 200, autocomplete: "off" });
}

function wrongOf({ label, kind, optional }, text) {
  if (optional && text.trim() === "") return "";
  if (kind === "whole" && wholeOf(text) === null) return say("whole_number", { field: label });
  return text.trim() === "" ? say("text_needed", { field: label }) : "";
}

function read(fields, inputs) {
  return Object.fromEntries(fields.map(({ name, kind }) => {
    const text = inputs.get(name).value.trim();
    return [name, kind === "whole" && text !== "" ? wholeOf(text) : text];
  }));
}
