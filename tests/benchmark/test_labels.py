"""The runner's layout: what is written can be read, and what is damaged is named."""

import numpy as np
import pytest

from tests.benchmark.small import words_folder
from tinylab.benchmark.accuracy import quality_of_folder
from tinylab.benchmark.examples import read_examples
from tinylab.benchmark.labels import open_folder, read_labels, write_folder
from tinylab.benchmark.rules import TASKS

KWS, AD = TASKS["kws"], TASKS["ad"]


def test_what_is_written_comes_back(tmp_path):
    written, examples = words_folder(tmp_path / "kws01")
    again = open_folder(tmp_path, KWS)  # the folder of all data sets will do
    assert again == written
    np.testing.assert_array_equal(read_examples(again, KWS), examples)
    np.testing.assert_array_equal(again.labels, np.arange(24) % 12)


def test_lines_are_those_of_the_runner(tmp_path):
    words_folder(tmp_path)
    assert (tmp_path / "y_labels.csv").read_text().splitlines()[1] == "tst_000001_1.bin,12,1"
    write_folder(tmp_path / "ad01", AD, np.zeros((1, 200, 128), "<f4"), [1])
    line = (tmp_path / "ad01" / "y_labels.csv").read_text().strip()
    assert line == "tst_000000_1.bin,2,1,2560,512"


def test_files_without_a_label_do_not_count_and_are_reported(tmp_path):
    words_folder(tmp_path)
    (tmp_path / "extra.bin").write_bytes(bytes(490))
    folder = open_folder(tmp_path, KWS)
    assert len(folder.files) == 24 and folder.unlabelled == 1


def test_the_shorter_list_is_read_where_there_is_no_other(tmp_path):
    words_folder(tmp_path)
    lines = (tmp_path / "y_labels.csv").read_text().splitlines(keepends=True)
    (tmp_path / "y_labels_alt.csv").write_text("".join(lines[:5]))
    assert len(open_folder(tmp_path, KWS).files) == 24
    (tmp_path / "y_labels.csv").unlink()
    folder = open_folder(tmp_path, KWS)
    assert (len(folder.files), folder.labels_file) == (5, "y_labels_alt.csv")


def test_missing_files_are_named(tmp_path):
    words_folder(tmp_path)
    (tmp_path / "tst_000003_3.bin").unlink()
    with pytest.raises(FileNotFoundError, match="1 of 24 files .* tst_000003_3.bin"):
        open_folder(tmp_path, KWS)


@pytest.mark.parametrize("content", [b"", bytes(489), bytes(1960)])
def test_a_file_of_another_size_is_named(tmp_path, content):
    folder, _ = words_folder(tmp_path)
    (tmp_path / "tst_000002_2.bin").write_bytes(content)
    with pytest.raises(ValueError, match=f"tst_000002_2.bin holds {len(content):,} bytes"):
        read_examples(folder, KWS)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("a.bin,12\n", "has 2 fields, not the 3"),
        ("a.bin,12,1,2560,512\n", "has 5 fields, not the 3"),
        ("a.bin,twelve,1\n", "which are no numbers"),
        ("a.bin,12,12\n", "class 12 of 12"),
        ("../a.bin,12,1\n", "not a file of this folder"),
        ("a.bin,12,1\na.bin,12,1\n", "names a.bin twice"),
    ],
)
def test_damaged_labels_get_a_sentence(tmp_path, text, says):
    (tmp_path / "y_labels.csv").write_text(text)
    with pytest.raises(ValueError, match=says):
        read_labels(tmp_path / "y_labels.csv", KWS)


def test_windows_of_another_size_are_refused(tmp_path):
    (tmp_path / "y_labels.csv").write_text("a.bin,2,1,2560,1024\n")
    with pytest.raises(ValueError, match="not \\[2560, 512\\] bytes"):
        read_labels(tmp_path / "y_labels.csv", AD)


def test_a_folder_without_labels_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="pass the folder kws01"):
        open_folder(tmp_path, KWS)


def test_big_endian_decibels_are_recognised(tmp_path):
    levels = np.random.default_rng(0).uniform(-80, 0, (200, 128))
    folder = write_folder(tmp_path, AD, [levels.astype("<f4")], [0])
    (tmp_path / folder.files[0].name).write_bytes(levels.astype(">f4").tobytes())
    with pytest.raises(ValueError, match="numbers that are no decibels"):
        read_examples(folder, AD)


def test_a_data_set_is_never_written_over(tmp_path):
    words_folder(tmp_path)
    with pytest.raises(FileExistsError, match="holds a data set already"):
        words_folder(tmp_path)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_examples_of_another_type_are_not_written(tmp_path, dtype):
    with pytest.raises(ValueError, match="an example of kws is int8"):
        write_folder(tmp_path, KWS, np.zeros((2, 49, 10), dtype), [0, 1])
    assert not list(tmp_path.iterdir())


def test_classes_of_another_benchmark_are_refused(tmp_path):
    (tmp_path / "y_labels.csv").write_text("a.bin,35,1\n")
    (tmp_path / "a.bin").write_bytes(bytes(490))
    with pytest.raises(ValueError, match="count 35 classes, keyword spotting has 12"):
        quality_of_folder(None, open_folder(tmp_path, KWS), KWS)
