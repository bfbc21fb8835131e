"use strict";
// The imaging read: helps the hand; the page works without it.
const imaging = document.querySelector("form.imaging");
if (imaging) {
  const partner = (input, name) => imaging.elements[input.name.replace(/[a-z_]+$/, name)];
  // A typed diameter says "measured"; another state takes the diameter away again where it has none.
  imaging.addEventListener("input", (event) => {
    const { target } = event;
    if (/^lines-\d+-diameter$/.test(target.name) && target.value.trim()) {
      const state = partner(target, "state");
      if (state && state.value !== "UNEQUIVOCAL PROGRESSION") state.value = "MEASURED";
    }
    if (/^lines-\d+-state$/.test(target.name)) {
      if (!["", "MEASURED", "UNEQUIVOCAL PROGRESSION"].includes(target.value)) partner(target, "diameter").value = "";
    }
    showReasons();
  });
  // The reason field is there only where a lesion is not evaluable.
  const showReasons = () => {
    for (const reason of imaging.querySelectorAll("[name$=not_evaluable_reason]")) {
      reason.hidden = partner(reason, "state").value !== "NOT EVALUABLE" && !reason.value;
    }
  };
  showReasons();
  // Enter in a diameter goes to the next one instead of saving half a read.
  imaging.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !/^lines-\d+-diameter$/.test(event.target.name)) return;
    event.preventDefault();
    const inputs = [...imaging.querySelectorAll("[name$=-diameter]")];
    (inputs[inputs.indexOf(event.target) + 1] || event.target).focus();
  });
  document.addEventListener("click", (event) => { if (event.target.matches("[data-add-line]")) showReasons(); });
}
