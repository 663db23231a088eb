// Are the devices well? A broken sensor is named, on the page and beside its station's numbers.

import { hourMinute } from "./clock.js";
import { byId, el, write } from "./dom.js";
import { pick, say } from "./language.js";
import { whole } from "./numbers.js";

const MUCH_BACKLOG = 1000;
const MOST_NOTICES = 2; // the numbers need the room
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

/** One agent's state came by the live feed. */
export function setAgent(agent) {
  const others = (status?.agents ?? []).filter((each) => each.agent !== agent.agent);
  setStatus({ agents: [...others, agent] });
}

function brokerIsLost(broker) {
  if (broker === null || broker === undefined) return false;
  if (typeof broker === "object") return broker.connected === false || broker.ok === false;
  return broker === false || broker === "lost" || broker === "disconnected";
}

/** What keeps data from coming, loudest first: [text]. */
function troubles() {
  if (!status) return [];
  const broker = brokerIsLost(status.broker) ? [say("broker_lost")] : [];
  return [...broker, ...(status.agents ?? []).flatMap(agentTroubles)];
}

function agentTroubles(agent) {
  const { agent: id } = agent;
  if (agent.state === "offline")
    return [say("agent_lost", { agent: id, since: agent.at ? hourMinute(agent.at) : "—" })];
  const twice = agent.conflict ? [say("agent_twice", { agent: id })] : [];
  return [...twice, ...sensorTroubles(agent.sensors)];
}

/** `sensors`: {"washer/done": "ok" | {ok | state, words | ja, en | why}}. */
function sensorTroubles(sensors) {
  const listed = Array.isArray(sensors) ? sensors.map((each) => [each.id ?? `${each.station}/${each.sensor}`, each])
    : Object.entries(sensors ?? {});
  return listed.filter(([, health]) => !isWell(health)).map(([id, health]) => {
    const [station, sensor] = id.includes("/") ? id.split("/") : ["", id];
    return say("sensor_bad", { station: names[station] ?? station, sensor: sensor ?? id, why: why(health) });
  });
}

function isWell(health) {
  if (health === null || health === undefined || typeof health === "boolean") return health !== false;
  if (typeof health === "string") return health === "ok";
  return health.ok ?? ["ok", "well", "online", "running"].includes(health.state ?? health.health ?? "ok");
}

function why(health) {
  const words = health?.words ?? health?.why ?? health?.message ?? health;
  return (typeof words === "object" ? pick(words) : typeof words === "string" ? words : "") || say("sensor_silent");
}

/** What is worth knowing and stops nothing. */
function remarks() {
  const ingest = status?.ingest ?? {};
  const agents = status?.agents ?? [];
  const slow = agents.filter((agent) => agent.backlog > MUCH_BACKLOG);
  return [
    ...slow.map((agent) => say("agent_backlog", { agent: agent.agent, n: whole(agent.backlog) })),
    ...agents.filter((agent) => agent.dropped > 0).map((agent) => say("agent_dropped", { agent: agent.agent, n: whole(agent.dropped) })),
    ...(ingest.quarantined > 0 ? [say("quarantined", { n: whole(ingest.quarantined) })] : []),
    ...(ingest.missing > 0 ? [say("missing", { n: whole(ingest.missing) })] : []),
    ...agents.filter((agent) => agent.state === "online").map((agent) => say("agent_ok", { agent: agent.agent, n: whole(agent.backlog ?? 0) })),
    ...(ingest.stored === undefined ? [] : [say("stored", { n: whole(ingest.stored) })]),
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
