"""Microphone, Listen and Camera: a learner speaks to, is heard by, and shows herself to a model."""

from collections.abc import Callable, Mapping

import numpy as np

from tinylab.explore.live import picture, sound
from tinylab.explore.live.capture import Answer, Capture, CaptureFront

__all__ = ["Camera", "Listen", "Microphone"]

RECORDED = "measured: your recording; the first answer is of a built-in example"
SEEN = "measured: your picture, its middle square; the first answer is of a built-in example"
# Longer than a word with its speaker's delay; the model then hears the loudest second of it.
RECORDED_S = 2.0
# A word that falls between two windows is in the next one: windows overlap by half and more.
WINDOW_SAMPLES = sound.RATE_Hz


class Microphone(Capture):
    """A short recording on a click, or a file: the loudest second of either is answered.

    Parameters
    ----------
    respond : callable
        `respond(waveform) -> str` or `(str, plotly figure)`; the waveform is int16 (16000,).
    examples : mapping of str to int16 array
        Built-in clips to choose from.
    title : str
    """

    def __init__(
        self,
        respond: Callable[[np.ndarray], Answer],
        examples: Mapping[str, np.ndarray],
        *,
        title: str = "Say it yourself",
    ):
        front = CaptureFront(
            kind="microphone", title=title, examples=list(examples), seconds=RECORDED_S
        )
        super().__init__(front, respond, examples, RECORDED)

    def read(self, content: dict, buffers: list[bytes]) -> np.ndarray:
        """The loudest second of what the page recorded, or of a file."""
        return sound.loudest_second(_waveform(content, buffers[0]))


class Listen(Capture):
    """The room, heard in windows of one second that follow each other as the page records them.

    Parameters
    ----------
    respond : callable
        `respond(waveform) -> str` or `(str, plotly figure)`, of the last second, several times a
        second while the page listens; of a file, its loudest second.
    examples : mapping of str to int16 array
        Built-in clips to choose from.
    title : str
    """

    def __init__(
        self,
        respond: Callable[[np.ndarray], Answer],
        examples: Mapping[str, np.ndarray],
        *,
        title: str = "Listen to the room",
    ):
        front = CaptureFront(kind="listen", title=title, examples=list(examples), seconds=0.25)
        self._heard = np.zeros(WINDOW_SAMPLES, np.int16)
        super().__init__(front, respond, examples, RECORDED)

    def read(self, content: dict, buffers: list[bytes]) -> np.ndarray:
        """The last second, ending with what just came."""
        self.recorded.clear()  # a room is heard for hours: nothing of it is kept
        if content["kind"] == "file":
            return sound.loudest_second(_waveform(content, buffers[0]))
        if content.get("first"):
            self._heard = np.zeros(sound.RATE_Hz, np.int16)
        new = _waveform(content, buffers[0])
        self._heard = np.concatenate([self._heard, new])[-WINDOW_SAMPLES:]
        return self._heard


class Camera(Capture):
    """A picture on a click, or one a second; or a picture file.

    Parameters
    ----------
    respond : callable
        `respond(picture) -> str` or `(str, plotly figure)`; the picture is uint8 (96, 96, 3).
    examples : mapping of str to uint8 array (96, 96, 3)
        Built-in pictures to choose from.
    title : str
    """

    def __init__(
        self,
        respond: Callable[[np.ndarray], Answer],
        examples: Mapping[str, np.ndarray],
        *,
        title: str = "Show yourself",
    ):
        front = CaptureFront(kind="camera", title=title, examples=list(examples))
        super().__init__(front, respond, examples, SEEN)

    def read(self, content: dict, buffers: list[bytes]) -> np.ndarray:
        """The middle square, 96 x 96 pixels."""
        if content["kind"] == "file":
            return picture.from_file(buffers[0])
        shape = (int(content["height"]), int(content["width"]), 4)
        return picture.square(np.frombuffer(buffers[0], np.uint8).reshape(shape))


def _waveform(content: dict, data: bytes) -> np.ndarray:
    if content["kind"] == "file":
        return sound.from_file(data)
    return sound.at_16_kHz(np.frombuffer(data, np.float32), content["rate_Hz"])
