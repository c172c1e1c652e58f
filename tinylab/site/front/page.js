// Brings the saved widgets of this page to life, each when it comes near the reader's view.

const NEAR = "800px";
const FAILED = "The live figure could not be loaded; this is a picture of it.";

const questions = new Map();
const saved = new Map();

// One model a question: covers and verdicts may be drawn before the question itself.
function asked(question) {
  if (!questions.has(question)) questions.set(question, new SavedModel({ question, answer: null }));
  return questions.get(question);
}

function box(className, children = []) {
  const made = document.createElement("div");
  made.className = className;
  made.append(...children);
  return made;
}

function part(name, model) {
  const el = box("");
  tinylabWidgets[name].render({ model, el });
  return el;
}

function coverOf(data) {
  const question = asked(data.covered_by);
  const model = new SavedModel({ text: data.cover, is_open: question.get("answer") !== null });
  question.on("change:answer", () => model.set("is_open", true));
  return part("cover", model);
}

function explorer(data) {
  const { title, source, specs, note, dark_colours, plotly_version } = data;
  const first = stateAt(data, data.state);
  const label = (text) => `Figure: ${title}. ${text}`;
  const panel = new SavedModel({ title, specs, state: data.state, initial: data.initial });
  const status = new SavedModel({ text: first.text, is_error: first.is_error, source: [source, note].filter(Boolean).join(". ") });
  const figure = new SavedModel({ drawing: first.drawing, label: label(first.text), dark_colours, plotly_version });
  panel.on("change:state", () => {
    const { text, is_error, drawing } = stateAt(data, panel.get("state"));
    status.setAll({ text, is_error });
    // As in the notebook: a setting that cannot be shown leaves the figure as it was.
    if (drawing) figure.setAll({ drawing, label: label(text) });
  });
  const parts = [part("controls", panel), part("figure", figure), part("status", status)];
  return box("tinylab-explorer", data.cover ? [coverOf(data), ...parts] : parts);
}

function prediction({ question, unit, choices }) {
  const model = asked(question);
  model.setAll({ unit, choices });
  return part("question", model);
}

function verdictBox(data) {
  const question = asked(data.covered_by);
  const status = new SavedModel({ text: verdict(data, question.get("answer")), source: "" });
  question.on("change:answer", () => status.set("text", verdict(data, question.get("answer"))));
  return box("tinylab-verdict", [coverOf(data), part("status", status)]);
}

const MAKERS = { explorer, prediction, verdict: verdictBox };

// Script elements, for a page opened from a disk may read no files.
function loaded(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error(address));
    document.head.append(script);
  });
}

globalThis.tinylabSave = (name, data) => saved.set(name, data);

const root = () => `${document.documentElement.dataset.content_root}_static/`;

// Puts plotly.js on the shelf from which the figures take it, once a page.
function bringLibrary(version) {
  const shelves = (globalThis.tinylabPlotly ??= {});
  shelves[version] ??= { started: true, ready: loaded(`${root()}plotly.min.js`).then(() => globalThis.Plotly) };
}

async function mount(place) {
  const { name } = place.dataset;
  try {
    await loaded(`${root()}saved/${name}.js`);
    const data = saved.get(name);
    if (data.plotly_version) bringLibrary(data.plotly_version);
    place.replaceChildren(MAKERS[data.kind](data));
    place.dataset.alive = "yes";
  } catch (error) {
    place.dataset.alive = "no";
    place.append(box("tinylab-note", [`${FAILED} (${error.message})`]));
  }
}

// The widgets take their colours from JupyterLab's names; the theme's switch decides which.
function followTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    const { theme = "auto" } = document.body.dataset;
    document.body.dataset.jpThemeLight = String(!(theme === "dark" || (theme === "auto" && dark.matches)));
  };
  follow();
  dark.addEventListener("change", follow);
  new MutationObserver(follow).observe(document.body, { attributes: true, attributeFilter: ["data-theme"] });
}

// What is wider than a telephone scrolls in its own box: the keyboard must reach that box.
function reachScrollers() {
  for (const box of document.querySelectorAll("pre, table, .tinylab-formula, .table-wrapper")) {
    const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

// The corner of a table is no heading: nothing would be read out for it.
function emptyCorners() {
  for (const corner of document.querySelectorAll("th")) {
    if (!corner.textContent.trim()) corner.replaceWith(document.createElement("td"));
  }
}

// The theme has two landmarks of one kind at the sides of a page, and names neither.
function nameLandmarks() {
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "All pages");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "On this page");
}

function start() {
  followTheme();
  nameLandmarks();
  emptyCorners();
  reachScrollers();
  addEventListener("resize", reachScrollers);
  const places = [...document.querySelectorAll(".tinylab-saved")];
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        mount(target);
      }
    },
    { rootMargin: NEAR }
  );
  places.forEach((place) => near.observe(place));
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
