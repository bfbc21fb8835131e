"use strict";
// Keeps what is typed: on the server while one types; in this browser, locked, only while the server cannot be reached.
// The lock's key comes with the page and is this person's alone: whoever signs in here next cannot read it.
const drafted = document.querySelector("form[data-draft]");
const PREFIX = "rebaseline-draft:";
const WAIT = 1200, AGAIN = 5000, OLD = 30 * 86400e3;
// What a proxy says while no server stands behind it.
const GATEWAY = [502, 503, 504];

function draftBox({ draft: place, draftPerson, draftKey }) {
  const name = `${PREFIX}${draftPerson}:${place}`;
  const key = () => crypto.subtle.importKey(
    "raw", Uint8Array.from(draftKey.match(/../g), (pair) => parseInt(pair, 16)), "AES-GCM", false, ["encrypt", "decrypt"]);
  const text = (bytes) => btoa(String.fromCharCode(...bytes));
  const bytes = (said) => Uint8Array.from(atob(said), (letter) => letter.charCodeAt(0));
  return {
    // Without a secure connection browsers have no lock; then nothing is kept here.
    async put(typed) {
      if (!window.crypto?.subtle) return false;
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const locked = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), new TextEncoder().encode(typed)));
      let letters = "";
      for (let at = 0; at < locked.length; at += 4096) letters += String.fromCharCode(...locked.subarray(at, at + 4096));
      try {
        localStorage.setItem(name, JSON.stringify({ at: Date.now(), iv: text(iv), locked: btoa(letters) }));
      } catch { return false; }
      return true;
    },
    async get() {
      const kept = localStorage.getItem(name);
      if (!kept || !window.crypto?.subtle) return null;
      try {
        const { iv, locked } = JSON.parse(kept);
        return new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(iv) }, await key(), bytes(locked)));
      } catch { localStorage.removeItem(name); return null; }
    },
    drop() { localStorage.removeItem(name); },
  };
}

function keepDrafts(form) {
  const box = draftBox(form.dataset);
  const place = form.querySelector("[data-draft-state]");
  const words = document.getElementById("draft-words").content.firstElementChild.dataset;
  const token = document.querySelector("meta[name=csrf-token]").content;
  const typed = () => new URLSearchParams([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken")).toString();
  let sent = typed(), timer = 0, going = Promise.resolve();
  const say = (what, bad = false) => { place.textContent = what; place.classList.toggle("is-bad", bad); };

  // "kept" once the server has it, "refused" if it is there and does not take it; otherwise (nothing) it is kept
  // here, and the person is told what happened.
  async function deliver(body) {
    let answer;
    try {
      answer = await fetch(form.dataset.draft, {
        method: "POST", body, redirect: "manual",
        headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token },
      });
    } catch { answer = null; }
    if (answer?.status === 204) {
      sent = body;
      box.drop();
      say(words.kept);
      return "kept";
    }
    const isSignedOut = answer && (answer.type === "opaqueredirect" || answer.status === 403);
    if (answer && !isSignedOut && !GATEWAY.includes(answer.status)) { say(words.refused, true); return "refused"; }
    const isHere = await box.put(body);
    say(`${isSignedOut ? words.signedOut : words.unreachable} ${isHere ? words.here : words.stay}`, true);
    if (isSignedOut) signInLink();
    else { clearTimeout(timer); timer = setTimeout(keep, AGAIN); }
    return "";
  }
  function signInLink() {
    const link = document.createElement("a");
    link.href = `/account/login/?next=${encodeURIComponent(location.pathname + location.search)}`;
    link.textContent = words.signIn;
    link.addEventListener("click", () => { form.dataset.leaves = ""; });
    place.append(" ", link);
  }
  const keep = () => { clearTimeout(timer); going = going.then(() => (typed() === sent ? "kept" : deliver(typed()))); return going; };
  // What was typed before waits to be restored or discarded: nothing typed now may take its place unasked.
  const isHeld = document.querySelector("[data-draft-waits]") !== null;
  const later = () => {
    if (isHeld) { say(words.held); return; }
    clearTimeout(timer);
    timer = setTimeout(keep, WAIT);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  window.addEventListener("online", keep);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && !isHeld) keep(); });

  // Saving asks first whether the server is there: a page that cannot be sent is never left.
  let isReady = false;
  form.addEventListener("submit", async (event) => {
    if (isReady) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    clearTimeout(timer);
    await going;
    if (!(await deliver(typed()))) return;
    isReady = true;
    form.requestSubmit(submitter);
  }, { capture: true });
  window.addEventListener("pageshow", () => { isReady = false; });

  // What was kept here while the server was away goes there now, and the page says that it is back.
  box.get().then(async (kept) => {
    if (kept === null) return;
    if ((await deliver(kept)) === "kept") {
      const here = new URL(location.href);
      here.searchParams.set("restore", "1");
      location.replace(here);
    }
  });
}

for (const name of Object.keys(localStorage)) {
  if (!name.startsWith(PREFIX)) continue;
  try { if (Date.now() - JSON.parse(localStorage.getItem(name)).at > OLD) localStorage.removeItem(name); } catch { localStorage.removeItem(name); }
}
if (drafted) keepDrafts(drafted);
