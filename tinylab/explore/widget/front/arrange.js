// From the figure as Python describes it to the figure as this page can show it: width, panels, colours.

const STACK_BELOW_PX = 700;
const NARROW_PX = 480;
const NARROW_MARGIN_PX = 60;
const NARROW_LABEL_PX = 11;
const NARROW_LINE_PX = 14;
const NAMES_SHARES = [0.3, 0.4, 0.5]; // of a narrow figure's width, for the names of its rows: the first that does
const LABEL_PX = 14;
const LINE_PX = 18;
const NAME_GAP_PX = 6;
const TICK_PX = 16; // and the space between it and its label
const TITLE_OVERHANG_PX = 30; // into the margins at both ends of its axis
const PANEL_GAP_PX = 76; // axis title and tick labels between two stacked panels

const ARRAYS = {
  float64: Float64Array, float32: Float32Array, int32: Int32Array, int16: Int16Array,
  int8: Int8Array, uint32: Uint32Array, uint16: Uint16Array, uint8: Uint8Array,
};

function typedArray({ dtype, shape, bytes }) {
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const flat = new ARRAYS[dtype](copy);
  if (shape.length === 1) return flat;
  return Array.from({ length: shape[0] }, (_, row) => flat.subarray(row * shape[1], (row + 1) * shape[1]));
}

// A fresh copy of a plain value, with binary arrays in and colours replaced.
function unfold(value, colours) {
  if (typeof value === "string") return (value[0] === "#" && colours[value.toLowerCase()]) || value;
  if (Array.isArray(value)) return value.map((item) => unfold(item, colours));
  if (value === null || typeof value !== "object") return value;
  if (value.bytes instanceof DataView) return typedArray(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unfold(item, colours)]));
}

const axisKey = (id) => `${id[0]}axis${id.slice(1)}`;

// The panels that stand side by side, from left to right: the x axes that share a domain, their y axes.
function columnsOf(data, layout) {
  const columns = new Map();
  const pairs = data.filter((trace) => trace.type !== "pie").map((trace) => [trace.xaxis ?? "x", trace.yaxis ?? "y"]);
  for (const [x, y] of pairs) {
    const [start, end] = layout[axisKey(x)]?.domain ?? [0, 1];
    const column = columns.get(`${start}`) ?? { start, end, x: new Set(), y: new Set() };
    column.x.add(x);
    column.y.add(y);
    column.end = Math.max(column.end, end);
    columns.set(`${start}`, column);
  }
  return mergeOverlapping([...columns.values()].sort((a, b) => a.start - b.start));
}

function mergeOverlapping(columns) {
  const merged = [];
  for (const column of columns) {
    const last = merged.at(-1);
    const shared = last && [...column.y].some((y) => last.y.has(y));
    if (last && (shared || column.start < last.end)) {
      last.end = Math.max(last.end, column.end);
      column.x.forEach((x) => last.x.add(x));
      column.y.forEach((y) => last.y.add(y));
    } else merged.push(column);
  }
  return merged;
}

// Panels side by side become panels one below the other.
function stack(data, layout, names_px) {
  const columns = columnsOf(data, layout);
  if (columns.length < 2) return;
  const gap_px = PANEL_GAP_PX + names_px;
  const { t = 0, b = 0 } = layout.margin ?? {};
  const panel_px = layout.height - t - b;
  const whole_px = columns.length * panel_px + (columns.length - 1) * gap_px;
  columns.forEach((column, i) => {
    const top = 1 - (i * (panel_px + gap_px)) / whole_px;
    column.slot = [top - panel_px / whole_px, top];
  });
  moveAxes(columns, layout);
  moveMarks(columns, layout);
  data.forEach((trace) => moveColourBar(columns, trace));
  layout.height = whole_px + t + b;
}

const within = (slot, share) => slot[0] + share * (slot[1] - slot[0]);

function moveAxes(columns, layout) {
  for (const column of columns) {
    const wide = (x) => (x - column.start) / (column.end - column.start);
    for (const id of column.x) {
      const axis = (layout[axisKey(id)] ??= {});
      axis.domain = (axis.domain ?? [0, 1]).map(wide);
    }
    for (const id of column.y) {
      const axis = (layout[axisKey(id)] ??= {});
      if (axis.matches && axis.showticklabels === false) axis.showticklabels = true;
      if (!axis.overlaying) axis.domain = (axis.domain ?? [0, 1]).map((y) => within(column.slot, y));
    }
  }
}

// Shapes and annotations that are laid out on the paper instead of on an axis.
function moveMarks(columns, layout) {
  const owner = (mark) =>
    columns.find(({ x, y }) => x.has(mark.xref ?? "x") || y.has(mark.yref ?? "y")) ??
    columns.find(({ end }) => (mark.x ?? mark.x0 ?? 0) <= end) ?? columns[0];
  for (const mark of [...(layout.shapes ?? []), ...(layout.annotations ?? [])]) {
    const { start, end, slot } = owner(mark);
    const wide = (x) => Math.min(1, Math.max(0, (x - start) / (end - start)));
    for (const key of ["x", "x0", "x1"]) if (mark.xref === "paper" && key in mark) mark[key] = wide(mark[key]);
    for (const key of ["y", "y0", "y1"]) if (mark.yref === "paper" && key in mark) mark[key] = within(slot, mark[key]);
  }
  layout.shapes = layout.shapes?.flatMap((shape) => [shape, ...onMatchingAxes(shape, layout)]);
}

