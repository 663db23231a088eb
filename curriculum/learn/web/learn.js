// The lessons' page: the text, the wiring, the learner's file and the answers beside each other.

import "./words_learn.js";
import { byId, el, write } from "/js/dom.js";
import { language, onLanguage, pick, say, settle, switchLanguage } from "/js/language.js";
import { answer, endless } from "./answers.js";
import { Keeper, server } from "./calls.js";
import { Editor } from "./editor.js";
import { join } from "./join.js";
import { Python } from "./python.js";
import { quiz } from "./quiz.js";

const SAVE_AFTER_MS = 2_000;
const LOOK_EVERY_MS = 10_000;
const LIMIT_MS = Number(new URLSearchParams(location.search).get("limit_ms")) || 10_000;
let told = null;
let lesson = null;
let verdict = null;
let changed = false;
let python = null;
let keeper = null;
let saving = null;
const othersText = new Map();

const editor = new Editor(byId("code"), byId("under"), byId("rows"), { changed: typed, checked: check });

settle();
byId("language").addEventListener("click", switchLanguage);
byId("check").addEventListener("click", check);
byId("again").addEventListener("click", askStartOver);
byId("before").addEventListener("click", backToBefore);
byId("wiring-large").addEventListener("click", showWiring);
byId("text").addEventListener("click", keepLinksHere);
addEventListener("hashchange", () => open(asked()));
addEventListener("pagehide", save);
addEventListener("focus", look);
setInterval(look, LOOK_EVERY_MS);
onLanguage(() => {
  settle();
  if (lesson && Object.values(lesson.starter).includes(editor.text)) editor.text = lesson.starter[language()];
  draw();
});
begin();

async function begin() {
  try {
    told = await server.told();
    byId("boot").remove();
    if (!told.desk) {
      await join(byId("dialog"), told.code_needed, told.free);
      told = await server.told();
    }
    history.replaceState(null, "", location.pathname + location.hash);
  } catch (error) {
    byId("boot")?.remove();
    trouble(error);
    setTimeout(begin, 3_000);
    return;
  }
  trouble(null);
  keeper = new Keeper(told.desk.id, kept, others);
  python = told.python ? new Python(told.python, pythonIs, LIMIT_MS) : null;
  if (!python) pythonIs("none");
  if (told.lessons.length) await open(asked());
  else write(byId("trouble"), say("learn_no_lessons")), (byId("trouble").hidden = false);
}

function asked() {
  const named = location.hash.slice(1);
  const find = (test) => told.lessons.find(test)?.id;
  return (
    find((one) => one.id === named) ??
    find((one) => one.begun && !one.green) ??
    find((one) => !one.green && one.must) ??
    find((one) => !one.green) ??
    told.lessons[0].id
  );
}

async function open(id) {
  if (lesson?.id === id) return;
  save();
  const unsent = keeper.unsent(id); // its answer may overtake the lesson's
  try {
    lesson = await server.lesson(id);
  } catch (error) {
    trouble(error);
    return;
  }
  if (unsent === null) keeper.knows(id, lesson.version);
  if (location.hash.slice(1) !== id) history.replaceState(null, "", `#${id}`);
  trouble(null);
  verdict = null;
  changed = false;
  editor.text = keeper.unsent(id) ?? unsent ?? lesson.text ?? lesson.starter[language()];
  keeper.do({ do: "open", lesson: id });
  const entry = told.lessons.find((one) => one.id === id);
  entry.begun = true;
  byId("work").hidden = false;
  draw();
  editor.showBlank(); // once the answer's pane has its size
  byId("text").scrollTop = 0;
}

// ---- the learner's file ----

function typed() {
  if (!lesson) return;
  if (!changed) {
    changed = true;
    drawAnswer();
  }
  clearTimeout(saving);
  saving = setTimeout(save, SAVE_AFTER_MS);
}

function save() {
  clearTimeout(saving);
  if (!saving || !lesson) return;
  saving = null;
  lesson.text = editor.text;
  keeper.do({ do: "save", lesson: lesson.id, text: editor.text });
}

