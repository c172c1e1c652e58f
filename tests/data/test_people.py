"""The pictures: splits, balance, determinism, and the real set's two layouts."""

import csv
import zlib

import numpy as np
import pytest
from PIL import Image

from tinylab.data import people
from tinylab.data.cameras import INFRARED
from tinylab.data.published import visual_wake_words
from tinylab.paths import datasets_dir


@pytest.fixture(scope="module")
def splits():
    return {split: people.load(split) for split in people.SPLITS}


def test_pictures_have_the_benchmark_format(splits):
    for pictures in splits.values():
        assert pictures.images.shape == (len(pictures), 96, 96, 3)
        assert pictures.images.dtype == np.uint8 and pictures.labels.dtype == np.int64
        assert set(np.unique(pictures.labels)) == {0, 1}
        assert pictures.labels.mean() == pytest.approx(0.5)


def test_no_scene_is_in_two_splits(splits):
    scenes = [set(pictures.scenes.tolist()) for pictures in splits.values()]
    assert sum(map(len, scenes)) == len(set().union(*scenes))


def test_every_picture_of_a_person_shows_enough_of_one():
    with open(datasets_dir() / "people" / "pictures.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    shares = np.array([float(row["person_share"]) for row in rows])
    labels = np.array([int(row["label"]) for row in rows])
    assert shares[labels == 1].min() >= 0.03
    assert np.all(shares[labels == 0] == 0)


def test_no_two_pictures_are_the_same(splits):
    every = np.concatenate([pictures.images for pictures in splits.values()])
    assert len({zlib.crc32(image.tobytes()) for image in every}) == len(every)


def test_a_limit_is_balanced_and_seeded():
    some, again, others = (people.load("test", limit=101, seed=seed) for seed in (1, 1, 2))
    assert len(some) == 101 and (some.labels == 1).sum() == 50
    assert np.array_equal(some.images, again.images)
    assert not np.array_equal(some.images, others.images)


def test_what_is_loaded_belongs_to_the_caller():
    first = people.load("validation")
    first.images[:] = 0
    assert people.load("validation").images.any()


def test_another_camera_keeps_labels_and_scenes():
    plain = people.load("test", limit=20)
    seen = people.load("test", limit=20, camera=INFRARED)
    assert np.array_equal(plain.labels, seen.labels) and np.array_equal(plain.scenes, seen.scenes)
    assert seen.images.shape == plain.images.shape and not np.array_equal(seen.images, plain.images)


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"split": "dev"}, "no split"),
        ({"split": "train", "limit": 0}, "at least 1"),
        ({"split": "test", "limit": 10**6}, "there are"),
    ],
)
def test_wrong_arguments_are_named(wrong, says):
    with pytest.raises(ValueError, match=says):
        people.load(**wrong)


def test_a_missing_set_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("TINYLAB_DATASETS", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="build"):
        people.load("train")
    with pytest.raises(FileNotFoundError, match="no folder"):
        people.load("train", source=tmp_path / "nowhere")


def colour_of(number: int) -> tuple[int, int, int]:
    return 20 + number, 200 - number, 90


@pytest.fixture
def coco_layout(tmp_path):
    """The layout MLPerf Tiny trains on: two folders of image files, one picture of another size."""
    for label, folder in enumerate(("non_person", "person")):
        (tmp_path / "vw" / folder).mkdir(parents=True)
        for i in range(60):
            size = (96, 96) if i else (192, 192)
            image = Image.new("RGB", size, colour_of(i + 100 * label))
            image.save(tmp_path / "vw" / folder / f"COCO_{label}{i:04d}.png")
    return tmp_path


def test_folders_of_classes_are_read(coco_layout):
    splits = [people.load(split, source=coco_layout) for split in people.SPLITS]
    assert sum(map(len, splits)) == 120
    assert len(splits[0]) > 60 and all(0 < len(split) < 40 for split in splits[1:])
    for pictures in splits:
        reds = pictures.images[:, 48, 48, 0].astype(int) - 20
        assert np.array_equal(reds >= 100, pictures.labels == 1)


def test_the_split_of_a_file_does_not_depend_on_the_others(coco_layout):
    def names(split):
        return {path.name for path in visual_wake_words.listing(coco_layout, split).files}

    before = {split: names(split) for split in people.SPLITS}
    gone = sorted(before["train"])[0]
    next(coco_layout.rglob(gone)).unlink()
    assert names("train") == before["train"] - {gone} and names("test") == before["test"]


def test_folders_of_splits_are_respected(tmp_path):
    for split, count in (("train", 3), ("test", 2)):
        for folder in ("non_person", "person"):
            (tmp_path / split / folder).mkdir(parents=True)
            for i in range(count):
                Image.new("RGB", (96, 96), colour_of(i)).save(
                    tmp_path / split / folder / f"{i}.jpg"
                )
    assert len(people.load("train", source=tmp_path)) == 6
    assert len(people.load("test", source=tmp_path)) == 4
    with pytest.raises(FileNotFoundError):
        people.load("validation", source=tmp_path)


def test_raw_files_are_read_byte_for_byte(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6, 96, 96, 3), np.uint8)
    lines = []
    for i, image in enumerate(images):
        image.tofile(tmp_path / f"{i:012d}.bin")
        lines.append(f"{i:012d}.bin, 2, {i % 2}")
    (tmp_path / "y_labels.csv").write_text("\n".join(lines) + "\n")
    loaded = people.load("test", source=tmp_path)
    assert np.array_equal(loaded.images, images[loaded.scenes])
    assert np.array_equal(loaded.labels, loaded.scenes % 2)
    with pytest.raises(FileNotFoundError, match="test pictures only"):
        people.load("train", source=tmp_path)


def test_damaged_files_are_named(tmp_path):
    (tmp_path / "a.bin").write_bytes(bytes(100))
    (tmp_path / "b.jpg").write_bytes(b"not a picture")
    for name in ("a.bin", "b.jpg"):
        with pytest.raises(ValueError, match=name):
            visual_wake_words.read([tmp_path / name])


def test_share_of_people_is_known_of_built_in_pictures(splits):
    test = splits["test"]
    assert np.all((test.person_shares > 0) == (test.labels == 1))
    assert np.array_equal(test[:5].person_shares, test.person_shares[:5])
