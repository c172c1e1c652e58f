"""Measurements kept in the work folder."""

from dataclasses import dataclass

import numpy as np
import pytest

from tinylab.cache import fingerprint, remembered


@dataclass(frozen=True)
class Counted:
    """A measurement that knows how often it was made."""

    times: int


@pytest.fixture
def ask():
    made = []

    def measure():
        made.append(1)
        return Counted(len(made))

    return lambda name="count": remembered(name, measure, Counted)


def test_it_is_measured_once(ask, own_work_dir):
    assert ask() == ask() == Counted(1)
    assert ask("other") == Counted(2)
    assert {path.name for path in (own_work_dir / "sweeps").iterdir()} == {
        "count.json",
        "other.json",
    }


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"count": 1}', "\udcff"])
def test_a_damaged_file_is_measured_again(ask, own_work_dir, damage):
    ask()
    (own_work_dir / "sweeps" / "count.json").write_bytes(damage.encode(errors="surrogateescape"))
    assert ask() == ask() == Counted(2)


def test_what_cannot_be_kept_is_measured_and_said(ask, own_work_dir):
    own_work_dir.mkdir(exist_ok=True)
    (own_work_dir / "sweeps").write_text("a file, no folder")
    with pytest.warns(UserWarning, match="not kept, and measured anew.*cannot be written"):
        assert ask() == Counted(1)


def test_a_failed_measurement_leaves_nothing(own_work_dir):
    with pytest.raises(ZeroDivisionError):
        remembered("count", lambda: 1 / 0, Counted)
    assert not list(own_work_dir.rglob("*.json"))


def test_every_input_counts():
    array = np.arange(6.0)
    same = fingerprint([array, array], {"bits": 8})
    assert fingerprint([array.copy(), array[::1]], {"bits": 8}) == same
    others = [
        fingerprint([array, array + 1], {"bits": 8}),
        fingerprint([array, array.reshape(2, 3)], {"bits": 8}),
        fingerprint([array, array.astype("float32")], {"bits": 8}),
        fingerprint([array], {"bits": 8}),
        fingerprint([array, array], {"bits": 4}),
    ]
    assert len({same, *others}) == 6
