"""The hand-over between notebooks: yours first, else the reference, and it says which."""

import json
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest

from tinylab.models import checkpoints

PROGRAM = (checkpoints.REFERENCE / "heartbeat_compress.tflite").read_bytes()


def tiny_model(units=3):
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(units)(inputs))


@pytest.fixture
def reference(tmp_path, monkeypatch):
    folder = tmp_path / "reference"
    monkeypatch.setattr(checkpoints, "REFERENCE", folder)
    metrics = {"accuracy": 0.9}
    checkpoints.save(tiny_model(5), "keyword_spotting", "train", metrics=metrics, directory=folder)
    return folder


def test_reference_until_you_save_your_own(reference):
    bundled = checkpoints.load("keyword_spotting", "train")
    assert bundled.origin == "reference"
    assert str(bundled) == (
        "keyword_spotting, stage train: the bundled reference model, accuracy 90.0% when it was"
        " saved"
    )
    model = tiny_model()
    path = checkpoints.save(model, "keyword_spotting", "train", metrics={"accuracy": 0.5})
    mine = checkpoints.load("keyword_spotting", "train")
    assert (mine.origin, mine.path, mine.metrics) == ("yours", path, {"accuracy": 0.5})
    assert "your own model" in str(mine)
    x = np.ones((2, 4), np.float32)
    np.testing.assert_array_equal(np.asarray(mine.model(x)), np.asarray(model(x)))
    assert checkpoints.load("keyword_spotting", "train", origin="reference").origin == "reference"


def test_optimizer_is_not_saved(tmp_path):
    model = tiny_model(50)
    bare = checkpoints.save(model, "keyword_spotting", "train", directory=tmp_path / "a")
    model.compile("adam", "mse")
    model.fit(np.ones((4, 4)), np.ones((4, 50)), verbose=0)
    trained = checkpoints.save(model, "keyword_spotting", "train", directory=tmp_path / "b")
    assert trained.stat().st_size == pytest.approx(bare.stat().st_size, rel=0.05)
    assert model.compiled


def test_converted_models_are_bytes_and_replace_the_keras_file():
    checkpoints.save(tiny_model(), "keyword_spotting", "compress")
    path = checkpoints.save(PROGRAM, "keyword_spotting", "compress", metrics={"bits": 8})
    loaded = checkpoints.load("keyword_spotting", "compress")
    assert (loaded.model, loaded.path.suffix) == (PROGRAM, ".tflite")
    assert not path.with_suffix(".keras").exists()
    assert str(loaded) == "keyword_spotting, stage compress: your own model"


def test_metrics_are_read_without_keras(reference):
    code = (
        "import sys; from pathlib import Path; from tinylab.models import checkpoints;"
        f"checkpoints.REFERENCE = Path({str(reference)!r});"
        "print(checkpoints.load_metrics('keyword_spotting', 'train')['accuracy']);"
        "assert 'keras' not in sys.modules and 'tensorflow' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "0.9"), done.stderr


def test_the_first_stage_that_there_is_and_yours_before_the_bundled(reference):
    chain = ("keyword_spotting", "adapt", "train")
    assert checkpoints.load(*chain).origin == "reference"
    checkpoints.save(tiny_model(), "keyword_spotting", "train", metrics={"accuracy": 0.4})
    assert (checkpoints.load(*chain).stage, checkpoints.load(*chain).origin) == ("train", "yours")
    checkpoints.save(tiny_model(), "keyword_spotting", "adapt", metrics={"accuracy": 0.3})
    assert checkpoints.load(*chain).stage == "adapt"
    assert checkpoints.load_metrics(*chain) == {"accuracy": 0.3}
    with pytest.raises(FileNotFoundError, match="'deploy' or 'compress' for keyword_spotting"):
        checkpoints.load("keyword_spotting", "deploy", "compress")
    with pytest.raises(ValueError, match="name the stage"):
        checkpoints.load("keyword_spotting")


def test_figures_are_plain_json():
    path = checkpoints.save(tiny_model(), "keyword_spotting", "adapt", metrics={"accuracy": 0.25})
    assert json.loads(path.with_suffix(".json").read_text()) == {"accuracy": 0.25}


def test_any_name_can_be_handed_over():
    checkpoints.save(tiny_model(), "my_motor", "train", metrics={"accuracy": 0.5})
    loaded = checkpoints.load("my_motor", "train")
    assert (loaded.origin, loaded.metrics["accuracy"]) == ("yours", 0.5)
    with pytest.raises(FileNotFoundError, match="for my_motor"):
        checkpoints.load("my_motor", "compress")


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="application must be a name of letters"):
        checkpoints.load("my motor", "train")
    with pytest.raises(ValueError, match="stage must be one of"):
        checkpoints.save(tiny_model(), "keyword_spotting", "quantize")
    with pytest.raises(ValueError, match="origin"):
        checkpoints.load("keyword_spotting", "train", origin="mine")
    with pytest.raises(FileNotFoundError, match="run that stage's notebook"):
        checkpoints.load("keyword_spotting", "adapt", origin="yours")


