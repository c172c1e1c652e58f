function render({ model, el }) {
  const words = element("p");
  const button = element("button", { type: "button", textContent: "Show me anyway" });
  button.addEventListener("click", () => {
    model.set("is_open", true);
    model.save_changes();
  });
  el.classList.add("tinylab-cover");
  el.append(words, button);
  keepKeys(el);
  const follow = () => {
    words.textContent = model.get("text");
    // The style sheet hides what stands after a closed cover.
    el.classList.toggle("tinylab-closed", !model.get("is_open"));
  };
  follow();
  model.on("change", follow);
  return () => model.off("change", follow);
}

export default { initialize, render };
