"""A thread's notebooks on a set of one's own: one cell is changed, and nothing else.

By default the first notebook of each thread, which trains; with TINYLAB_EVERY_NOTEBOOK=1 all of
them, one after another, as a student would.
"""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

from tests.own_sets import SHAPES, WORDS, write_motors, write_shapes, write_words
from tinylab import data, paths
from tinylab.course import Ledger
from tinylab.course.notebooks.build import find_sources, run, source_names
from tinylab.course.notebooks.claims import is_claims
from tinylab.data import people, speech
from tinylab.signal.mfcc import mfcc

THREADS = ("01_keyword_spotting", "02_visual_wake_words", "03_anomaly_detection")
WRITE = dict(zip(THREADS, (write_words, write_shapes, write_motors), strict=True))
LABELS = dict(zip(THREADS, (WORDS, SHAPES, ("normal", "worn brush")), strict=True))
NAMES = [name for name in source_names() if name.startswith(THREADS)]
CHOICE = re.compile(r'data\.use\("(\w+)", None\)')
pytestmark = pytest.mark.notebook


def on_own_set(name: str, folder: Path):
    """A solved notebook with the path in its one cell, without the checks of its prose."""
    notebook = find_sources([name])[0].solution()
    notebook.cells = [cell for cell in notebook.cells if not is_claims(cell)]
    changed = 0
    for cell in notebook.cells:
        cell.source, found = CHOICE.subn(rf'data.use("\1", {str(folder)!r})', cell.source)
        changed += found
    assert changed == 1, name
    return notebook


def printed(notebook) -> str:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return "".join(output.get("text", "") for output in outputs)


@pytest.fixture
def work(tmp_path, monkeypatch):
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.setenv("TINYLAB_WORK", str(folder))
    return folder


@pytest.mark.parametrize("thread", THREADS)
def test_a_thread_on_a_set_of_ones_own(thread, work, tmp_path):
    folder, application = WRITE[thread](tmp_path / "my own"), thread[3:]
    names = [name for name in NAMES if name.startswith(thread)]
    every = bool(os.environ.get("TINYLAB_EVERY_NOTEBOOK"))
    for name in names if every else names[:1]:
        notebook = on_own_set(name, folder)
        run(notebook, name, work, TINYLAB_STILLS="0")
        text = printed(notebook)
        assert f"your own set my own with {', '.join(LABELS[thread])}" in text
        assert f"{application}: the built-in set" not in text and "no person" not in text
    assert not list((paths.work_dir() / "checkpoints").glob(f"{application}_train*"))
    assert not (paths.work_dir() / f"ledger_{application}.json").exists()
    for figures in (paths.work_dir() / "checkpoints").glob(f"{application}_my_own_*.json"):
        labels = json.loads(figures.read_text())["labels"]
        assert tuple(labels[: len(LABELS[thread])]) == LABELS[thread]
    data.use(application, folder)
    try:
        rows = Ledger(application).rows
        assert rows[0].stage == "train" and rows[0].test_set.endswith("of my own")
        assert rows[0].accuracy > 0.8
        if thread != "03_anomaly_detection":
            answers_in_own_labels(application)
        if every:
            assert len(rows) >= len({name.split("/")[1][0] for name in names}) - 1
    finally:
        data.use(application)


def answers_in_own_labels(application: str) -> None:
    from tinylab.models import checkpoints
    from tinylab.models.scores import scores_of

    if application == "keyword_spotting":
        clips = speech.load("test")
        x, y = mfcc(clips.waveforms)[..., np.newaxis], clips.labels
    else:
        pictures = people.load("test")
        x, y = pictures.images, pictures.labels
    scores = scores_of(checkpoints.load(application, "train").model, x)
    assert scores.shape[1] == len(np.unique(y))
    assert (scores.argmax(axis=1) == y).mean() > 0.8
