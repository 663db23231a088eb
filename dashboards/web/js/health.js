// Are the devices well? A broken sensor is named, on the page and beside its station's numbers.
// The shapes are those of /status and of the agents' own documents (`_agents/{agent}`).

import { hourMinute } from "./clock.js";
import { byId, el, write } from "./dom.js";
import { language, pick, say } from "./language.js";
import { whole } from "./numbers.js";

const MUCH_BACKLOG = 1000;
const MOST_NOTICES = 2; // the numbers need the room
const NOT_WELL = ["broken", "hanging"];
let status = null;
let names = {};
let told = "";

export function setStationNames(stations) {
  names = Object.fromEntries(stations.map((each) => [each.station, pick(each.name) || each.station]));
  showHealth();
}

export function setStatus(body) {
  status = { ...status, ...body };
  showHealth();
}

/** What keeps data from coming, loudest first. */
function troubles() {
  if (!status) return [];
  const broker = status.broker?.connected === false ? [say("broker_lost")] : [];
  const full = status.ingest?.quarantine_full ? [say("quarantine_full")] : [];
  return [...broker, ...full, ...(status.agents ?? []).flatMap(agentTroubles)];
}

function agentTroubles(agent) {
  const { agent: id } = agent;
  if (agent.state === "offline")
    return [say("agent_lost", { agent: id, since: agent.at ? hourMinute(agent.at) : "—" })];
  const twice = agent.conflict ? [say("agent_twice", { agent: id })] : [];
  const disk = why(agent.outbox) ? [say("agent_disk", { agent: id, why: why(agent.outbox) })] : [];
  return [...twice, ...disk, ...deviceTroubles("sensor_bad", agent.sensors), ...deviceTroubles("output_bad", agent.outputs)];
}

/** `devices`: {"washer/done": {state: "ok" | "starting" | "broken" | "hanging", why_ja, why_en}}. */
function deviceTroubles(key, devices) {
  const bad = Object.entries(devices ?? {}).filter(([, health]) => NOT_WELL.includes(health?.state));
  return bad.map(([name, health]) => {
    const [station, device] = name.split("/");
    return say(key, { station: names[station] ?? station, device: device ?? name, why: why(health) || say("no_answer") });
  });
}

function why(health) {
  return health?.[`why_${language()}`] ?? "";
}

/** What is worth knowing and stops nothing. */
function remarks() {
  const ingest = status?.ingest ?? {};
  const quarantined = ingest.in_quarantine ?? ingest.quarantined ?? 0;
  return [
    ...(status?.agents ?? []).flatMap(agentRemarks),
    ...(quarantined > 0 ? [say("quarantined", { n: whole(quarantined) })] : []),
    ...(ingest.missing > 0 ? [say("missing", { n: whole(ingest.missing) })] : []),
    ...(ingest.stored === undefined ? [] : [say("stored", { n: whole(ingest.stored) })]),
  ];
}

function agentRemarks({ agent, state, backlog, dropped }) {
  const words = { agent, n: whole(backlog ?? 0) };
  return [
    ...(state === "unknown" ? [say("agent_unknown", words)] : []),
    ...(state === "online" ? [say(backlog > MUCH_BACKLOG ? "agent_backlog" : "agent_ok", words)] : []),
    ...(dropped > 0 ? [say("agent_dropped", { agent, n: whole(dropped) })] : []),
  ];
}

export function showHealth() {
  const found = troubles();
  const button = byId("devices");
  button.dataset.well = found.length === 0 ? "yes" : "no";
  write(byId("devices-word"), found.length ? say("devices_bad", { n: found.length }) : say("devices_ok"));
  button.hidden = status === null;
  const rest = found.length - MOST_NOTICES;
  const shown = [...found.slice(0, MOST_NOTICES), ...(rest > 0 ? [say("more_troubles", { n: rest })] : [])];
  if (shown.join("\n") === told) return;
  told = shown.join("\n");
  byId("notices").replaceChildren(...shown.map((text) => el("p", { class: "notice" }, text)));
}

export function showDevices() {
  const found = troubles();
  const list = (items, kind) => el("ul", { class: kind }, ...items.map((text) => el("li", {}, text)));
  byId("devices-list").replaceChildren(
    ...(found.length ? [list(found, "troubles")] : [el("p", {}, say("devices_none"))]),
    list(remarks(), "remarks"),
  );
  byId("devices-dialog").showModal();
}
