// What microphone and camera have in common: asking for the device, and saying why there is none.

const INSTEAD = "Upload a file, or take one of the examples.";

async function openDevice(device, constraints) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error(
      `The browser offers no ${device} to this page: it does so only at https:// addresses and on this computer itself (localhost). ${INSTEAD}`
    );
  }
  try {
    return await navigator.mediaDevices.getUserMedia(constraints);
  } catch (error) {
    const reasons = {
      NotAllowedError: `The browser was not allowed to use the ${device}. Allow it beside the page's address and try again. ${INSTEAD}`,
      NotFoundError: `This computer has no ${device} that the browser can find. ${INSTEAD}`,
      NotReadableError: `The ${device} is busy: close the program that uses it and try again. ${INSTEAD}`,
    };
    throw new Error(reasons[error.name] ?? `The ${device} could not be opened (${error.message}). ${INSTEAD}`);
  }
}

const stopTracks = (stream) => stream?.getTracks().forEach((track) => track.stop());

// Sends what was captured, numbered: Python's `answered` tells how far it has come.
function sender(model) {
  let number = 0;
  return {
    send: (content, buffer) => model.send({ ...content, number: ++number }, undefined, buffer ? [buffer] : []),
    waiting: () => number - model.get("answered"),
    restart: () => (number = model.get("answered")),
  };
}

// A box and its words, which stay side by side.
const besideIt = (box, label) => element("span", { className: "tinylab-box" }, [box, label]);

function exampleMenu(model, out) {
  const options = model.get("examples").map((name) => element("option", { value: name, textContent: name }));
  const select = element("select", { id: newId() }, options);
  const label = element("label", { htmlFor: select.id, textContent: "Example" });
  const use = element("button", { type: "button", textContent: "Use example" });
  use.addEventListener("click", () => out.send({ kind: "example", name: select.value }));
  return element("div", { className: "tinylab-live-row" }, [label, select, use]);
}

function fileBox(accept, out, say) {
  const input = element("input", { type: "file", accept, id: newId() });
  const label = element("label", { htmlFor: input.id, textContent: "Or upload a file" });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    say(`Reading ${file.name}`);
    out.send({ kind: "file", name: file.name }, await file.arrayBuffer());
    input.value = ""; // the same file may be chosen again
    say("");
  });
  return element("div", { className: "tinylab-live-row" }, [label, input]);
}
