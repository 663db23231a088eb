// Three questions before a lesson and the same three after it; the first answers count.

import { el } from "/js/dom.js";
import { pick, say } from "/js/language.js";

/** A form for `when` ("before", "after"); `done(right)` is called once with the number of right answers. */
export function quiz(lesson, when, already, done) {
  if (!lesson.quiz.length) return "";
  if (already !== undefined) return el("p", { class: "soft", "data-quiz": when }, result(lesson, when, already));
  const form = el("form", { class: "quiz" }, ...lesson.quiz.map((question, place) => asked(question, `${when}-${place}`)));
  const said = el("p", { class: "soft", role: "status" });
  form.append(el("button", { class: when === "after" ? "check" : "plain", type: "submit" }, say("learn_quiz_done")), said);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const answers = lesson.quiz.map((_, place) => new FormData(form).get(`${when}-${place}`));
    if (answers.includes(null)) {
      said.textContent = say("learn_quiz_all");
      return;
    }
    const right = lesson.quiz.filter((question, place) => Number(answers[place]) === question.right).length;
    done(right);
    form.replaceWith(el("p", { class: "soft", "data-quiz": when }, result(lesson, when, right)), ...(when === "after" ? whys(lesson, answers) : []));
  });
  const head = say(`learn_quiz_${when}`);
  if (when === "after") return el("div", { class: "quiz-box", "data-quiz": when }, el("h4", {}, head), form);
  return el("details", { class: "quiz-box", "data-quiz": when }, el("summary", {}, head), form);
}

function asked(question, name) {
  return el("fieldset", {}, el("legend", {}, pick(question.asked)), ...question.choices.map((choice, place) =>
    el("label", {}, el("input", { type: "radio", name, value: place }), " ", pick(choice))));
}

function result(lesson, when, right) {
  return when === "before" ? say("learn_quiz_thanks") : say("learn_quiz_result", { of: lesson.quiz.length, right });
}

/** Each question, whether its answer was right, and the right one with its why: as the terminal has it. */
function whys(lesson, answers) {
  return lesson.quiz.map((question, place) => {
    const right = Number(answers[place]) === question.right;
    return el("div", { class: "why", "data-right": right ? "yes" : "no" },
      el("p", {}, el("span", { role: "img", "aria-label": say(right ? "learn_quiz_right" : "learn_quiz_other") }, right ? "○" : "△"), ` ${pick(question.asked)}`),
      el("p", {}, el("b", {}, say("learn_quiz_is", { choice: pick(question.choices[question.right]) })), " ", pick(question.why)));
  });
}
