const SENT_PX = 288; // three times the model's 96: Python averages the rest
const EVERY_MS = 1000;

// The middle square of what the camera sees now, as pixels.
function snapshot(video) {
  const side = Math.min(video.videoWidth, video.videoHeight);
  const canvas = element("canvas", { width: SENT_PX, height: SENT_PX });
  const paper = canvas.getContext("2d");
  paper.imageSmoothingQuality = "high";
  paper.drawImage(video, (video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side, 0, 0, SENT_PX, SENT_PX);
  return paper.getImageData(0, 0, SENT_PX, SENT_PX).data.buffer;
}

function camera(model, out, say) {
  const video = element("video", { muted: true, playsInline: true, className: "tinylab-video", hidden: true });
  video.setAttribute("aria-label", "What the camera sees");
  const open = element("button", { type: "button", textContent: "Open the camera" });
  const take = element("button", { type: "button", textContent: "Take a picture", disabled: true });
  const repeat = element("input", { type: "checkbox", id: newId(), disabled: true });
  const label = element("label", { htmlFor: repeat.id, textContent: "One picture a second" });
  let stream = null;
  let timer = null;

  const shoot = () => {
    if (!stream || !video.videoWidth || out.waiting() > 0) return;
    out.send({ kind: "picture", width: SENT_PX, height: SENT_PX }, snapshot(video));
  };
  const stop = () => {
    clearInterval(timer);
    stopTracks(stream);
    stream = null;
    video.srcObject = null;
    video.hidden = take.disabled = repeat.disabled = true;
    repeat.checked = false;
    open.textContent = "Open the camera";
  };
  const start = async () => {
    stream = await openDevice("camera", { video: { width: { ideal: 640 }, height: { ideal: 480 } } });
    video.srcObject = stream;
    video.hidden = take.disabled = repeat.disabled = false;
    await video.play();
    out.restart();
    open.textContent = "Close the camera";
  };
  open.addEventListener("click", async () => {
    if (stream) return stop();
    open.disabled = true;
    try {
      await start();
      say("");
    } catch (error) {
      stop();
      say(error.message);
    }
    open.disabled = false;
  });
  take.addEventListener("click", shoot);
  repeat.addEventListener("change", () => {
    clearInterval(timer);
    if (repeat.checked) timer = setInterval(shoot, EVERY_MS);
  });
  const rows = [[open, take, besideIt(repeat, label)], [video]].map((parts) => element("div", { className: "tinylab-live-row" }, parts));
  return { rows, accept: "image/*", stop };
}
