// What could not be believed: the commonest kinds with their topic and what to do, in the server's words; the operator
// has it judged again, or throws it away.

import { el, write } from "./dom.js";
import { pick, say } from "./language.js";
import { mayOperate } from "./role.js";
import { server } from "./server.js";

const SHOWN = 3;

/** Fill `box` once the server has said what lies there; `said` is what came of the last attempt. */
export async function showQuarantine(box, said = "") {
  let messages;
  try {
    ({ messages } = await server.quarantine());
  } catch (error) {
    return box.replaceChildren(el("p", { class: "note" }, `${say("failed")}: ${error.message}`));
  }
  const rows = listed(messages);
  box.replaceChildren(
    ...(rows.length ? [el("ul", { class: "remarks" }, ...rows)] : []),
    ...(messages.length ? acts(box, messages) : []),
    el("p", { class: "note", role: "status" }, said),
  );
}

function listed(messages) {
  const kinds = new Map();
  for (const each of messages) {
    const kind = `${each.reason} ${each.topic}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), each]);
  }
  const sorted = [...kinds.values()].sort((a, b) => b.length - a.length);
  const rest = sorted.slice(SHOWN);
  const more = say("quarantine_rest", { kinds: rest.length, n: rest.reduce((sum, of) => sum + of.length, 0) });
  return [...sorted.slice(0, SHOWN).map(row), ...(rest.length ? [more] : [])].map((text) => el("li", {}, text));
}

function row(of) {
  const [{ topic, why_ja, why_en, do_ja, do_en }] = of;
  const words = { why: pick({ ja: why_ja, en: why_en }), what: pick({ ja: do_ja, en: do_en }) };
  return say("quarantine_row", { ...words, n: of.length, topic });
}

function acts(box, messages) {
  if (!mayOperate()) return [el("p", { class: "note" }, say("quarantine_operator"))];
  const ids = messages.map((each) => each.id);
  const judge = () => act(box, async () => {
    const { stored, still } = await server.replay(ids);
    const left = Array.isArray(still) ? still.length : still;
    return say(left ? "replayed_still" : "replayed", { stored, still: left });
  });
  const throwAway = () => act(box, async () => say("discarded", { n: (await server.discard(ids)).discarded }));
  const away = el("button", { type: "button", class: "plain", onclick: askFirst(ids.length, throwAway) }, say("discard"));
  return [el("button", { type: "button", class: "plain", onclick: judge }, say("judge_again")), away];
}

/** What cannot be undone takes a second press, on a button that says so. */
function askFirst(n, then) {
  let asked = false;
  return (event) => {
    if (asked) return then();
    asked = true;
    write(event.currentTarget, say("discard_sure", { n }));
  };
}

async function act(box, does) {
  const buttons = [...box.querySelectorAll("button")];
  for (const each of buttons) each.disabled = true;
  try {
    await showQuarantine(box, await does());
  } catch (error) {
    write(box.querySelector("[role=status]"), `${say("failed")}: ${error.message}`);
    for (const each of buttons) each.disabled = false;
  }
}
