// Two views of the one page: everything, or only what is read from ten metres (key "w", or ?view=wall).

import { byId, write } from "./dom.js";
import { say } from "./language.js";

function isWall() {
  return document.documentElement.dataset.view === "wall";
}

export function settleView() {
  const asked = new URLSearchParams(location.search).get("view");
  turn(asked === "wall");
  byId("view").addEventListener("click", () => turn(!isWall()));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "w") turn(!isWall());
    if (event.key === "Escape" && isWall()) turn(false);
  });
}

function turn(wall) {
  document.documentElement.dataset.view = wall ? "wall" : "all";
  const address = new URL(location.href);
  if (wall) address.searchParams.set("view", "wall");
  else address.searchParams.delete("view");
  history.replaceState(null, "", address);
  showView();
}

export function showView() {
  write(byId("view-word"), say(isWall() ? "wall_off" : "wall_on"));
  byId("view").setAttribute("aria-pressed", isWall() ? "true" : "false");
}
