// Are the devices well? A broken sensor is named, on the page and beside its station's numbers.
// The shapes are those of /status and of the agents' own documents (`_agents/{agent}`).

import { hourMinute, now } from "./clock.js";
import { showFeed } from "./connection.js";
import { byId, el, write } from "./dom.js";
import { language, pick, say } from "./language.js";
import { agentsOfLine, deviceName } from "./line.js";
import { whole } from "./numbers.js";
import { showQuarantine } from "./quarantine.js";

const MUCH_BACKLOG = 1000;
const MOST_NOTICES = 2; // the numbers need the room
const NOT_WELL = ["broken", "hanging"];
let status = null;
let names = {};
let told = "";
let away_at = null; // since when the broker is away, as far as this page saw it

export function setStationNames(stations) {
  names = Object.fromEntries(stations.map((each) => [each.station, pick(each.name) || each.station]));
  showHealth();
}

export function setStatus(body) {
  status = { ...status, ...body };
  const away = brokerIsAway();
  away_at = away ? (away_at ?? now()) : null;
  showFeed(!away);
  showHealth();
}

function brokerIsAway() {
  return status?.broker?.connected === false;
}

/** When an agent was last known to be well: what it said last, if no broker could tell that it went away since. */
function wellUntil(at) {
  const said = Date.parse(at ?? "");
  return hourMinute(Number.isNaN(said) ? away_at : Math.min(said, away_at));
}

/** What keeps data from coming, loudest first. */
function troubles() {
  if (!status) return [];
  const broker = brokerIsAway() ? [say("broker_lost")] : [];
  const full = status.ingest?.quarantine_full ? [say("quarantine_full")] : [];
  const store = (status.store?.care ?? []).some((each) => each.open) ? [say("store_broken")] : [];
  return [...broker, ...store, ...full, ...(status.agents ?? []).flatMap(agentTroubles)];
}

function agentTroubles(agent) {
  const { agent: id } = agent;
  if (agent.state === "offline") {
    const since = "well_until" in agent ? agent.well_until : agent.at; // a last will is as old as the connection
    return [since ? say("agent_lost", { agent: id, since: hourMinute(since) }) : say("agent_away", { agent: id })];
  }
  const twice = agent.conflict ? [say("agent_twice", { agent: id })] : [];
  const disk = why(agent.outbox) ? [say("agent_disk", { agent: id, why: why(agent.outbox) })] : [];
  return [...twice, ...disk, ...deviceTroubles("sensor_bad", agent.sensors), ...deviceTroubles("output_bad", agent.outputs)];
}

/** `devices`: {"washer/done": {state: "ok" | "starting" | "broken" | "hanging", why_ja, why_en}}. */
function deviceTroubles(key, devices) {
  const bad = Object.entries(devices ?? {}).filter(([, health]) => NOT_WELL.includes(health?.state));
  return bad.map(([name, health]) => {
    const [station, device] = name.split("/");
    return say(key, { station: names[station] ?? station, device: device ? deviceName(station, device) : name, why: why(health) || say("no_answer") });
  });
}

function why(health) {
  return health?.[`why_${language()}`] ?? "";
}

/** What a person must look at although data go on coming: it is counted on the button, and takes no room on the wall. */
function checks() {
  if (!status) return [];
  const ingest = status.ingest ?? {};
  const quarantined = ingest.in_quarantine ?? ingest.quarantined ?? 0;
  return [
    ...neverHeard().map((agent) => say("agent_unknown", { agent })),
    ...(quarantined > 0 ? [say("quarantined", { n: whole(quarantined) })] : []),
    ...(ingest.missing > 0 ? [say("missing", { n: whole(ingest.missing) })] : []),
    ...(status.agents ?? []).filter((each) => each.dropped > 0)
      .map(({ agent, dropped }) => say("agent_dropped", { agent, n: whole(dropped) })),
  ];
}

/** Agents of the line of which nothing came yet; a status without agents says nothing of them. */
function neverHeard() {
  if (!status.agents) return [];
  const told = status.agents.map((each) => each.agent);
  const unknown = status.agents.filter((each) => each.state === "unknown").map((each) => each.agent);
  return [...unknown, ...agentsOfLine().filter((agent) => !told.includes(agent))];
}

/** What is worth knowing, and well. */
function remarks() {
  const ingest = status?.ingest ?? {};
  return [
    ...(status?.agents ?? []).flatMap(agentRemarks),
    ...(ingest.stored === undefined ? [] : [say("stored", { n: whole(ingest.stored) })]),
  ];
}

function agentRemarks({ agent, state, at, backlog }) {
  if (state !== "online") return [];
  if (brokerIsAway()) return [say("agent_not_known", { agent, at: wellUntil(at) })];
  return [say(backlog > MUCH_BACKLOG ? "agent_backlog" : "agent_ok", { agent, n: whole(backlog ?? 0) })];
}

export function showHealth() {
  const found = troubles();
  const button = byId("devices");
  const open = found.length + checks().length;
  button.dataset.well = open === 0 ? "yes" : "no";
  write(byId("devices-word"), open ? say("devices_bad", { n: open }) : say("devices_ok"));
  button.hidden = status === null;
  const rest = found.length - MOST_NOTICES;
  const shown = [...found.slice(0, MOST_NOTICES), ...(rest > 0 ? [say("more_troubles", { n: rest })] : [])];
  if (shown.join("\n") === told) return;
  told = shown.join("\n");
  byId("notices").replaceChildren(...shown.map((text) => el("p", { class: "notice" }, text)));
}

export function showDevices() {
  const found = [...troubles(), ...checks()];
  const list = (items, kind) => el("ul", { class: kind }, ...items.map((text) => el("li", {}, text)));
  const refused = el("div", { class: "quarantine" });
  byId("devices-list").replaceChildren(
    el("p", {}, found.length ? say("devices_found", { n: found.length }) : say("devices_none")),
    ...(found.length ? [list(found, "troubles")] : []),
    refused,
    list(remarks(), "remarks"),
  );
  if ((status?.ingest?.in_quarantine ?? 0) > 0) showQuarantine(refused);
  byId("devices-dialog").showModal();
}