async function check() {
  if (!lesson) return;
  saving = saving ?? true;
  save();
  if (!python) return;
  const { id } = lesson;
  const found = await python.check(id, editor.text);
  if (found.replaced || lesson.id !== id) return;
  changed = false;
  if (found.broken) {
    verdict = null;
    drawAnswer("broken", found.broken);
    byId("answer").scrollTop = 0;
    return;
  }
  verdict = found.endless ? endless(found.row, LIMIT_MS / 1000) : found;
  keeper.do({ do: "tried", lesson: id, green: verdict.green, hint: verdict.hint });
  if (verdict.green) {
    lesson.progress.green = true;
    told.lessons.find((one) => one.id === id).green = true;
    drawLessons();
  } else lesson.progress.hints[verdict.hint] ??= 1;
  drawAnswer();
  byId("answer").scrollTop = 0;
  editor.mark(verdict.green ? null : verdict.row, verdict.column); // in view beside an answer that has grown
  if (verdict.green || !verdict.row) editor.showCursor();
}

function askStartOver() {
  const dialog = byId("dialog");
  const act = () => {
    dialog.close();
    setAside();
    editor.replace(lesson.starter[language()]);
    editor.showBlank();
  };
  dialog.replaceChildren(
    el("h2", {}, say("learn_reset_ask", { file: lesson.file })), el("p", {}, say("learn_reset_kept", { before: say("learn_before") })),
    el("div", { class: "bar" }, el("button", { class: "check", type: "button", autofocus: true, onclick: () => dialog.close() }, say("learn_reset_no")),
      el("button", { class: "plain", type: "button", onclick: act }, say("learn_reset_yes"))));
  dialog.showModal();
}

/** What is in the editor stays to be had again, here at once and on the server. */
function setAside() {
  if (Object.values(lesson.starter).includes(editor.text)) return;
  lesson.setAside = editor.text;
  lesson.before = true;
  keeper.do({ do: "aside", lesson: lesson.id, text: editor.text });
  drawBefore();
}

async function backToBefore() {
  let text = lesson.setAside;
  try {
    text ??= (await server.before(lesson.id)).text;
  } catch (error) {
    trouble(error);
    return;
  }
  if (text === null || text === undefined) return;
  setAside();
  editor.replace(text);
}

/** Another laptop of this desk wrote the file meanwhile: its text is kept, and offered until somebody decides. */
function others(id, text, aside) {
  othersText.set(id, text);
  if (lesson?.id !== id) return;
  if (aside) {
    lesson.before = true;
    lesson.setAside = null; // the server has a newer one
  }
  drawBefore();
  drawOthers();
}

/** What the other laptop of a pair has saved is shown here, too, while nothing of this one waits to be saved. */
async function look() {
  const id = lesson?.id;
  const busy = () => saving || lesson?.id !== id || keeper.unsent(id) !== null;
  if (!id || document.hidden || busy()) return;
  const had = keeper.version(id);
  const { text, version } = await server.file(id).catch(() => ({}));
  if (!text || busy() || version === had || keeper.version(id) !== had) return; // or it was written here meanwhile
  keeper.knows(id, version);
  if (text === editor.text) return;
  editor.renew(text);
  lesson.text = text;
  changed = true;
  othersText.delete(id);
  drawOthers();
  drawAnswer();
}

function drawOthers() {
  const place = byId("others");
  const text = othersText.get(lesson?.id);
  place.hidden = text === undefined;
  if (place.hidden) return;
  const done = () => {
    othersText.delete(lesson.id);
    drawOthers();
  };
  place.replaceChildren(el("p", {}, say("learn_others")), el("p", { class: "row" },
    el("button", { class: "plain", type: "button", onclick: () => showText(say("learn_others_file"), text, done) }, say("learn_others_see")),
    el("button", { class: "quiet", type: "button", onclick: done }, say("learn_others_stay"))));
}

function drawBefore() {
  byId("before").hidden = !lesson?.before;
}

async function showFinished() {
  let solution;
  try {
    ({ solution } = await server.show(lesson.id));
  } catch (error) {
    trouble(error);
    return;
  }
  showText(say("learn_shown"), solution[language()]);
}

