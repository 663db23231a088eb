// Why it stood: at most six buttons, the proposed reason first; what the line has beyond them is in a list.

import { announce, send } from "./entry.js";
import { el } from "./dom.js";
import { pick, say } from "./language.js";
import { reasonsOfLine } from "./line.js";
import { server } from "./server.js";

const MOST = 6;

/** The reasons of line.toml in its order, what is proposed before all others. */
function ordered(proposed) {
  const listed = reasonsOfLine();
  const first = listed.filter((each) => each.id === proposed?.reason);
  return [...first, ...listed.filter((each) => each.id !== proposed?.reason)];
}

/** Buttons that record the reason of the stop at `at` (any moment in it); `given()` follows what was recorded. */
export function reasonButtons({ station, at, proposed, given, later, more = true }) {
  const reasons = ordered(proposed);
  if (reasons.length === 0) return el("p", { class: "note" }, say("no_reasons"));
  const box = el("div", { class: "reasons", role: "group", "aria-label": say("why_standing") });
  const give = async (reason) => {
    if (await send(box, pick(reason.name), () => server.addReason({ station, at, reason: reason.id }))) await given();
  };
  const button = (reason) => el("button", { class: "reason", type: "button", "data-reason": reason.id,
    onclick: () => give(reason) }, pick(reason.name),
  ...(reason.id === proposed?.reason ? [el("span", { class: "proposed" }, say("proposed"))] : []));
  box.append(...reasons.slice(0, MOST).map(button));
  const rest = reasons.slice(MOST);
  if (more && rest.length > 0) box.append(others(rest, give));
  if (later) box.append(el("button", { class: "reason later", type: "button", onclick: () => {
    announce(say("later_said"));
    later();
  } }, say("later")));
  return box;
}

function others(rest, give) {
  const list = el("select", { class: "others", "aria-label": say("other_reasons") },
    el("option", { value: "" }, say("other_reasons")),
    ...rest.map((each) => el("option", { value: each.id }, pick(each.name))));
  list.addEventListener("change", () => {
    const chosen = rest.find((each) => each.id === list.value);
    if (chosen) give(chosen);
  });
  return list;
}
