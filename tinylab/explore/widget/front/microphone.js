const RECORDER = `registerProcessor("tinylab-recorder", class extends AudioWorkletProcessor {
  process([input]) {
    if (input[0]) this.port.postMessage(input[0].slice());
    return true;
  }
});`;
const SETTLE_S = 0.2; // the click of the mouse is not recorded
const LATE_S = 5;
const AT_MOST_WAITING = 2;

// Opens the microphone; `heard` is given every block of samples. The rate is the device's own: a rate
// of ours would be refused by some browsers. It is converted, with a filter, in Python.
async function openMicrophone(processed, heard) {
  const audio = { echoCancellation: processed, noiseSuppression: processed, autoGainControl: processed };
  const stream = await openDevice("microphone", { audio });
  const context = new AudioContext();
  const address = URL.createObjectURL(new Blob([RECORDER], { type: "text/javascript" }));
  const close = () => {
    stopTracks(stream);
    if (context.state !== "closed") context.close();
  };
  try {
    await context.audioWorklet.addModule(address);
    const recorder = new AudioWorkletNode(context, "tinylab-recorder", { numberOfOutputs: 0 });
    recorder.port.onmessage = ({ data }) => heard(data);
    context.createMediaStreamSource(stream).connect(recorder);
    await context.resume();
  } catch (error) {
    close();
    throw error;
  } finally {
    URL.revokeObjectURL(address);
  }
  return { rate_Hz: context.sampleRate, close };
}

function joined(blocks) {
  const all = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  blocks.reduce((start, block) => (all.set(block, start), start + block.length), 0);
  return all;
}

const level = (block) => Math.sqrt(block.reduce((sum, sample) => sum + sample * sample, 0) / block.length);

// The parts of the page that microphone and listener share.
function soundControls(title) {
  const button = element("button", { type: "button", textContent: title });
  const meter = element("meter", { min: 0, max: 1, value: 0 });
  meter.setAttribute("aria-label", "Level");
  const processed = element("input", { type: "checkbox", id: newId() });
  const words = "Let the browser process the voice (echo, noise, loudness)";
  const label = element("label", { htmlFor: processed.id, textContent: words });
  const rows = [[button, meter], [besideIt(processed, label)]].map((parts) => element("div", { className: "tinylab-live-row" }, parts));
  // Loudness is heard in ratios: 60 dB over the meter.
  const show = (block) => (meter.value = Math.max(0, 1 + Math.log10(level(block) + 1e-9) / 3));
  return { button, meter, processed, rows, show };
}

const longEnough = (promise, seconds) =>
  Promise.race([
    promise,
    new Promise((_, reject) =>
      setTimeout(() => reject(new Error(`The microphone is open but sends no sound. ${INSTEAD}`)), 1000 * seconds)
    ),
  ]);

// `seconds` of sound; the microphone is closed again whatever happens.
async function recording(seconds, processed, show, say) {
  let device = null;
  let count = 0;
  let done;
  const complete = new Promise((resolve) => (done = resolve));
  const blocks = [];
  device = await openMicrophone(processed, (block) => {
    show(block);
    if (!device) return;
    count += block.length;
    if (count > SETTLE_S * device.rate_Hz) blocks.push(block);
    if (count >= (SETTLE_S + seconds) * device.rate_Hz) done(joined(blocks));
  });
  say("Recording: speak now");
  try {
    return { rate_Hz: device.rate_Hz, samples: await longEnough(complete, seconds + LATE_S) };
  } finally {
    device.close();
  }
}

// A short recording on a click.
function microphone(model, out, say) {
  const { button, meter, processed, rows, show } = soundControls("Record");
  button.addEventListener("click", async () => {
    button.disabled = true;
    say("Opening the microphone");
    try {
      const sound = await recording(model.get("seconds"), processed.checked, show, say);
      say("");
      out.send({ kind: "sound", rate_Hz: sound.rate_Hz }, sound.samples.buffer);
    } catch (error) {
      say(error.message);
    }
    meter.value = 0;
    button.disabled = false;
  });
  return { rows, accept: "audio/*", stop: () => {} }; // a recording ends by itself
}

// The room, in pieces of `seconds`, until it is stopped.
function listener(model, out, say) {
  const controls = soundControls("Start listening");
  const { button, meter, processed, show } = controls;
  let device = null;
  const stop = () => {
    device?.close();
    device = null;
    meter.value = 0;
    button.textContent = "Start listening";
  };
  const start = async () => {
    let blocks = [];
    let first = true;
    let skipped_s = 0;
    out.restart();
    const opened = await openMicrophone(processed.checked, (block) => {
      show(block);
      if (!device) return;
      blocks.push(block);
      const samples = joined(blocks);
      if (samples.length < model.get("seconds") * device.rate_Hz) return;
      blocks = [];
      if (out.waiting() >= AT_MOST_WAITING) {
        skipped_s += samples.length / device.rate_Hz;
        say(`This computer is too slow to hear everything: ${skipped_s.toFixed(1)} s were skipped.`);
        return;
      }
      out.send({ kind: "sound", rate_Hz: device.rate_Hz, first }, samples.buffer);
      first = false;
    });
    device = opened;
    button.textContent = "Stop listening";
    say("Listening");
  };
  button.addEventListener("click", async () => {
    if (device) {
      stop();
      say("");
      return;
    }
    button.disabled = true;
    try {
      await start();
    } catch (error) {
      stop();
      say(error.message);
    }
    button.disabled = false;
  });
  return { rows: controls.rows, accept: "audio/*", stop };
}
