"""The page "Your own project" in CONTRIBUTING.md does what it says, on stand-ins from the bank."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from tinylab.data.noise import SAMPLE_RATE
from tinylab.data.word_bank import read_bank
from tinylab.paths import PROJECT

pytestmark = pytest.mark.training
WORDS, RECORDINGS = ("lights", "music", "seven"), 10


def page() -> str:
    """The program on the page."""
    text = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    chapter = text[text.index("## Your own project") :]
    return re.search(r"```python\n(.*?)```", chapter, re.S)[1]


def record(folder) -> None:
    """Ten recordings of each word, each by another voice of the bank, without a room around it."""
    bank = read_bank("train")
    said = [{bank.speakers[i] for i in bank.recordings(word)} for word in WORDS]
    for number, voice in enumerate(sorted(set.intersection(*said))[:RECORDINGS]):
        for word in WORDS:
            path = folder / word / f"voice{number}_1.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, bank[bank.recordings(word, (voice,))[0]], SAMPLE_RATE)


def test_from_ten_recordings_to_a_folder_of_c(tmp_path, monkeypatch):
    record(tmp_path / "recordings")
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path / "work"))
    command = [sys.executable, "-W", "ignore", "-c", page()]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    right, clips = re.search(r"(\d+)% of (\d+) clips", done.stdout).groups()
    assert int(clips) == len(WORDS) * RECORDINGS // 5 and int(right) > 100 / len(WORDS)
    report = json.loads((tmp_path / "firmware" / "report.json").read_text())
    assert report["model"] == "my_words" and report["arena_bytes"] < 16_000
    assert np.all([layer["cycles"] >= 0 for layer in report["layers"]])
    web = (tmp_path / "firmware" / "web" / "index.html").read_text()
    assert '"labels": ["lights", "music", "seven"]' in web and '"kind": "sound"' in web
