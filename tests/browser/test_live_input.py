"""Microphone, listener and camera in real Chromium, fed by fake devices of its own."""

from pathlib import Path

import nbformat
import pytest
from nbformat import v4

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
