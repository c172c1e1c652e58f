"""Reading DCASE's folder layout, on a miniature of it that went through `fetch`."""

import io
import zipfile

import numpy as np
import pytest
import soundfile

from tinylab.data import machines
from tinylab.data.download.archives import unpack
from tinylab.data.download.public import public_sets
from tinylab.data.published import dcase
from tinylab.signal.log_mel import log_mel


def wav(samples: np.ndarray, rate: int = 16000) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="WAV")
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path):
    """ToyCar as its archive unpacks: ToyCar/train and ToyCar/test."""
    rng = np.random.default_rng(0)
    archive = tmp_path / "dev_data_ToyCar.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for machine in (1, 2):
            for number in range(10):
                sound = wav(rng.integers(-999, 999, 176_000).astype(np.int16))
                file.writestr(f"ToyCar/train/normal_id_0{machine}_{number:08d}.wav", sound)
            for kind in ("normal", "anomaly"):
                for number in range(3):
                    sound = wav(rng.integers(-999, 999, 176_000).astype(np.int16))
                    file.writestr(f"ToyCar/test/{kind}_id_0{machine}_{number:08d}.wav", sound)
    root = tmp_path / "public" / "toycar"
    root.mkdir(parents=True)
    unpack(archive, root, limit_bytes=10**8, progress=False)
    return root


def test_splits_and_labels(folder):
    train, validation = (machines.load(s, source=folder) for s in ("train", "validation"))
    assert (len(train), len(validation)) == (18, 2)
    assert not set(zip(train.machines, train.names)) & set(
        zip(validation.machines, validation.names)
    )
    test = machines.load("test", source=folder)
    assert test.log_mel.shape == (12, 200, 128) and test.log_mel.dtype == np.float32
    assert test.machines.tolist() == [1] * 6 + [2] * 6
    assert test.labels.tolist() == [0, 0, 0, 1, 1, 1] * 2
    assert set(test.faults) == {"", "unknown"} and np.isnan(test.severity[3])
    assert machines.windows(test.log_mel).shape == (12, 196, 640)


def test_it_can_be_smaller_and_is_found_by_name(folder, monkeypatch):
    monkeypatch.setenv("TINYLAB_DATASETS", str(folder.parent.parent))
    few = machines.load("test", machine=2, limit=1, source="toycar")
    assert len(few) == 2 and set(few.machines) == {2}


def test_features_are_those_of_the_whole_clip(folder):
    path = folder / "ToyCar" / "test" / "normal_id_01_00000000.wav"
    samples, _ = soundfile.read(path)
    np.testing.assert_allclose(dcase.features(path), log_mel(samples)[50:250], atol=1e-3)


def test_a_missing_set_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("TINYLAB_DATASETS", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="tinylab fetch toycar"):
        machines.load("test", source="toycar")
    with pytest.raises(FileNotFoundError, match="`train` and `test`"):
        machines.load("test", source=tmp_path)


def test_files_that_do_not_fit_are_named(tmp_path):
    with pytest.raises(ValueError, match="normal_id_01_00000000.wav"):
        dcase.parse_name("noise.wav")
    for name, sound, message in [
        ("short.wav", wav(np.zeros(16000, np.int16)), "8 s"),
        ("fast.wav", wav(np.zeros(440_000, np.int16), 44100), "44100 Hz"),
    ]:
        (tmp_path / name).write_bytes(sound)
        with pytest.raises(ValueError, match=message):
            dcase.features(tmp_path / name)


def test_the_registered_archive_is_zenodos():
    entry = public_sets()["toycar"]
    assert entry.archive_bytes == 1_816_443_231  # as Zenodo lists it
    assert entry.archive == "dev_data_ToyCar.zip"
