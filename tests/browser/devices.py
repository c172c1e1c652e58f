"""Fake devices for Chromium: a microphone that says a word, a camera that sees a picture."""

from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from tinylab.data import people, speech

LEAD_S = 0.8  # the widget leaves out what comes with the click


def fake_devices(folder: Path) -> list[str]:
    """Chromium's switches for a microphone that says "yes" and a camera that sees a person."""
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
