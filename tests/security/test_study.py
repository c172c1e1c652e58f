"""Studies on the small network: who is judged, what counts, and that protections protect."""

import keras
import numpy as np
import pytest

from tinylab.deploy.litert import LiteRTModel, convert
from tinylab.security import study
from tinylab.security.bit_flips import weight_table
from tinylab.security.inputs import Range
from tinylab.security.study import (
    Target,
    measure_attacks,
    measure_chosen_faults,
    measure_random_faults,
    measure_transfer,
)


@pytest.fixture(scope="module")
def target(trained, test_data):
    program = LiteRTModel(convert(trained, "int8", test_data[0][:100]))
    return Target("small", trained, program)


@pytest.fixture
def few(test_data):
    return test_data[0][:60], test_data[1][:60]


@pytest.fixture(autouse=True)
def own_unit(monkeypatch):
    """The small network's inputs are no MFCC: no rounding to that grid, and a unit of their own."""
    monkeypatch.setattr(study, "as_the_device_sees_it", lambda x: x)
    monkeypatch.setattr(study, "INPUT_SCALE", 0.5)


def shares(rows, **where):
    return [r.share for r in rows if all(getattr(r, k) == v for k, v in where.items())]


def test_attacks_are_stronger_than_chance(target, few):
    rows = measure_attacks(target, *few, lsb=(1.0,))
    assert {(r.attack, r.int8) for r in rows} == {
        (attack, int8) for attack in ("random", "fgsm", "pgd") for int8 in (False, True)
    }
    counts = {row.attackable for row in rows}
    assert len(counts) == 1 and 30 < counts.pop() <= 60
    chance, once, often = (shares(rows, attack=a, int8=False)[0] for a in ("random", "fgsm", "pgd"))
    assert chance + 0.1 < once and once - 0.05 <= often


def test_only_right_answers_of_both_forms_count(target, few):
    x, y = few
    both = (target.answers(x, False) == y) & (target.answers(x, True) == y)
    right = study.answered_rightly(target, x, y)
    np.testing.assert_array_equal(right, both)
    fields = {"made_on": "small", "attack": "pgd", "lsb": 1.0, "seed": 0}
    (row, _) = study.judge_inputs(target, x, y, right, **fields)
    assert (row.fooled, row.attackable) == (0, both.sum())


def test_every_pair_is_measured(target, few):
    other = Target("twin", target.model, target.program)
    rows = measure_transfer({"small": target, "twin": other}, *few, lsb=(0.5, 1.0))
    assert len(rows) == 2 * 2 * 2 * 2
    assert shares(rows, model="small", made_on="twin") == shares(
        rows, model="twin", made_on="small"
    )


def test_models_are_judged_on_clips_that_all_answer_correctly(target, few):
    worse = keras.models.clone_model(target.model)
    worse.set_weights([0.7 * one for one in target.model.get_weights()])
    program = LiteRTModel(convert(worse, "int8", few[0]))
    targets = {"small": target, "worse": Target("worse", worse, program)}
    both = np.all([study.answered_rightly(one, *few) for one in targets.values()], axis=0)
    rows = measure_transfer(targets, *few, lsb=(0.5,))
    assert {row.attackable for row in rows} == {both.sum()}


def test_protections_keep_what_flips_take(target, test_data):
    table = weight_table(target.program.content)
    x, y = test_data[0][:100], test_data[1][:100]

    def accuracy(content):
        return float((LiteRTModel(content).predict(x).argmax(axis=1) == y).mean())

    names = ("nothing", "top two bits three times")
    rows = measure_random_faults(table, accuracy, flips=(400,), seeds=range(4), protections=names)
    left = {name: np.mean([r.accuracy for r in rows if r.protection == name]) for name in names}
    assert left[names[1]] > left[names[0]] + 0.05
    assert all(not row.chosen and row.flips == 400 for row in rows)


def test_an_attacker_who_knows_pays_more(target, test_data, training_data):
    table = weight_table(target.program.content)
    x, y = test_data[0][:100], test_data[1][:100]

    def accuracy(content):
        return float((LiteRTModel(content).predict(x).argmax(axis=1) == y).mean())

    names = ("nothing", "top bit three times")
    few = training_data[0][:40], training_data[1][:40]
    rows = measure_chosen_faults(table, *few, accuracy, budgets=(1, 4), seed=3, protections=names)
    left = {(row.protection, row.flips): row.accuracy for row in rows}
    assert all(row.chosen and row.seed == 3 for row in rows)
    assert left["nothing", 4] <= left["nothing", 1] <= accuracy(table.content)
    assert left["top bit three times", 1] >= left["nothing", 1]


def test_ranges_are_the_devices():
    from tinylab.signal.device_input import INPUT_HIGH, INPUT_LOW

    assert (Range().low, Range().high) == (INPUT_LOW, INPUT_HIGH)
