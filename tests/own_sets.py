"""Small sets of one's own: words of the bank, two kinds of drawn pictures, sounds of motors."""

from pathlib import Path

import numpy as np
import soundfile
from PIL import Image, ImageDraw

from tinylab.data.noise import SAMPLE_RATE
from tinylab.data.word_bank import read_bank

WORDS = ("lights", "music", "seven")
SHAPES = ("circle", "square")


def write_words(folder: Path, voices: int = 40) -> Path:
    """Each word by each of some voices of the bank, without a room around it."""
    bank = read_bank("train")
    said = [{bank.speakers[i] for i in bank.recordings(word)} for word in WORDS]
    for number, voice in enumerate(sorted(set.intersection(*said))[:voices]):
        for word in WORDS:
            path = _ready(folder / word / f"voice{number}_1.wav")
            soundfile.write(path, bank[bank.recordings(word, (voice,))[0]], SAMPLE_RATE)
    return folder


def write_shapes(folder: Path, scenes: int = 60) -> Path:
    """A dark circle and a dark square on a bright ground, anywhere and of any size."""
    rng = np.random.default_rng(0)
    for scene in range(scenes):
        for label in SHAPES:
            ground, ink = (
                tuple(rng.integers(*ends, 3).tolist()) for ends in ((120, 255), (0, 110))
            )
            picture = Image.new("RGB", (120, 110), ground)
            left, top = rng.integers(5, 50, 2).tolist()
            side = int(rng.integers(25, 55))
            pencil = ImageDraw.Draw(picture)
            draw = pencil.ellipse if label == "circle" else pencil.rectangle
            draw((left, top, left + side, top + side), fill=ink)
            picture.save(_ready(folder / label / f"scene{scene}_{label}.png"))
    return folder


def write_motors(folder: Path) -> Path:
    """Two motors that hum; with a worn brush they crackle, too."""
    rng, times = np.random.default_rng(0), np.arange(7 * SAMPLE_RATE) / SAMPLE_RATE
    for kind, days in (("normal", 10), ("worn brush", 6)):
        for motor in (1, 2):
            for day in range(days):
                pitch = 90 * motor + rng.normal(0, 2)
                tones = [
                    np.sin(2 * np.pi * pitch * k * times + rng.uniform(0, 6)) / k
                    for k in range(1, 6)
                ]
                wave = 0.1 * np.sum(tones, axis=0) + 0.02 * rng.normal(size=times.size)
                if kind != "normal":
                    sparks = np.sin(2 * np.pi * pitch / 3 * times) > 0.9
                    wave += 0.15 * rng.normal(size=times.size) * sparks
                path = _ready(folder / kind / f"day{day}_id_{motor}.wav")
                soundfile.write(path, np.clip(wave, -1, 1), SAMPLE_RATE)
    return folder


def _ready(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
