function numberField(model, form) {
  const input = element("input", { type: "number", step: "any", id: newId(), placeholder: "your guess" });
  const label = element("label", { htmlFor: input.id, textContent: model.get("question") });
  const unit = element("span", { className: "tinylab-unit", textContent: model.get("unit") });
  form.append(label, element("div", { className: "tinylab-answer" }, [input, unit]));
  return {
    fields: [input],
    read: () => (input.value === "" ? null : Number(input.value)),
    show: (answer) => (input.value = answer ?? ""),
  };
}

function choiceField(model, form) {
  const group = element("fieldset", {}, [element("legend", { textContent: model.get("question") })]);
  const name = newId();
  const buttons = model.get("choices").map((choice) => {
    const button = element("input", { type: "radio", name, value: choice });
    group.append(element("label", {}, [button, ` ${choice}`]));
    return button;
  });
  form.append(group);
  return {
    fields: buttons,
    read: () => buttons.find((button) => button.checked)?.value ?? null,
    show: (answer) => buttons.forEach((button) => (button.checked = button.value === answer)),
  };
}

function render({ model, el }) {
  const form = element("div", { className: "tinylab-form" });
  const field = model.get("choices").length ? choiceField(model, form) : numberField(model, form);
  const button = element("button", { type: "button", textContent: "Commit my prediction" });
  const said = element("p", { className: "tinylab-said" });
  said.setAttribute("role", "status");
  el.classList.add("tinylab-question");
  el.append(form, button, said);
  keepKeys(el);

  const commit = () => {
    const answer = field.read();
    if (answer === null) {
      said.textContent = "Give an answer first; a guess is enough.";
      return;
    }
    model.set("answer", answer);
    model.save_changes();
  };
  const follow = () => {
    const answer = model.get("answer");
    const done = answer !== null;
    if (done) field.show(answer);
    for (const input of field.fields) input.disabled = done;
    button.hidden = done;
    said.textContent = done ? `You said: ${answer} ${model.get("unit")}`.trim() : "";
    if (model.get("problem")) said.textContent += ` (${model.get("problem")})`;
  };
  button.addEventListener("click", commit);
  // JupyterLab keeps Enter to itself.
  el.addEventListener("keydown", (event) => event.key === "Enter" && event.target !== button && commit());
  follow();
  model.on("change", follow);
  return () => model.off("change", follow);
}

export default { initialize, render };
