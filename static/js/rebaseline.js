"use strict";
// Everything here only helps: each page works without it.

// htmx: the token that Django asks for with every write.
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
});

// A fragment asked for after the session ended gets the sign-in page: show that one whole.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (new URL(event.detail.xhr.responseURL, location).pathname.startsWith("/account/login/")) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});

// A form with data-guard: warn before typed values are lost, save with Ctrl+S, save once only.
for (const form of document.querySelectorAll("form[data-guard]")) {
  const state = () => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken"));
  const saved = form.dataset.guard === "unsaved" ? null : state();
  let leaving = false;
  form.noValidate = true; // the server's messages name every wrong field at once
  form.addEventListener("submit", (event) => {
    if (leaving) event.preventDefault();
    leaving = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && !("leaves" in form.dataset) && state() !== saved) event.preventDefault();
  });
  window.addEventListener("pageshow", () => { leaving = false; });
  if (form.dataset.keys !== "off") document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}

// After a refused save the summary of errors takes the focus, so that it is read first; else a new form's first field.
const first = "[data-focus-first] :is(input:not([type=hidden]), select, textarea)";
(document.querySelector("[data-takes-focus]") || document.querySelector(first))?.focus();

// The place a save leads back to is shown and reached by the next key, not only scrolled to.
if (location.hash) document.getElementById(location.hash.slice(1))?.focus();

// Whoever signs out leaves nothing behind in this browser.
for (const form of document.querySelectorAll("form[data-signs-out]")) {
  form.addEventListener("submit", () => {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(`rebaseline-draft:${form.dataset.signsOut}:`)) localStorage.removeItem(name);
    }
  });
}

// The guide beside a form stays shut for whoever shut it.
for (const guide of document.querySelectorAll("[data-guide]")) {
  guide.open = localStorage.getItem("rebaseline-guide") !== "shut" && innerWidth > 900;
  guide.addEventListener("toggle", () => { if (innerWidth > 900) localStorage.setItem("rebaseline-guide", guide.open ? "open" : "shut"); });
}

// Dates: 20120112, 2012/1/12 and 2012年1月12日 become 2012-01-12 when the field is left.
document.addEventListener("focusout", (event) => {
  if (!event.target.matches("[data-date]")) return;
  const typed = event.target.value.normalize("NFKC").trim();
  const parts = /^(\d{4})(\d\d)(\d\d)$/.exec(typed) || /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(typed);
  if (parts) event.target.value = [parts[1], parts[2].padStart(2, "0"), parts[3].padStart(2, "0")].join("-");
});

// Optional radio buttons can be taken back.
for (const clear of document.querySelectorAll(".choice-clear")) {
  const choices = clear.closest(".choices");
  const show = () => { clear.hidden = !choices.querySelector("input:checked"); };
  choices.addEventListener("change", show);
  clear.addEventListener("click", () => {
    for (const input of choices.querySelectorAll("input")) input.checked = false;
    choices.querySelector("input").focus();
    show();
  });
  show();
}

// One more line in a table of lines, from the empty one that came with the page.
for (const add of document.querySelectorAll("[data-add-line]")) {
  const prefix = add.dataset.addLine;
  const total = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
  add.hidden = false;
  add.addEventListener("click", () => {
    const blank = document.getElementById(`${prefix}-empty`).innerHTML.replaceAll("__prefix__", total.value);
    const body = document.getElementById(`${prefix}-lines`);
    body.insertAdjacentHTML("beforeend", blank);
    total.value = Number(total.value) + 1;
    body.lastElementChild.querySelector("input:not([type=hidden]), select, textarea").focus();
  });
}
