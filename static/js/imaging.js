"use strict";
// The imaging read: helps the hand; the page works without it.
const imaging = document.querySelector("form.imaging");
if (imaging) {
  const partner = (input, name) => imaging.elements[input.name.replace(/[a-z_]+$/, name)];
  const withDiameter = ["", "MEASURED", "UNEQUIVOCAL PROGRESSION"];
  // A typed diameter says "measured"; another state takes the diameter away again where it has none.
  imaging.addEventListener("input", (event) => {
    const { target } = event;
    if (/^lines-\d+-diameter$/.test(target.name) && target.value.trim()) {
      const state = partner(target, "state");
      if (state && state.value !== "UNEQUIVOCAL PROGRESSION") state.value = "MEASURED";
    }
    if (/^lines-\d+-state$/.test(target.name) && !withDiameter.includes(target.value)) partner(target, "diameter").value = "";
    if (/^lines-\d+-(state|diameter)$/.test(target.name)) {
      // What was said of the state left no longer holds.
      for (const detail of detailsOf(target)) {
        if (detail.dataset.detailOf !== partner(target, "state").value) {
          for (const field of detail.querySelectorAll("select, input")) field.value = "";
        }
      }
    }
    showDetails();
  });
  const detailsOf = (input) => input.closest("td, .lesion-seen").querySelectorAll("[data-detail-of]");
  // What only one state asks for is there only with that state, or where it says something.
  const showDetails = () => {
    for (const detail of imaging.querySelectorAll("[data-detail-of]")) {
      const fields = [...detail.querySelectorAll("select, input")];
      detail.hidden = partner(fields[0], "state").value !== detail.dataset.detailOf && !fields.some((field) => field.value);
      const words = fields.find((field) => field.name.endsWith("_text"));
      if (words) words.hidden = fields[0].value !== "OTHER" && !words.value;
    }
  };
  showDetails();
  // Enter in a diameter goes to the next one instead of saving half a read.
  imaging.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !/^lines-\d+-diameter$/.test(event.target.name)) return;
    event.preventDefault();
    const inputs = [...imaging.querySelectorAll("[name$=-diameter]")];
    (inputs[inputs.indexOf(event.target) + 1] || event.target).focus();
  });
  document.addEventListener("click", (event) => { if (event.target.matches("[data-add-line]")) showDetails(); });
}
// The scans of Treatment 1 are folded away once Treatment 2 is read.
for (const toggle of document.querySelectorAll("[data-toggle-earlier]")) {
  const table = document.getElementById(toggle.getAttribute("aria-controls"));
  const show = (shown) => {
    table.classList.toggle("earlier-hidden", !shown);
    toggle.setAttribute("aria-expanded", String(shown));
  };
  toggle.hidden = false;
  toggle.addEventListener("click", () => show(table.classList.contains("earlier-hidden")));
  show(false);
}
