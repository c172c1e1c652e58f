// Shared by every widget of this folder: Python puts this text before the widget's own.

// Each widget loads its own copy of this text: a counter would give two widgets the same ids.
const newId = () => `tinylab-${Math.random().toString(36).slice(2)}`;

function element(tag, properties = {}, children = []) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// Keys belong to the focused control, not to JupyterLab, whose arrow keys select cells. It looks for
// this attribute from the focused element upwards, and would match that element first.
function keepKeys(root) {
  for (const control of root.querySelectorAll("input, select, button, summary")) {
    control.setAttribute("data-lm-suppress-shortcuts", "true");
  }
}

// The widget manager's own model: anywidget passes on only a few of its methods.
function modelBehind(model) {
  let behind = null;
  const look = (changed) => (behind = changed);
  model.on("change:_looked_at", look);
  model.set("_looked_at", newId());
  model.off("change:_looked_at", look);
  return behind;
}

// anywidget gives a widget two seconds of wall time to start. On a busy computer that is too short, and
// from then on it drops every message of the kernel, without a word. Such a model gets the handler that
// it inherits from ipywidgets, and asks for the state whose messages were dropped.
async function keepListening(model) {
  const behind = modelBehind(model);
  if (!behind?.comm) return; // drawn from a saved state, without a kernel
  const nothing = { content: { data: { method: "none" } }, buffers: [] };
  try {
    await behind._handle_comm_msg(nothing);
  } catch {
    const inherited = Object.getPrototypeOf(Object.getPrototypeOf(behind))._handle_comm_msg;
    behind.comm.on_msg(inherited.bind(behind));
    behind.comm.send({ method: "request_state" }, {});
  }
}

// Never waited for: a widget whose start takes long would be given up.
function initialize({ model }) {
  keepListening(model);
}
