// What was entered of a station lately, newest first; who may operate takes back what was wrong. It stays, marked so.

import { dayAndTime, now } from "./clock.js";
import { byId, el } from "./dom.js";
import { ask } from "./entry.js";
import { pick, say } from "./language.js";
import { reasonName } from "./line.js";
import { signed, whole } from "./numbers.js";
import { mayOperate } from "./role.js";
import { server } from "./server.js";

const LOOK_BACK_MS = 2 * 86_400_000;
const MOST = 10;

export class RecentPanel {
  /** `changed()` asks all anew, after something was taken back. */
  constructor(changed) {
    this.changed = changed;
    this.entries = [];
  }

  /** Ask for the entries of a station. Nothing is asked where nothing may be entered. */
  async load(station, isStill) {
    if (!mayOperate()) return;
    const start = new Date(now() - LOOK_BACK_MS).toISOString();
    const { entries } = await server.entries({ station, start });
    if (!isStill()) return;
    this.entries = entries.sort((a, b) => touched(b) - touched(a)).slice(0, MOST);
    this.write();
  }

  write() {
    byId("recent").hidden = !mayOperate() || this.entries.length === 0;
    byId("recent-list").replaceChildren(...this.entries.map((each) => this.row(each)));
  }

  row(entry) {
    const { withdrawn } = entry;
    const button = el("button", { class: "act", type: "button", "data-act": "withdraw", "aria-label": `${say("withdraw")}: ${saidOf(entry)}`,
      onclick: () => this.withdraw(entry) }, say("withdraw"));
    return el("li", { "data-entry": entry.id, "data-withdrawn": withdrawn ? "yes" : "no" },
      el("div", { class: "recent-said" },
        el("span", { class: "recent-when" }, say("recent_for", { kind: pick(entry.title), time: dayAndTime(entry.at) })),
        el(withdrawn ? "s" : "strong", {}, saidOf(entry)),
        ...(withdrawn ? [el("span", { class: "note" }, say("withdrawn_why", { time: dayAndTime(withdrawn.made), why: withdrawn.why }))] : [])),
      ...(withdrawn ? [] : [button]));
  }

  withdraw(entry) {
    ask({
      title: say("withdraw_this"),
      means: say("withdraw_means", { what: `${pick(entry.title)} ${saidOf(entry)}` }),
      fields: [{ name: "why", label: say("why_withdrawn"), kind: "text" }],
      send: async ({ why }) => {
        await server.withdraw({ id: entry.id, why });
        return `${say("withdraw")} ${saidOf(entry)}`;
      },
      done: this.changed,
    });
  }
}

/** When it was last touched: entered, or taken back. */
function touched({ made, withdrawn }) {
  return Date.parse(withdrawn?.made ?? made);
}

const SAID = {
  reason: ({ reason }) => reasonName(reason),
  correction: ({ quantity, delta, why }) => `${say(`${quantity}_quantity`)} ${signed(delta)} ${why}`,
  plan: ({ date, shift, quantity }) => `${date} ${shift} ${whole(quantity)} ${say("pieces")}`,
  event: ({ kind, text }) => `${say(kind === "improvement" ? "improved" : "note")} ${text}`,
  reconciliation: ({ date, shift, tally }) => `${date} ${shift} ${whole(tally)} ${say("pieces")}`,
  mode: ({ mode }) => say(`enter_${mode}`),
  mute: ({ minutes }) => say("minutes_said", { n: minutes }),
  wip: ({ from, to, quantity }) => `${from} → ${to} ${whole(quantity)} ${say("pieces")}`,
  effect: ({ document }) => document,
};

function saidOf(entry) {
  return SAID[entry.entry]?.(entry) ?? "";
}