/** A whole file to look at, and to be taken in place of one's own, which is set aside. */
function showText(head, text, taken = () => {}) {
  const dialog = byId("dialog");
  const use = () => {
    dialog.close();
    setAside();
    editor.replace(text);
    taken();
  };
  dialog.replaceChildren(
    el("h2", {}, `${head} ${lesson.file}`), el("pre", { class: "finished", tabindex: 0 }, text),
    el("div", { class: "bar" }, el("button", { class: "plain", type: "button", onclick: () => dialog.close() }, say("learn_close")),
      el("button", { class: "check", type: "button", onclick: use }, say("learn_take"))));
  dialog.showModal();
}

// ---- what is seen ----

function draw() {
  if (!told?.desk) return;
  byId("desk").hidden = false;
  write(byId("desk"), say("learn_desk", { label: told.desk.label, key: told.desk.key }));
  byId("desk").title = say("learn_key_why");
  drawLessons();
  if (!lesson) return;
  const intro = withoutFirstHeading(lesson.pages.intro[language()]);
  write(byId("floor"), pick(lesson.floor));
  byId("floor").hidden = /^<(p|blockquote)>/.test(intro); // most texts begin with it themselves
  write(byId("title"), `${lesson.id} ${pick(lesson.title)}`);
  write(byId("facts"), `${say("learn_facts", { minutes: lesson.minutes })} · ${say(lesson.must ? "learn_must" : "learn_optional")}`);
  byId("intro").innerHTML = intro;
  byId("steps").innerHTML = lesson.pages.steps[language()];
  byId("words").replaceChildren(...(new RegExp(`<h\\d>${say("learn_words")}</h`).test(intro) ? [] : words()));
  byId("quiz-before").replaceChildren(...(lesson.progress.green ? [] : [quiz(lesson, "before", lesson.progress.quiz.before, quizzed("before"))]));
  write(byId("file"), lesson.file);
  drawBefore();
  drawOthers();
  drawWiring();
  drawAnswer();
}

function drawLessons() {
  byId("lessons").replaceChildren(...[true, false].flatMap((must) => {
    const some = told.lessons.filter((one) => one.must === must);
    const kind = say(must ? "learn_must" : "learn_optional");
    return some.length ? [el("span", { class: "kind" }, kind, ...some.map((one) => inList(one, kind)))] : [];
  }));
}

function inList(one, kind) {
  return el("a", {
    href: `#${one.id}`,
    title: `${pick(one.title)}(${kind})`,
    "aria-current": one.id === lesson?.id ? "page" : null,
    "data-green": one.green ? "yes" : "no",
    "aria-label": `${one.id} ${pick(one.title)} ${kind}${one.green ? ` ${say("learn_green_mark")}` : ""}`,
  }, one.green ? "✓" : "", one.id);
}

function words() {
  if (!lesson.words.length) return [];
  const cards = lesson.words.flatMap((one) => [el("dt", {}, one.word, " ", el("span", { lang: "en" }, one.en)), el("dd", {}, pick(one.meaning))]);
  return [el("h3", {}, say("learn_words")), el("dl", {}, ...cards)];
}

function drawWiring() {
  const picture = byId("wiring-picture");
  byId("wiring").hidden = !lesson.wiring;
  document.body.dataset.wired = lesson.wiring ? "yes" : "no";
  if (!lesson.wiring) return;
  if (picture.getAttribute("src") !== lesson.wiring) picture.src = lesson.wiring;
  picture.alt = say("learn_wiring_alt", { title: pick(lesson.title) });
  byId("wires").replaceChildren(...wires());
}

/** The picture's wires in words, large enough for every screen. */
function wires() {
  const head = ["learn_wire_part", "learn_wire_from", "learn_wire_to"].map((word) => el("th", { scope: "col" }, say(word)));
  return [el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...lesson.wires.map(wire))];
}

function wire({ part, terminal, through, net, position, is_one_of, colour }, place) {
  const same = place > 0 && pick(lesson.wires[place - 1].part) === pick(part);
  const swatch = el("span", { class: "swatch", "aria-hidden": "true" });
  swatch.style.background = colour;
  const to = position ? say(is_one_of ? "learn_wire_any" : "learn_wire_at", { net, position }) : net;
  return el("tr", { "data-same": same ? "yes" : "no" }, el("th", { scope: "row" }, same ? "" : pick(part)),
    el("td", {}, pick(terminal), through ? ` (${through})` : ""), el("td", {}, swatch, el("b", {}, to)));
}

