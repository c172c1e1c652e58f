"""Microphone, listener and camera without a browser: what the page sends, and what is answered."""

import io
import json

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from tinylab.explore.live import picture
from tinylab.explore.live.devices import Camera, Listen, Microphone

SILENCE = np.zeros(16000, np.int16)


def loudness(waveform) -> str:
    return f"{len(waveform)} samples, at most {np.abs(waveform).max()}"


def from_page(widget, content: dict, *buffers: bytes, number: int = 1) -> None:
    widget._receive(widget.front, {**content, "number": number}, list(map(memoryview, buffers)))


def test_an_example_is_answered_before_anybody_speaks():
    microphone = Microphone(loudness, {"silence": SILENCE})
    assert microphone.text == "16000 samples, at most 0" and microphone.recorded == []


def test_a_recording_is_converted_answered_and_acknowledged():
    microphone = Microphone(loudness, {"silence": SILENCE})
    sent = np.full(88_200, 0.5, np.float32)
    from_page(microphone, {"kind": "sound", "rate_Hz": 44100}, sent.tobytes(), number=7)
    assert microphone.text.startswith("16000 samples") and microphone.front.answered == 7
    assert len(microphone.recorded) == 1 and microphone.last is microphone.recorded[0]


def test_examples_can_be_taken_from_python_and_from_the_page():
    loud = np.full(16000, 99, np.int16)
    microphone = Microphone(loudness, {"silence": SILENCE, "loud": loud})
    from_page(microphone, {"kind": "example", "name": "loud"})
    assert microphone.text == "16000 samples, at most 99" and microphone.recorded == []
    assert microphone.use("silence").text.endswith("at most 0")
    with pytest.raises(ValueError, match="pass one of silence, loud"):
        microphone.use("whisper")


def test_what_cannot_be_answered_becomes_a_sentence_and_is_acknowledged():
    microphone = Microphone(loudness, {"silence": SILENCE})
    from_page(microphone, {"kind": "file", "name": "a.txt"}, b"text", number=3)
    assert "save it as WAV" in microphone.text and microphone.front.answered == 3
    with pytest.raises(ValueError, match="at least one example"):
        Microphone(loudness, {})


def test_a_listener_hears_one_second_that_moves_on():
    listen = Listen(lambda heard: f"{np.count_nonzero(heard)} loud", {"silence": SILENCE})
    quarter = np.full(12_000, 0.5, np.float32).tobytes()
    from_page(listen, {"kind": "sound", "rate_Hz": 48000, "first": True}, quarter)
    assert listen.text == "4000 loud"
    for _ in range(5):
        from_page(listen, {"kind": "sound", "rate_Hz": 48000, "first": False}, quarter)
    assert listen.text == "16000 loud" and len(listen.last) == 16000
    from_page(listen, {"kind": "sound", "rate_Hz": 48000, "first": True}, quarter)
    assert listen.text == "4000 loud"


def test_nothing_that_was_recorded_is_in_what_a_notebook_saves():
    """Neither in the state of the widget nor in the note that the output keeps."""
    microphone = Microphone(lambda heard: "heard", {"silence": SILENCE})
    sent = np.full(48_000, 0.123, np.float32)
    from_page(microphone, {"kind": "sound", "rate_Hz": 48000}, sent.tobytes())
    state = {key: value for key, value in microphone.front.get_state().items() if key[0] != "_"}
    assert len(json.dumps(state, default=str)) < 2000
    assert "never written to the notebook" in microphone.front.privacy


def test_a_picture_from_the_camera_and_from_a_file_are_the_same():
    pixels = np.random.default_rng(0).integers(0, 256, (288, 288, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    camera = Camera(lambda seen: f"{seen.shape}", {"black": np.zeros((96, 96, 3), np.uint8)})
    page = np.dstack([pixels, np.full((288, 288), 255, np.uint8)])
    from_page(camera, {"kind": "picture", "width": 288, "height": 288}, page.tobytes())
    from_page(camera, {"kind": "file", "name": "a.png"}, file.getvalue())
    seen, read = camera.recorded
    np.testing.assert_array_equal(seen, read)
    expected = pixels.reshape(96, 3, 96, 3, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(seen, expected, atol=1)


def test_a_wide_picture_is_cropped_and_not_squeezed():
    wide = np.zeros((60, 200, 3), np.uint8)
    wide[:, 70:130] = 255
    assert (picture.square(wide) == 255).all()
    with pytest.raises(ValueError, match="PNG or JPEG"):
        picture.from_file(b"no picture")


def test_an_answer_may_bring_a_figure():
    def respond(heard):
        return f"{heard.max()}", go.Figure(go.Bar(x=["yes"], y=[int(heard.max())]))

    loud = np.full(16000, 99, np.int16)
    microphone = Microphone(respond, {"silence": SILENCE, "loud": loud})
    assert microphone.plot.drawing["data"][0]["y"] == [0]
    microphone.use("loud")
    assert microphone.plot.drawing["data"][0]["y"] == [99]
