function numberField(model, form) {
  const input = document.createElement("input");
  input.type = "number";
  input.step = "any";
  input.id = newId();
  input.placeholder = "your guess";
  const label = document.createElement("label");
  label.htmlFor = input.id;
  label.textContent = model.get("question");
  const unit = document.createElement("span");
  unit.className = "tinylab-unit";
  unit.textContent = model.get("unit");
  const line = document.createElement("div");
  line.className = "tinylab-answer";
  line.append(input, unit);
  form.append(label, line);
  const commit = () => {
    model.set("answer", input.value === "" ? null : Number(input.value));
    model.save_changes();
  };
  input.addEventListener("change", commit);
  // JupyterLab keeps Enter to itself, so the browser does not fire "change" for it.
  input.addEventListener("keydown", (event) => event.key === "Enter" && commit());
  return (answer) => (input.value = answer ?? "");
}

function choiceField(model, form) {
  const group = document.createElement("fieldset");
  const legend = document.createElement("legend");
  legend.textContent = model.get("question");
  group.append(legend);
  const name = newId();
  const buttons = model.get("choices").map((choice) => {
    const button = Object.assign(document.createElement("input"), { type: "radio", name, value: choice });
    const label = document.createElement("label");
    label.append(button, ` ${choice}`);
    group.append(label);
    button.addEventListener("change", () => {
      model.set("answer", choice);
      model.save_changes();
    });
    return button;
  });
  form.append(group);
  return (answer) => buttons.forEach((button) => (button.checked = button.value === answer));
}

function render({ model, el }) {
  const form = document.createElement("div");
  form.className = "tinylab-form";
  const show = model.get("choices").length ? choiceField(model, form) : numberField(model, form);
  el.classList.add("tinylab-question");
  el.append(form);
  keepKeys(el);
  const follow = () => show(model.get("answer"));
  follow();
  model.on("change:answer", follow);
  return () => model.off("change:answer", follow);
}

export default { initialize, render };
