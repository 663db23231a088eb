// What this device may do, as the server says with /line. Who just joined to operate is told so once, for a short time.

import { byId, write } from "./dom.js";
import { say } from "./language.js";

const KEY = "kojo.role";
const SHOWN_MS = 12_000;
let role = null;
let new_here = false;

/** `told`: "operator" | "viewer"; undefined from a server that does not say. */
export function setRole(told) {
  role = told ?? null;
  if (role === "operator" && remembered() !== role) {
    new_here = true;
    setTimeout(() => {
      new_here = false;
      showRole();
    }, SHOWN_MS);
  }
  remember(role);
  showRole();
}

export function mayOperate() {
  return role === "operator";
}

export function showRole() {
  byId("role").hidden = role !== "operator";
  byId("role").dataset.new = new_here ? "yes" : "no";
  write(byId("role-word"), role === "operator" ? say("may_operate") : "");
  byId("joined").hidden = !new_here;
  write(byId("joined"), new_here ? say("joined") : "");
}

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a browser that keeps nothing is told each time
  }
}

function remember(told) {
  try {
    localStorage.setItem(KEY, told ?? "");
  } catch {
    // see above
  }
}
