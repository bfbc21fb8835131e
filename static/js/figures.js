// Draws every <div data-figure data-spec="…"> with Vega-Lite. The specification is the text of the json_script whose id
// data-spec gives, or the answer of the address it gives. A mark leads where its datum's `href` says; or, where the
// figure has a data-point-url, to that address with __point__ replaced by its datum's `point`.
// Under a strict policy: expressions are interpreted, never compiled, and nothing styles itself.

const drawing = new URL("../vendor/vega.js", import.meta.url).href;
const options = {
  actions: false,
  ast: true,
  defaultStyle: false,
  mode: "vega-lite",
  renderer: "svg",
  tooltip: { disableDefaultStyle: true },
};
const thin = new Set(["line", "area", "trail", "group"]); // one shape of many data: none of them is meant

async function specificationOf(host) {
  const named = host.dataset.spec;
  if (!/[/?]/.test(named)) return JSON.parse(document.getElementById(named).textContent);
  const answer = await fetch(named, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${named}: ${answer.status}`);
  return answer.json();
}

function addressOf(host, item) {
  const datum = item?.datum;
  if (!datum || thin.has(item.mark?.marktype)) return null;
  if (datum.href) return datum.href;
  if (!datum.point || !host.dataset.pointUrl) return null;
  return host.dataset.pointUrl.replace("__point__", encodeURIComponent(datum.point));
}

// Marks that lead somewhere are links to the keyboard too: one stop of the tab key, then the arrows.
function makeLinks(host) {
  const links = [...host.querySelectorAll("svg *")].filter((shape) => addressOf(host, shape.__data__));
  for (const [index, shape] of links.entries()) {
    shape.classList.add("leads");
    shape.setAttribute("role", "link");
    shape.setAttribute("tabindex", index ? "-1" : "0");
    shape.removeAttribute("aria-roledescription");
    if (!shape.getAttribute("aria-label")) shape.setAttribute("aria-label", shape.__data__.datum.point ?? "mark");
  }
  host.addEventListener("keydown", (event) => {
    const at = links.indexOf(event.target);
    if (at < 0) return;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter") location.assign(addressOf(host, event.target.__data__));
    if (!step) return;
    event.preventDefault();
    const next = links[(at + step + links.length) % links.length];
    event.target.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });
}

// A row of a figure in which nothing happened is no graphic: it would be one without a name.
function silenceEmptyRows(host) {
  for (const row of host.querySelectorAll("g[role=graphics-symbol]:empty")) {
    row.removeAttribute("role");
    row.removeAttribute("aria-roledescription");
  }
}

// Vega would put its tooltip at the end of the body, outside every landmark.
function keepTooltipInside() {
  const id = "vg-tooltip-element";
  if (document.getElementById(id)) return;
  const box = document.createElement("div");
  box.id = id;
  box.className = "vg-tooltip";
  document.getElementById("main").append(box);
}

async function draw(host) {
  host.dataset.drawn = "begun";
  host.setAttribute("aria-busy", "true");
  try {
    const [{ default: embed }, specification] = await Promise.all([import(drawing), specificationOf(host)]);
    keepTooltipInside();
    delete specification.$schema; // the browser draws with the version it has, and would only warn of another
    const { view } = await embed(host, specification, options);
    makeLinks(host);
    silenceEmptyRows(host);
    view.addEventListener("click", (event, item) => {
      const address = addressOf(host, item);
      if (address) location.assign(address);
    });
    host.dataset.drawn = "done";
  } catch (error) {
    host.dataset.drawn = "failed";
    host.textContent = host.dataset.failed || "This figure could not be drawn; its data are in the table.";
    console.error(error);
  } finally {
    host.removeAttribute("aria-busy");
  }
}

function drawAll() {
  for (const host of document.querySelectorAll("[data-figure]:not([data-drawn])")) draw(host);
}

document.addEventListener("htmx:load", drawAll);
drawAll();
