// What could not be believed: the commonest reasons with their topic and what to do; the operator has it judged again.

import { el, write } from "./dom.js";
import { say } from "./language.js";
import { mayOperate } from "./role.js";
import { server } from "./server.js";

const SHOWN = 3;
const CLOCK = ["too_old", "ahead"];
const KNOWN = ["wrong_kind", "total_fell", "conflict"];
const FORM = ["time", "not_json", "empty", "byte_order_mark", "no_value", "not_finite", "too_large", "too_big", "too_deep", "long_text"];

function kind(reason) {
  if (reason.startsWith("unknown")) return "unknown";
  if (CLOCK.includes(reason)) return "clock";
  if (FORM.includes(reason)) return "form";
  return KNOWN.includes(reason) ? reason : "other";
}

/** Fill `box` once the server has said what lies there; `said` is what came of the last attempt. */
export async function showQuarantine(box, said = "") {
  let messages;
  try {
    ({ messages } = await server.quarantine());
  } catch (error) {
    return box.replaceChildren(el("p", { class: "note" }, `${say("failed")}: ${error.message}`));
  }
  const button = el("button", { type: "button", class: "plain", onclick: () => again(box, messages) }, say("judge_again"));
  const parts = commonest(messages).map(([group, of]) =>
    el("li", {}, say("quarantine_row", { why: say(`quarantine_${group}`), n: of.length, topic: of[0].topic })));
  box.replaceChildren(
    ...(parts.length ? [el("ul", { class: "remarks" }, ...parts)] : []),
    ...(messages.length && mayOperate() ? [button] : []),
    el("p", { class: "note", role: "status" }, said),
  );
}

function commonest(messages) {
  const groups = new Map();
  for (const each of messages) groups.set(kind(each.reason), [...(groups.get(kind(each.reason)) ?? []), each]);
  return [...groups].sort(([, a], [, b]) => b.length - a.length).slice(0, SHOWN);
}

async function again(box, messages) {
  box.querySelector("button").disabled = true;
  try {
    const { stored, still } = await server.replay(messages.map((each) => each.id));
    const left = Array.isArray(still) ? still.length : still;
    await showQuarantine(box, say(left ? "replayed_still" : "replayed", { stored, still: left }));
  } catch (error) {
    write(box.querySelector("[role=status]"), `${say("failed")}: ${error.message}`);
    box.querySelector("button").disabled = false;
  }
}
