"use strict";
// Keys for what is done all day. Listed in the dialog; a person can switch them off.
const list = document.getElementById("shortcuts");
const crfForm = document.getElementById("crf");
const go = (selector) => { const link = document.querySelector(selector); if (link) location.assign(link.href); };
const isTyping = (target) => target.matches?.("input, select, textarea, [contenteditable]");
const press = (name) => {
  const button = crfForm?.querySelector(`button[name=${name}]`) || crfForm?.querySelector("button[type=submit]");
  if (button) crfForm.requestSubmit(button);
};
const KEYS = {
  "Control+Enter": () => press("next"),
  "Control+Slash": () => list.showModal(),
  "Alt+Enter": () => go("[data-next-due]"),
  "Alt+PageDown": () => go("[data-next-patient]"),
  "Alt+PageUp": () => go("[data-previous-patient]"),
  "Alt+Period": () => {
    const wrong = document.querySelector("[aria-invalid=true], .has-error :is(input, select, textarea)");
    (wrong || document.querySelector("[data-takes-focus]"))?.focus();
  },
};
// Tab goes from number to number; the unit a number is read in is one key away.
for (const unit of document.querySelectorAll(".input-group > input + select")) {
  unit.tabIndex = -1;
  unit.previousElementSibling.setAttribute("aria-keyshortcuts", "Alt+ArrowDown");
}
document.addEventListener("keydown", (event) => {
  if (event.altKey && event.code === "ArrowDown" && event.target.matches?.("[aria-keyshortcuts]")) {
    event.preventDefault();
    event.target.nextElementSibling.focus();
    return;
  }
  const held = [event.ctrlKey && "Control", event.altKey && "Alt", event.metaKey && "Meta", event.shiftKey && "Shift"].filter(Boolean);
  const does = KEYS[[...held, event.code.replace("Numpad", "")].join("+")];
  const asks = event.key === "?" && !isTyping(event.target) && !list.open;
  if (!does && !asks) return;
  event.preventDefault();
  if (does) { if (!list.open) does(); } else list.showModal();
});
document.querySelector("[data-close-shortcuts]").addEventListener("click", () => list.close());
for (const button of document.querySelectorAll("[data-show-shortcuts]")) {
  button.hidden = false;
  button.addEventListener("click", () => list.showModal());
}