// A frame across all panels at one height belongs to each of them.
function onMatchingAxes(shape, layout) {
  if (shape.xref !== "paper" || shape.yref === "paper") return [];
  const followers = Object.keys(layout).filter((key) => key.startsWith("yaxis") && layout[key].matches === (shape.yref ?? "y"));
  return followers.map((key) => ({ ...shape, yref: `y${key.slice(5)}` }));
}

function moveColourBar(columns, trace) {
  if (!("colorbar" in trace)) return;
  const { slot } = columns.find(({ x }) => x.has(trace.xaxis ?? "x")) ?? columns[0];
  trace.colorbar = { ...trace.colorbar, x: 1.02, xanchor: "left", y: (slot[0] + slot[1]) / 2, yanchor: "middle", len: (slot[1] - slot[0]) * 0.9 };
}

const pen = document.createElement("canvas").getContext("2d");

function widthOf(text, { size, family = "sans-serif" }) {
  pen.font = `${size}px ${family}`;
  return pen.measureText(text.replace(/<[^>]*>/g, "")).width;
}

// The names that stand along each axis, "x" or "y".
function namesAlong(letter, data) {
  const named = new Map();
  for (const { [letter]: values, [`${letter}axis`]: id = letter } of data) {
    const names = Array.isArray(values) ? values.filter((value) => typeof value === "string") : [];
    if (names.length) named.set(id, new Set([...(named.get(id) ?? []), ...names]));
  }
  return new Map([...named].map(([id, names]) => [id, [...names]]));
}

// The names of rows leave a narrow figure little room: they become smaller and go on in the next line, and the margin
// is as wide as they are.
function narrow(data, layout, width_px) {
  let left_px = Math.min(layout.margin?.l ?? 0, NARROW_MARGIN_PX);
  const font = { size: NARROW_LABEL_PX, family: layout.template?.layout?.font?.family };
  for (const [id, names] of namesAlong("y", data)) {
    const axis = (layout[axisKey(id)] ??= {});
    axis.tickfont = { ...axis.tickfont, size: NARROW_LABEL_PX };
    const [start, end] = axis.domain ?? [0, 1];
    const { t = 0, b = 0 } = layout.margin ?? {};
    const slot_px = ((end - start) * (layout.height - t - b)) / names.length;
    const inRoom = (share) => names.map((name) => inLines(name, font, share * width_px));
    const fits = (texts) => texts.every((text) => text.split("<br>").length * NARROW_LINE_PX <= slot_px);
    const shown = NAMES_SHARES.map(inRoom).find(fits) ?? names;
    if (!axis.tickvals) Object.assign(axis, { tickvals: names, ticktext: shown });
    const lines = shown.flatMap((text) => text.split("<br>"));
    left_px = Math.max(left_px, ...lines.map((line) => widthOf(line, font) + TICK_PX));
  }
  layout.margin = { ...layout.margin, l: left_px };
}

// The words in as few lines as the room allows.
function inLines(text, font, room_px) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (lines.at(-1) && widthOf(longer, font) > room_px) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.join("<br>");
}

// Names below an axis go on in the next line where they would touch each other, or stand upright where not even
// their words fit; how many pixels more than a single line that takes.
function breakNames(data, layout, room) {
  const font = { size: LABEL_PX, family: layout.template?.layout?.font?.family };
  let most_px = 0;
  for (const [id, names] of namesAlong("x", data)) {
    const axis = (layout[axisKey(id)] ??= {});
    const slot_px = room(axis) / names.length - NAME_GAP_PX;
    const fits = (words) => words.every((word) => widthOf(word, font) <= slot_px);
    if (axis.tickvals || axis.tickangle !== undefined || axis.dtick || fits(names)) continue;
    const upright = !names.every((name) => fits(name.split(" ")));
    const shown = upright ? names : names.map((name) => inLines(name, font, slot_px));
    Object.assign(axis, { tickvals: names, ticktext: shown, tickangle: upright ? 90 : 0 });
    const need_px = shown.map((text) => (upright ? widthOf(text, font) : text.split("<br>").length * LINE_PX));
    most_px = Math.max(most_px, ...need_px.map((need) => need - LINE_PX));
  }
  return most_px;
}

// Plotly cuts off what an axis title is too long: it goes on in the next line.
function breakTitles(layout, width_px) {
  const { l = 0, r = 0, t = 0, b = 0 } = layout.margin ?? {};
  const whole = { x: width_px - l - r, y: layout.height - t - b };
  const defaults = layout.template?.layout;
  for (const [key, axis] of Object.entries(layout)) {
    const text = /^[xy]axis/.test(key) && axis.title?.text;
    if (!text) continue;
    const [start, end] = axis.domain ?? [0, 1];
    const size = axis.title.font?.size ?? defaults?.[`${key[0]}axis`]?.title?.font?.size ?? 14;
    const room = (end - start) * whole[key[0]] + (width_px < NARROW_PX ? 0 : TITLE_OVERHANG_PX);
    axis.title = { ...axis.title, text: inLines(text, { size, family: defaults?.font?.family }, room) };
  }
}

// What Plotly is given for an area of this width.
function arranged(drawing, width_px, colours) {
  const { data, layout } = unfold(drawing, colours);
  const stacked = width_px < STACK_BELOW_PX;
  if (width_px < NARROW_PX) narrow(data, layout, width_px);
  const { l = 0, r = 0 } = layout.margin ?? {};
  const share = ({ domain: [start, end] = [0, 1] }) => (stacked ? 1 : end - start);
  const names_px = breakNames(data, layout, (axis) => share(axis) * (width_px - l - r));
  if (stacked) stack(data, layout, names_px);
  breakTitles(layout, width_px);
  return { data, layout: { ...layout, width: width_px, autosize: false } };
}
