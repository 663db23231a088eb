// The facilitator's board: counts for the projector; for the tutors the desks too. It looks and touches nothing.

import "./words_learn.js";
import { byId, el, write } from "/js/dom.js";
import { language, onLanguage, pick, say, settle, switchLanguage } from "/js/language.js";
import { server } from "./calls.js";

const EVERY_MS = 3_000;
let seen = null;
let at = null;

document.body.dataset.view = new URLSearchParams(location.search).get("view") === "desks" ? "desks" : "counts";
settle();
byId("language").addEventListener("click", switchLanguage);
byId("view").addEventListener("click", () => {
  document.body.dataset.view = document.body.dataset.view === "desks" ? "counts" : "desks";
  draw();
});
onLanguage(() => {
  settle();
  draw();
});
draw();
follow();

async function follow() {
  try {
    seen = await server.board();
    at = new Date();
    byId("trouble").hidden = true;
    draw();
  } catch (error) {
    lose(error);
  }
  byId("boot")?.remove();
  setTimeout(follow, EVERY_MS);
}

function lose(error) {
  const locked = error.status === 401 || error.status === 403;
  const time = at?.toLocaleTimeString(language() === "ja" ? "ja-JP" : "en-GB") ?? "—";
  write(byId("trouble"), locked ? say("board_locked") : error.words ? pick(error.words) : say("board_lost", { time }));
  byId("trouble").hidden = false;
}

function draw() {
  write(byId("view"), say(document.body.dataset.view === "desks" ? "board_counts" : "board_full"));
  if (!seen) return;
  byId("door").replaceChildren(
    say("board_open"), " ", el("b", {}, seen.address), " ", say("board_code"), " ", el("b", { class: "code" }, seen.code));
  doorPicture();
  byId("nobody").hidden = seen.desks.length > 0;
  byId("counts").replaceChildren(...seen.lessons.map(count));
  byId("stuck").replaceChildren(...stuck());
  byId("desks").replaceChildren(...desks());
}

/** A QR code for tablets, where the server can draw one. */
function doorPicture() {
  const picture = byId("door-picture");
  picture.alt = say("board_door_picture");
  if (picture.src) return;
  picture.addEventListener("load", () => (picture.hidden = false));
  picture.src = "/api/v1/learn/door.svg";
}

function count(lesson) {
  const all = lesson.green === lesson.desks && lesson.desks > 0;
  return el("article", { class: "count", "data-lesson": lesson.id, "data-all": all ? "yes" : "no", "data-begun": lesson.begun ? "yes" : "no" },
    el("h2", {}, `${lesson.id} ${pick(lesson.title)}`),
    el("p", { class: "green", "data-green": lesson.green },
      lesson.begun ? say("board_green", { green: lesson.green, desks: lesson.desks }) : say("board_later")),
    el("progress", { max: Math.max(1, lesson.desks), value: lesson.green, "aria-hidden": "true" }));
}

function stuck() {
  const found = seen.desks.flatMap((desk) =>
    Object.entries(desk.lessons)
      .filter(([, cell]) => cell.state === "stuck")
      .map(([lesson, cell]) => el("li", {},
        el("b", {}, say("board_stuck", { label: desk.label, lesson, minutes: Math.floor(cell.since_s / 60), step: cell.step })),
        " ", el("span", { class: "soft" }, pick(cell.look)))));
  return found.length ? found : [el("li", { class: "soft" }, say("board_none_stuck"))];
}

function desks() {
  const shown = seen.lessons.filter((lesson) => lesson.begun || lesson.must);
  return [
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, say("board_desk")),
      ...shown.map((lesson) => el("th", { scope: "col", title: pick(lesson.title) }, lesson.id)))),
    el("tbody", {}, ...seen.desks.map((desk) => el("tr", {}, el("th", { scope: "row" }, desk.label, el("small", { class: "key" }, ` ${say("board_key", { key: desk.key })}`)),
      ...shown.map((lesson) => cell(desk.lessons[lesson.id]))))),
  ];
}

const MARKS = { green: "✓", trying: "…", stuck: "!" };

function cell(found) {
  if (!found) return el("td", { "data-state": "none" });
  return el("td", { "data-state": found.state, title: pick(found.look ?? "") },
    `${MARKS[found.state]} ${say(`board_state_${found.state}`)}`,
    found.hint ? el("small", {}, ` ${say("board_at_hint", { step: found.step, minutes: Math.floor(found.since_s / 60) })}`) : "");
}
