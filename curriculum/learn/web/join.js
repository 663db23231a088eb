// Taking a desk: its number or a nickname, and the class's code where one is asked.

import { el } from "/js/dom.js";
import { pick, say, switchLanguage } from "/js/language.js";
import { server } from "./calls.js";

/** Ask until a desk is taken. `free`: a number that nobody has, or "". */
export function join(dialog, codeNeeded, free) {
  const typed = { label: free, code: new URLSearchParams(location.search).get("code") ?? "" };
  const stay = (event) => event.preventDefault();
  const anew = () => dialog.showModal(); // a browser may close it all the same: Esc before anything was touched
  dialog.addEventListener("cancel", stay);
  dialog.addEventListener("close", anew);
  return new Promise((done) => {
    const ask = () => dialog.replaceChildren(form(typed, codeNeeded, ask, () => {
      dialog.removeEventListener("cancel", stay); // later dialogs are closed by Esc
      dialog.removeEventListener("close", anew);
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
  const go = el("button", { class: "check", type: "submit" }, say("learn_join_go"));
  const other = el("button", { class: "check", type: "button", hidden: true, onclick: () => choose() }, say("learn_join_other"));
  const ask = async (goOn, key) => {
    try {
      await server.join(label.value, code.value, goOn, key);
    } catch (error) {
      why.textContent = error.words ? pick(error.words) : say("learn_lost");
      if (error.kind === "label-taken") taken(true);
      return;
    }
    done();
  };
  const ours = own(codeNeeded, (key) => ask(true, key));
  const taken = (is) => {
    ours.hidden = other.hidden = !is;
    go.hidden = is;
    if (is) other.focus();
  };
  const choose = () => {
    taken(false);
    why.textContent = "";
    label.select();
    label.focus();
  };
  const language = () => {
    Object.assign(typed, { label: label.value, code: code.value });
    switchLanguage();
    anew();
  };
  label.addEventListener("input", () => {
    if (go.hidden) taken(false), (why.textContent = "");
  });
  return el("form", { method: "dialog", class: "join", onsubmit: (event) => {
    event.preventDefault();
    if (!go.hidden) ask(false);
  } },
    el("h2", {}, say("learn_join")),
    el("label", {}, say("learn_join_label"), label),
    el("p", { class: "soft" }, say("learn_join_hint")),
    codeNeeded ? el("label", {}, say("learn_join_code"), code) : "",
    why,
    el("div", { class: "row" }, go, other,
      el("button", { type: "button", class: "plain language", onclick: language }, say("other_language"))),
    ours);
}

/** For who comes back to a desk that is theirs: its key, which opens it on another laptop. */
function own(keyNeeded, goOn) {
  const key = el("input", { name: "key", maxlength: 8, inputmode: "numeric", autocomplete: "off" });
  const act = () => (keyNeeded && !key.value.trim() ? key.focus() : goOn(key.value));
  key.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    act();
  });
  return el("details", { class: "ours", hidden: true }, el("summary", {}, say("learn_join_ours")),
    keyNeeded ? el("label", {}, say("learn_join_key"), key) : "",
    keyNeeded ? el("p", { class: "soft" }, say("learn_join_key_where")) : "",
    el("button", { type: "button", class: "plain", onclick: act }, say("learn_join_again")));
}
