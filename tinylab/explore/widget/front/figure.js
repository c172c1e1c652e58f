const ASK_AFTER_MS = 60_000;
const SMALLEST_PX = 320;
// A page of the site has no cells to run.
const again = () => (globalThis.tinylabSave ? "reload the page" : "run this cell again");
const waiting = () => `The figure is being prepared. If it does not appear, ${again()}.`;
const broken = (error) => `This figure could not be drawn (${error.message}): ${again()}; if that does not help, open the page anew.`;

const isDark = () =>
  document.body.dataset.jpThemeLight === "false" || document.documentElement.getAttribute("theme") === "dark";

// The library, or a promise of it; a figure that has waited long asks the kernel for it once more.
function libraryFor(model) {
  const version = model.get("plotly_version");
  const entry = shelf(version);
  model.on("msg:custom", (content, buffers) => content.plotly === version && unpack(version, buffers[0]));
  const timer = setInterval(() => {
    if (entry.started || Date.now() - entry.asked_ms < ASK_AFTER_MS) return;
    entry.asked_ms = Date.now();
    model.send({ wanted: "plotly" });
  }, ASK_AFTER_MS / 10);
  entry.ready.finally(() => clearInterval(timer)).catch(() => {});
  return entry.ready;
}

// The label says what there is to see; single ticks and letters, read out one by one, would not.
function hideDrawing(plot) {
  for (const drawing of plot.querySelectorAll(".svg-container > svg")) drawing.setAttribute("aria-hidden", "true");
}

// Plotly gives a legend of several rows no room of its own: the rows that do not fit hang into the plot.
function legendNeed_px(plot) {
  const legend = plot.querySelector(".legend .bg");
  const layout = plot._fullLayout;
  if (!legend || layout.legend?.orientation !== "h" || layout.legend.y < 1) return 0;
  return Math.ceil(legend.getBBox().height + 16 - layout.margin.t);
}

function painter(model, plot, note) {
  let room = { width: 0, extra: 0, names: "" };
  const paint = async (plotly, width) => {
    const { data, layout } = arranged(model.get("drawing"), width, isDark() ? model.get("dark_colours") : {});
    if (room.width !== width) room = { width, extra: 0, names: "" };
    const grow = (extra) => ({ ...layout, height: layout.height + extra, margin: { ...layout.margin, t: (layout.margin?.t ?? 0) + extra } });
    await plotly.react(plot, data, grow(room.extra), { displaylogo: false, responsive: false });
    hideDrawing(plot);
    // Measuring makes the browser lay the page out once more: only where the names are new.
    const names = plot.querySelector(".legend")?.textContent ?? "";
    const need = names === room.names ? 0 : legendNeed_px(plot);
    room.names = names;
    if (need > 0) {
      room.extra += need;
      await plotly.react(plot, data, grow(room.extra), { displaylogo: false, responsive: false });
    }
  };
  return async (plotly) => {
    const width = Math.floor(plot.clientWidth);
    if (!width || !model.get("drawing")?.data) return;
    try {
      await paint(plotly, Math.max(SMALLEST_PX, width));
      note.hidden = true;
    } catch (error) {
      note.hidden = false;
      note.textContent = broken(error);
    }
  };
}

function render({ model, el }) {
  const note = element("p", { className: "tinylab-note", textContent: waiting() });
  const plot = element("div", { className: "tinylab-plot" });
  el.classList.add("tinylab-figure");
  el.append(note, plot);
  plot.setAttribute("role", "figure"); // not "img": that would hide its tool bar
  const name = () => plot.setAttribute("aria-label", model.get("label"));

  const draw = painter(model, plot, note);
  let plotly = null;
  let busy = false;
  let stale = false;
  // One drawing at a time, and always of the newest state.
  const changed = async () => {
    stale = true;
    if (busy || !plotly) return;
    busy = true;
    while (stale) {
      stale = false;
      await draw(plotly);
      await new Promise(requestAnimationFrame); // it is shown before the next is drawn
    }
    busy = false;
  };

  libraryFor(model).then(
    (library) => {
      plotly = library;
      changed();
    },
    (error) => (note.textContent = broken(error))
  );
  const sizes = new ResizeObserver(changed);
  const themes = new MutationObserver(changed);
  sizes.observe(el);
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  model.on("change:drawing", changed);
  model.on("change:label", name);
  name();
  return () => {
    sizes.disconnect();
    themes.disconnect();
    model.off("change:drawing", changed);
    model.off("change:label", name);
    if (plotly) plotly.purge(plot);
  };
}

export default { initialize, render };
