"""Rows of results: found by their fields, averaged over seeds, read back from JSON."""

import dataclasses
import json

import pytest

from tinylab.security.results import (
    AttackRow,
    ProtectionRow,
    SecurityResults,
    TheftRow,
    intervals_by,
    over_seeds,
    read_file,
)

ATTACKS = tuple(
    AttackRow(model, "dense", "pgd", lsb, int8, seed, 10 + seed, 20)
    for model in ("dense", "tuned")
    for lsb in (0.5, 1.0)
    for int8 in (False, True)
    for seed in (0, 1)
)
RESULTS = SecurityResults(
    "a" * 20,
    20,
    attacks=ATTACKS,
    protections=(ProtectionRow("nothing", 4, False, 0, 0.5),),
    thefts=(TheftRow(60, "scores", 0, 0.2, 0.2, 0.1, 0.05),),
)


def test_rows_are_found_by_their_fields():
    found = RESULTS.attack(model="tuned", lsb=1.0, int8=True)
    assert [row.seed for row in found] == [0, 1]
    assert RESULTS.protection(flips=4)[0].accuracy == 0.5


@pytest.mark.parametrize(
    ("find", "where"),
    [("attack", {"lsb": 3.0}), ("defence", {}), ("member", {}), ("theft", {"queries": 61})],
)
def test_what_was_not_measured_is_refused(find, where):
    with pytest.raises(ValueError, match="nothing was measured"):
        getattr(RESULTS, find)(**where)


def test_seeds_are_what_repeats():
    mean = over_seeds(RESULTS.attack(model="dense", lsb=0.5, int8=False), "share")
    assert mean.mean == pytest.approx(0.525) and mean.repeats == 2


def test_every_combination_has_its_interval():
    found = intervals_by(ATTACKS, ("model", "lsb", "int8"), "share")
    assert len(found) == 8
    rows = RESULTS.attack(model="tuned", lsb=1.0, int8=True)
    assert found["tuned", 1.0, True] == over_seeds(rows, "share")


def test_results_come_back_from_json(tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json.dumps(dataclasses.asdict(RESULTS)))
    assert read_file(path) == RESULTS
    path.write_text(json.dumps({"model": "a"}))
    with pytest.raises(ValueError, match="no SecurityResults"):
        read_file(path)
