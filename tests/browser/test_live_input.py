"""Microphone, listener and camera in real Chromium, fed by fake devices of its own."""

from pathlib import Path

import nbformat
import numpy as np
import pytest
import soundfile
from nbformat import v4
from PIL import Image

from tests.browser.conftest import BROWSER_SWITCHES, PATIENCE_MS, find_browser
from tinylab.data import people, speech

pytestmark = pytest.mark.browser

MODELS = """
import numpy as np
from tinylab.data import people, speech
from tinylab.deploy.litert import LiteRTModel
from tinylab.explore.live.devices import Camera, Listen, Microphone
from tinylab.models import checkpoints
from tinylab.signal.mfcc import mfcc

words, eyes = (
    LiteRTModel(checkpoints.load(name, "compress", origin="reference").model)
    for name in ("keyword_spotting", "visual_wake_words")
)

def heard(clip):
    scores = words.predict(mfcc(clip[None])[..., np.newaxis])[0]
    return f"Heard: {speech.LABELS[int(scores.argmax())]}."

def seen(picture):
    scores = eyes.predict(picture[None] / np.float32(255))[0]
    return f"Seen: {people.LABELS[int(scores.argmax())]}, {picture.shape}."

clips = speech.load("test", per_class=5)
quiet = clips.waveforms[list(clips.labels).index(speech.LABELS.index("silence"))]
silence = {"silence": quiet}
"""
CELLS = (
    MODELS,
    "Microphone(heard, silence)",
    "Listen(heard, silence)",
    "Camera(seen, {'black': np.zeros((96, 96, 3), np.uint8)})",
)
CASCADE = """
from tinylab.explore.live.cascade import RoomCascade, Stages
from tinylab.graph import read_tflite

network = checkpoints.load("keyword_spotting", "compress", origin="reference").model
stages = Stages(
    level_dB=-40.0,
    detect=lambda clips: np.ones(len(clips)),
    least_score=0.5,
    recognize=lambda clips: words.predict(mfcc(clips)[..., np.newaxis]),
    keywords=dict(enumerate(speech.LABELS[:10])),
    detector_cycles=4000,
)
RoomCascade(read_tflite(network), stages, {"silence": np.zeros(32000, np.int16)})
"""
LEAD_S = 0.8  # the widget leaves out what comes with the click


@pytest.fixture(scope="module")
def devices(tmp_path_factory) -> list[str]:
    """Chromium's switches for a microphone that says "yes" and a camera that sees a person."""
    folder = tmp_path_factory.mktemp("devices")
    clips = speech.load("test", per_class=8)
    yes = clips.waveforms[np.flatnonzero(clips.words == "yes")[0]]
    lead = np.zeros(int(LEAD_S * speech.SAMPLE_RATE), np.int16)
    spoken = np.concatenate([lead, yes, np.tile(lead, 2)])
    at_48_kHz = np.repeat(spoken, 3)  # what lies above 8 kHz is filtered by the widget
    soundfile.write(folder / "yes.wav", at_48_kHz, 48_000, subtype="PCM_16")
    write_video(folder / "person.y4m", a_person())
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={folder / 'yes.wav'}",
        f"--use-file-for-fake-video-capture={folder / 'person.y4m'}",
    ]


def a_person() -> np.ndarray:
    """A built-in picture with a person, as a camera of 640 x 480 pixels would see it."""
    pictures = people.load("test", limit=20)
    person = pictures.images[np.flatnonzero(pictures.labels == 1)[0]]
    square = Image.fromarray(person).resize((480, 480), Image.Resampling.BICUBIC)
    frame = Image.new("RGB", (640, 480))
    frame.paste(square, (80, 0))
    return np.array(frame)


def write_video(path: Path, frame: np.ndarray, frames: int = 20) -> None:
    """One frame again and again, as uncompressed video."""
    planes = np.array(Image.fromarray(frame).convert("YCbCr"))
    small = planes.reshape(240, 2, 320, 2, 3).mean(axis=(1, 3)).astype(np.uint8)
    data = planes[..., 0].tobytes() + small[..., 1].tobytes() + small[..., 2].tobytes()
    with open(path, "wb") as file:
        file.write(b"YUV4MPEG2 W640 H480 F20:1 Ip A1:1 C420jpeg\n")
        for _ in range(frames):
            file.write(b"FRAME\n" + data)


@pytest.fixture
def window(browser, request):
    """Function from switches to a fresh page in a Chromium of its own."""
    opened = []

    def start(switches: list[str], script: str = ""):
        chromium = browser.browser_type.launch(
            executable_path=find_browser(), args=[*BROWSER_SWITCHES, *switches]
        )
        opened.append(chromium)
        context = chromium.new_context(viewport={"width": 1280, "height": 1200})
        context.set_default_timeout(PATIENCE_MS)
        if script:
            context.add_init_script(script)
        return context.new_page()

    yield start
    for chromium in opened:
        chromium.close()


