function render({ model, el }) {
  const live = document.createElement("div");
  live.className = "tinylab-live";
  live.setAttribute("role", "status");
  live.setAttribute("aria-live", "polite");
  const source = document.createElement("div");
  source.className = "tinylab-source";
  const show = () => {
    live.textContent = model.get("text");
    live.classList.toggle("tinylab-error", model.get("is_error"));
    source.textContent = model.get("source");
  };
  el.classList.add("tinylab-status");
  el.append(live, source);
  show();
  model.on("change", show);
  return () => model.off("change", show);
}

export default { initialize, render };
