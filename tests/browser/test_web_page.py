"""A deployed model's page in real Chromium: a file, the microphone, the camera, and no network."""

import numpy as np
import pytest
import soundfile
from PIL import Image

from tests.browser.devices import a_person
from tinylab.data import people, speech
from tinylab.deploy.export.deployment import deploy
from tinylab.models import checkpoints

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Pages of the bundled keyword and person models."""
    folder = tmp_path_factory.mktemp("pages")
    for name, labels in (("keyword_spotting", speech.LABELS), ("visual_wake_words", people.LABELS)):
        content = checkpoints.load(name, "compress", origin="reference").model
        deploy(content, "nucleo_l4r5zi", folder / name, name=name, web=True, labels=labels)
    return folder


def opened(page, pages, name: str):
    """The page, with every request written down."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((pages / name / "web" / "index.html").as_uri())
    return asked


def answer(page) -> str:
    page.wait_for_function("() => document.getElementById('status').textContent.includes('Answer')")
    return page.locator("#status").inner_text()


def test_a_word_from_a_file_and_from_the_microphone(window, devices, pages, tmp_path):
    clips = speech.load("test", per_class=8)
    stop = clips.waveforms[np.flatnonzero(clips.words == "stop")[0]]
    soundfile.write(tmp_path / "stop.wav", np.pad(stop, 8000), speech.SAMPLE_RATE)
    page = window(devices)
    asked = opened(page, pages, "keyword_spotting")
    page.set_input_files("#file", tmp_path / "stop.wav")
    assert answer(page).startswith("Answer: stop")
    assert "instructions" in page.locator("#cost").inner_text()
    page.evaluate("document.getElementById('status').textContent = ''")
    page.click("#device")
    assert answer(page).startswith("Answer: yes")
    assert all(url.startswith(("file:", "blob:")) for url in asked)


def test_a_person_from_a_file_and_from_the_camera(window, devices, pages, tmp_path):
    Image.fromarray(a_person()).save(tmp_path / "person.png")
    page = window(devices)
    opened(page, pages, "visual_wake_words")
    page.set_input_files("#file", tmp_path / "person.png")
    assert answer(page).startswith("Answer: person")
    page.evaluate("document.getElementById('status').textContent = ''")
    page.click("#device")
    assert answer(page).startswith("Answer: person")


def test_what_is_no_picture_is_said(window, pages, tmp_path):
    (tmp_path / "notes.png").write_text("no picture")
    page = window([])
    opened(page, pages, "visual_wake_words")
    page.set_input_files("#file", tmp_path / "notes.png")
    page.wait_for_function("() => document.getElementById('status').textContent.startsWith('That')")
