const DEVICES = { microphone, listen: listener, camera };

function render({ model, el }) {
  const message = element("p", { className: "tinylab-said" });
  message.setAttribute("role", "status");
  const say = (text) => (message.textContent = text);
  const out = sender(model);
  out.restart();
  const device = DEVICES[model.get("kind")](model, out, say);
  const title = element("div", { className: "tinylab-title", textContent: model.get("title") });
  const privacy = element("p", { className: "tinylab-source", textContent: model.get("privacy") });
  el.classList.add("tinylab-panel", "tinylab-capture");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", model.get("title"));
  el.append(title, ...device.rows, fileBox(device.accept, out, say), exampleMenu(model, out), message, privacy);
  keepKeys(el);
  return device.stop; // a closed notebook or a cell that runs again hears and sees nothing any more
}

export default { initialize, render };
