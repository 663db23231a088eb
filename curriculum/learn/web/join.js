// Taking a desk: its number or a nickname, and the class's code where one is asked.

import { el } from "/js/dom.js";
import { pick, say } from "/js/language.js";
import { server } from "./calls.js";

/** Ask until a desk is taken. */
export function join(dialog, codeNeeded) {
  const given = new URLSearchParams(location.search).get("code") ?? "";
  return new Promise((done) => {
    const label = el("input", { name: "label", maxlength: 16, required: true, autocomplete: "off", value: codeNeeded ? "" : "1" });
    const code = el("input", { name: "code", maxlength: 16, autocomplete: "off", autocapitalize: "off", value: given });
    const why = el("p", { class: "refused", role: "alert" });
    const again = el("button", { type: "button", class: "plain", hidden: true }, say("learn_join_again"));
    const form = el("form", { method: "dialog", class: "join" },
      el("h2", {}, say("learn_join")),
      el("label", {}, say("learn_join_label"), label),
      el("p", { class: "soft" }, say("learn_join_hint")),
      codeNeeded ? el("label", {}, say("learn_join_code"), code) : "",
      why, el("div", { class: "bar" }, el("button", { class: "check", type: "submit" }, say("learn_join_go")), again));
    const ask = async (goOn) => {
      try {
        await server.join(label.value, code.value, goOn);
      } catch (error) {
        why.textContent = error.words ? pick(error.words) : say("learn_lost");
        again.hidden = error.kind !== "label-taken";
        return;
      }
      dialog.close();
      done();
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(false);
    });
    again.addEventListener("click", () => ask(true));
    dialog.replaceChildren(form);
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.showModal();
    label.focus();
    label.select();
  });
}
