// Taking a desk: its number or a nickname, and the class's code where one is asked.

import { el } from "/js/dom.js";
import { pick, say, switchLanguage } from "/js/language.js";
import { server } from "./calls.js";

/** Ask until a desk is taken. */
export function join(dialog, codeNeeded) {
  const typed = { label: codeNeeded ? "" : "1", code: new URLSearchParams(location.search).get("code") ?? "" };
  const stay = (event) => event.preventDefault();
  dialog.addEventListener("cancel", stay);
  return new Promise((done) => {
    const ask = () => dialog.replaceChildren(form(typed, codeNeeded, ask, () => {
      dialog.removeEventListener("cancel", stay); // later dialogs are closed by Esc
      dialog.close();
      done();
    }));
    ask();
    dialog.showModal();
    dialog.querySelector("input").select();
  });
}

function form(typed, codeNeeded, anew, done) {
  const label = el("input", { name: "label", maxlength: 16, required: true, autocomplete: "off", value: typed.label });
  const code = el("input", { name: "code", maxlength: 16, autocomplete: "off", autocapitalize: "off", value: typed.code });
  const why = el("p", { class: "refused", role: "alert" });
  const again = el("button", { type: "button", class: "plain", hidden: true, onclick: () => ask(true) }, say("learn_join_again"));
  const other = () => {
    Object.assign(typed, { label: label.value, code: code.value });
    switchLanguage();
    anew();
  };
  const ask = async (goOn) => {
    try {
      await server.join(label.value, code.value, goOn);
    } catch (error) {
      why.textContent = error.words ? pick(error.words) : say("learn_lost");
      again.hidden = error.kind !== "label-taken";
      return;
    }
    done();
  };
  const submit = (event) => {
    event.preventDefault();
    ask(false);
  };
  return el("form", { method: "dialog", class: "join", onsubmit: submit },
    el("h2", {}, say("learn_join")),
    el("label", {}, say("learn_join_label"), label),
    el("p", { class: "soft" }, say("learn_join_hint")),
    codeNeeded ? el("label", {}, say("learn_join_code"), code) : "",
    why,
    el("div", { class: "row" }, el("button", { class: "check", type: "submit" }, say("learn_join_go")), again,
      el("button", { type: "button", class: "plain language", onclick: other }, say("other_language"))));
}