function showWiring() {
  const dialog = byId("dialog");
  dialog.replaceChildren(el("img", { src: lesson.wiring, alt: byId("wiring-picture").alt, class: "large" }),
    el("div", { class: "bar" }, el("button", { class: "plain", type: "button", onclick: () => dialog.close() }, say("learn_close"))));
  dialog.showModal();
}

function drawAnswer(state = python?.state ?? "none", why = "") {
  const panel = byId("answer");
  if (state === "broken" || !lesson) {
    panel.dataset.verdict = state;
    panel.replaceChildren(el("p", {}, say("learn_python_broken")), why ? el("details", { class: "technical" }, el("summary", {}, say("learn_technical")), el("code", {}, why)) : "");
    return;
  }
  if (!verdict) {
    panel.dataset.verdict = "none";
    panel.replaceChildren(el("p", { class: "soft" }, say(`learn_python_${state}`)));
    return;
  }
  panel.dataset.verdict = verdict.green ? "green" : "red";
  panel.dataset.old = changed ? "yes" : "no";
  panel.dataset.hint = verdict.hint ?? "";
  const acts = { more: moreHints, go: (row, column) => editor.go(row, column), show: showFinished, after };
  const parts = answer(lesson, verdict, lesson.progress.hints[verdict.hint] ?? 1, acts);
  panel.replaceChildren(changed ? el("p", { class: "soft" }, say("learn_old_answer")) : "", ...parts);
}

/** The three questions, and only then the way on; who does not want them says so quietly. */
function after() {
  const way = el("p", { class: "way" }, ...wayOn());
  const answered = lesson.progress.quiz.after !== undefined || !lesson.quiz.length || lesson.skipped;
  const done = (right) => {
    quizzed("after")(right);
    way.hidden = false;
    skip.hidden = true;
  };
  const skip = el("button", { type: "button", class: "quiet", onclick: () => {
    lesson.skipped = true;
    const to = next();
    if (to) location.hash = to.id;
    else drawAnswer();
  } }, say("learn_quiz_skip"));
  way.hidden = !answered;
  skip.hidden = answered;
  const asked = lesson.skipped && lesson.progress.quiz.after === undefined ? "" : quiz(lesson, "after", lesson.progress.quiz.after, done);
  return [el("section", { class: "quiz-after" }, asked), el("p", {}, skip), way];
}

function wayOn() {
  const to = next();
  if (!to) return [el("b", {}, say("learn_all_done"))];
  return [el("a", { class: "next", href: `#${to.id}` }, say("learn_next_lesson", { id: to.id, title: pick(to.title) }))];
}

function next() {
  const at = told.lessons.findIndex((one) => one.id === lesson.id);
  return told.lessons.slice(at + 1).find((one) => !one.green) ?? told.lessons.find((one) => !one.green) ?? null;
}

function moreHints(hint, step) {
  lesson.progress.hints[hint] = step;
  keeper.do({ do: "hint", lesson: lesson.id, hint, step });
  drawAnswer();
}

function quizzed(when) {
  return (right) => {
    lesson.progress.quiz[when] = right;
    keeper.do({ do: "quiz", lesson: lesson.id, when, right });
  };
}

function pythonIs(state) {
  document.body.dataset.python = state;
  byId("check").disabled = state === "running";
  if (!verdict) drawAnswer(state);
}

function kept(state, error) {
  const time = new Date().toLocaleTimeString(language() === "ja" ? "ja-JP" : "en-GB", { hour: "2-digit", minute: "2-digit" });
  document.body.dataset.kept = state;
  if (state === "kept") trouble(null);
  if (state === "lost" || state === "refused") trouble(error);
  else write(byId("kept"), say(state === "kept" ? "learn_kept" : "learn_waiting", { time }));
}

function trouble(error) {
  const place = byId("trouble");
  place.hidden = !error;
  if (error) write(place, error.words ? say("learn_refused", { why: pick(error.words) }) : say("learn_lost"));
}

/** The lesson's title stands above already. */
function withoutFirstHeading(html) {
  return html.replace(/^<h\d>[^<]*<\/h\d>\s*/, "");
}

/** Links of a text leave in a window of their own: what was typed stays. */
function keepLinksHere(event) {
  const link = event.target.closest("a[href]");
  if (!link || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  globalThis.open(link.href, "_blank", "noopener");
}