def write(root: Path, name: str, cells) -> str:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = [v4.new_code_cell(cell) for cell in cells]
    nbformat.write(v4.new_notebook(metadata={"kernelspec": kernel}, cells=made), root / name)
    return name


def wait_for(page, words: str, index: int) -> None:
    page.wait_for_function(
        "([words, i]) => document.querySelectorAll('.tinylab-live')[i].innerText.includes(words)",
        arg=[words, index],
    )


def said(page) -> str:
    """What the first capture widget says of its device."""
    page.wait_for_function("() => document.querySelector('.tinylab-said').innerText.length > 20")
    return page.locator(".tinylab-said").first.inner_text()


def test_a_spoken_word_is_answered_and_a_shown_person_is_seen(lab, window, devices, open_and_run):
    page = window(devices)
    path = write(lab.root, "live.ipynb", CELLS)
    open_and_run(page, lab, path)
    wait_for(page, "Heard: silence.", 0)
    page.get_by_role("button", name="Record").click()
    wait_for(page, "Heard: yes.", 0)

    page.get_by_role("button", name="Start listening").click()
    wait_for(page, "Heard: yes.", 1)
    page.get_by_role("button", name="Stop listening").click()

    page.get_by_role("button", name="Open the camera").click()
    page.wait_for_function("() => document.querySelector('video').videoWidth > 0")
    page.get_by_role("button", name="Take a picture").click()
    wait_for(page, "Seen: person, (96, 96, 3).", 2)
    track = "document.querySelector('video').srcObject"
    assert page.evaluate(f"{track}.getTracks()[0].readyState") == "live"
    page.evaluate(f"window.kept = {track}.getTracks()[0]")
    page.get_by_role("button", name="Close the camera").click()
    assert page.evaluate("window.kept.readyState") == "ended"

    page.get_by_label("Or upload a file").first.set_input_files(
        {"name": "note.txt", "mimeType": "text/plain", "buffer": b"no sound"}
    )
    wait_for(page, "save it as WAV", 0)
    page.get_by_role("button", name="Use example").first.click()
    wait_for(page, "Heard: silence.", 0)
    page.keyboard.press("Control+s")
    page.wait_for_timeout(2000)
    assert (lab.root / path).stat().st_size < 20_000  # no recording is in the notebook


def test_a_cascade_hears_the_room_and_says_what_it_costs(lab, window, devices, open_and_run):
    page = window(devices)
    open_and_run(page, lab, write(lab.root, "cascade.ipynb", (MODELS, CASCADE)))
    wait_for(page, "the network ran in 0% and heard no command", 0)
    page.get_by_role("button", name="Start listening").click()
    wait_for(page, "heard yes", 0)
    page.get_by_role("button", name="Stop listening").click()
    text = page.locator(".tinylab-live").first.inner_text()
    share = int(text.split("the network ran in ")[1].split("%")[0])
    assert 0 < share < 100 and "with the network always on" in text  # the pauses woke nobody
    assert page.locator(".tinylab-plot").evaluate("(plot) => plot.data.length") > 1


def test_denied_permission_is_one_sentence(lab, window, open_and_run):
    denied = ["--use-fake-device-for-media-stream", "--deny-permission-prompts"]
    page = window(denied)
    open_and_run(page, lab, write(lab.root, "denied.ipynb", CELLS[:2]))
    page.get_by_role("button", name="Record").click()
    page.wait_for_function(
        "() => document.querySelector('.tinylab-said').innerText.includes('not allowed')"
    )
    assert "Upload a file" in said(page)


def test_a_page_without_media_devices_says_why(lab, window, open_and_run):
    script = "Object.defineProperty(navigator, 'mediaDevices', {value: undefined})"
    page = window([], script)
    open_and_run(page, lab, write(lab.root, "plain_http.ipynb", CELLS[:2]))
    page.get_by_role("button", name="Record").click()
    assert "localhost" in said(page) and "Upload a file" in said(page)


def test_no_device_is_one_sentence(lab, window, open_and_run):
    script = """
      navigator.mediaDevices.getUserMedia = () =>
        Promise.reject(new DOMException("none", "NotFoundError"));
    """
    page = window([], script)
    open_and_run(page, lab, write(lab.root, "no_device.ipynb", CELLS[:2]))
    page.get_by_role("button", name="Record").click()
    page.wait_for_function(
        "() => document.querySelector('.tinylab-said').innerText.includes('no microphone')"
    )