@pytest.mark.parametrize("content", [b"", b"hello", bytes(400), b"PK\x03\x04" + bytes(400)])
@pytest.mark.parametrize("suffix", [".keras", ".tflite", ".json"])
def test_a_damaged_file_is_named_and_kept(reference, suffix, content):
    path = checkpoints.save(tiny_model(), "keyword_spotting", "train", metrics={"accuracy": 0.5})
    if suffix == ".tflite":
        path.unlink()
    damaged = path.with_suffix(suffix)
    damaged.write_bytes(content)
    with pytest.raises(ValueError, match=rf"{damaged.name} is damaged.*: run the notebook"):
        checkpoints.load("keyword_spotting", "train")
    assert damaged.read_bytes() == content


def test_what_cannot_be_read_of_a_converted_model_is_said():
    path = checkpoints.save(PROGRAM, "keyword_spotting", "compress")
    path.write_bytes(PROGRAM[:4] + b"TFL9" + PROGRAM[8:])
    with pytest.raises(ValueError, match=r"another version \(.* lacks the mark 'TFL3'\)"):
        checkpoints.load("keyword_spotting", "compress")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.999])
def test_half_a_file_is_named_and_kept(share):
    """A converted model that is cut short would end the kernel that runs it."""
    models = (tiny_model(), PROGRAM)
    for model, stage in zip(models, ("train", "compress"), strict=True):
        path = checkpoints.save(model, "keyword_spotting", stage)
        half = path.read_bytes()[: int(share * path.stat().st_size)]
        path.write_bytes(half)
        with pytest.raises(ValueError, match=rf"{path.name} is damaged"):
            checkpoints.load("keyword_spotting", stage)
        assert path.read_bytes() == half


@pytest.mark.parametrize("entry", ["config.json", "model.weights.h5"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"[3", bytes(100)])
def test_a_keras_file_of_other_content_is_named(entry, content):
    path = checkpoints.save(tiny_model(), "keyword_spotting", "train")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in (parts | {entry: content}).items():
            if part is not None:
                archive.writestr(name, part)
    with pytest.raises(ValueError, match=rf"{path.name} is damaged, or of another version"):
        checkpoints.load("keyword_spotting", "train")


def test_the_bundled_model_is_restored_and_not_moved_away(reference):
    (reference / "keyword_spotting_train.keras").write_bytes(b"")
    with pytest.raises(ValueError, match="restore it from the repository"):
        checkpoints.load("keyword_spotting", "train")


def test_who_is_interrupted_has_no_figures_of_another_model(monkeypatch):
    checkpoints.save(PROGRAM, "keyword_spotting", "compress", metrics={"accuracy": 0.9})
    whole = checkpoints.replacing

    def interrupted(path):
        if path.suffix == ".json":
            raise KeyboardInterrupt
        return whole(path)

    monkeypatch.setattr(checkpoints, "replacing", interrupted)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.save(PROGRAM, "keyword_spotting", "compress", metrics={"accuracy": 0.1})
    assert checkpoints.load("keyword_spotting", "compress").metrics == {}


def test_figures_that_cannot_be_kept_leave_the_model_as_it_was():
    path = checkpoints.save(PROGRAM, "keyword_spotting", "compress", metrics={"accuracy": 0.9})
    with pytest.raises(TypeError):
        checkpoints.save(b"other", "keyword_spotting", "compress", metrics={"accuracy": {1}})
    assert path.read_bytes() == PROGRAM
    assert checkpoints.load_metrics("keyword_spotting", "compress") == {"accuracy": 0.9}
