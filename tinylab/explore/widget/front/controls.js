function row(spec, input, rest) {
  input.id = newId();
  const label = element("label", { textContent: spec.label, htmlFor: input.id });
  return element("div", { className: "tinylab-row" }, [label, input, ...rest]);
}

function numberBox(spec, low, high, step) {
  const box = element("input", { type: "number", min: low, max: high, step });
  box.setAttribute("aria-label", spec.unit ? `${spec.label}, ${spec.unit}` : spec.label);
  return box;
}

// A slider over `stops`: all that may be chosen, or null for every step from low to high.
function slider(spec, send) {
  const stops = spec.kind === "steps" ? spec.options : null;
  const [low, high, step] = stops ? [0, stops.length - 1, 1] : [spec.low, spec.high, spec.step];
  const range = element("input", { type: "range", min: low, max: high, step });
  const box = numberBox(spec, stops ? stops[0] : low, stops ? stops.at(-1) : high, stops ? "any" : step);
  const toValue = (position) => (stops ? stops[position] : position);
  const nearest = (number) => {
    if (stops) {
      return stops.reduce((a, b) => (Math.abs(b - number) < Math.abs(a - number) ? b : a));
    }
    const stepped = low + Math.round((number - low) / step) * step;
    return Number(Math.min(high, Math.max(low, stepped)).toPrecision(12));
  };
  const show = (value) => {
    range.value = stops ? stops.indexOf(value) : value;
    const clean = Number(Number(value).toPrecision(12));
    range.setAttribute("aria-valuetext", `${clean} ${spec.unit}`.trim());
    box.value = clean;
  };
  range.addEventListener("input", () => {
    const value = toValue(Number(range.value));
    show(value);
    send(spec.name, value);
  });
  const commit = () => {
    const value = box.value === "" ? toValue(Number(range.value)) : nearest(Number(box.value));
    show(value);
    send(spec.name, value);
  };
  box.addEventListener("change", commit);
  // JupyterLab keeps Enter to itself, so the browser does not fire "change" for it.
  box.addEventListener("keydown", (event) => event.key === "Enter" && commit());
  const unit = element("span", { className: "tinylab-unit", textContent: spec.unit });
  return { node: row(spec, range, [box, unit]), show };
}

function dropdown(spec, send) {
  const options = spec.options.map((value, i) =>
    element("option", { value, textContent: spec.labels[i] })
  );
  const select = element("select", {}, options);
  select.addEventListener("change", () => send(spec.name, select.value));
  return { node: row(spec, select, []), show: (value) => (select.value = value) };
}

function toggle(spec, send) {
  const box = element("input", { type: "checkbox" });
  box.addEventListener("change", () => send(spec.name, box.checked));
  return { node: row(spec, box, []), show: (value) => (box.checked = value) };
}

const MAKERS = { slider, steps: slider, dropdown, toggle };

function render({ model, el }) {
  const send = (name, value) => {
    model.set("state", { ...model.get("state"), [name]: value });
    model.save_changes();
  };
  const specs = model.get("specs");
  const controls = specs.map((spec) => MAKERS[spec.kind](spec, send));
  const show = () => {
    const state = model.get("state");
    specs.forEach((spec, i) => controls[i].show(state[spec.name]));
  };
  const reset = element("button", { type: "button", textContent: "Reset" });
  reset.addEventListener("click", () => {
    model.set("state", { ...model.get("initial") });
    model.save_changes();
  });
  const title = element("div", { className: "tinylab-title", textContent: model.get("title") });
  const head = element("div", { className: "tinylab-head" }, [title, reset]);
  const rows = element("div", { className: "tinylab-rows" }, controls.map((control) => control.node));

  el.classList.add("tinylab-panel");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", model.get("title"));
  el.append(head, rows);
  keepKeys(el);
  show();
  model.on("change:state", show);
  return () => model.off("change:state", show);
}

export default { initialize, render };
