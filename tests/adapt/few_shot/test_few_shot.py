"""Statistics of few-shot results, and the comparison that makes them."""

import dataclasses
import json

import numpy as np
import pytest

from tinylab.adapt.few_shot.learner import Learner
from tinylab.adapt.few_shot.results import FewShotResults, FewShotRow
from tinylab.adapt.few_shot.study import (
    FewShotSettings,
    Method,
    compare,
    draw_tasks,
    measured,
    tune,
)
from tinylab.adapt.few_shot.tasks import CameraPool
from tinylab.cache import read_results
from tinylab.data.cameras import INFRARED, LOW_LIGHT, WIDE_ANGLE


@pytest.fixture(scope="module")
def results(small_cnn, clips):
    """Three cameras that scale the clips differently; the model has never seen two of them."""
    learner = Learner(small_cnn, "last_1_block")
    rng = np.random.default_rng(2)
    x, y = np.tile(clips[0], (2, 1, 1, 1)), np.tile(clips[1], 2)
    seen = [learner.features(x * gain + rng.normal(0, 0.2, x.shape)) for gain in (1, -1, 2)]
    pool = CameraPool(
        (INFRARED, WIDE_ANGLE, LOW_LIGHT), np.stack(seen).astype(np.float16), np.stack([y] * 3)
    )
    last = [float(name.startswith("dense")) for name in learner.names]
    methods = {
        "unchanged": Method(learner.start, adapts=False),
        "linear probe": Method(learner.start, masks=last),
        "fine-tuning": Method(learner.start),
    }
    settings = FewShotSettings(
        shots=(1, 5), draws=2, queries=10, learning_rates=(0.01, 0.1), steps=(1, 5)
    )
    table = compare(learner, methods, pool, pool, settings)
    return learner, pool, methods, table


def test_every_method_meets_the_same_tasks(results):
    _, _, methods, table = results
    assert table.methods == tuple(methods) and table.shots == (1, 5)
    assert table.families == ("infrared", "wide_angle", "low_light")
    assert table.queries == 40 and all(len(row.accuracies) == 3 for row in table.rows)
    assert table.row("unchanged", 5).steps == 0
    gain = table.difference("fine-tuning", "unchanged", 5)
    assert gain.mean > 0.1
    assert table.by_family("unchanged", 1)["infrared"] == table.row("unchanged", 1).accuracies[0]


def test_rows_are_what_adapting_by_hand_gives(results):
    learner, pool, methods, table = results
    row = table.row("linear probe", 5)
    tasks = draw_tasks(pool, shots=5, draws=2, queries=10, seed=0)
    scores = []
    for task in tasks[1]:
        weights = learner.adapt(
            learner.start,
            task.support_x,
            task.support_y,
            row.learning_rate,
            row.steps,
            masks=methods["linear probe"].masks,
        )
        scores.append(learner.accuracy(weights, task.query_x, task.query_y))
    assert row.accuracies[1] == pytest.approx(np.mean(scores))


def test_tuning_takes_the_best_of_the_grid(results):
    learner, pool, methods, _ = results
    tasks = draw_tasks(pool, shots=2, queries=10, seed=4)
    rates, steps = (0.001, 0.1), (1, 5)
    grid = np.array(
        [
            measured(learner, methods["fine-tuning"], tasks, learning_rate=r, steps=steps).mean(0)
            for r in rates
        ]
    )
    rate, count, best = tune(
        learner, methods["fine-tuning"], tasks, learning_rates=rates, steps=steps
    )
    assert best == grid.max() == grid[rates.index(rate), steps.index(count)]
    with pytest.raises(ValueError, match="rise"):
        measured(learner, methods["fine-tuning"], tasks, learning_rate=0.1, steps=(5, 1))


def test_more_shots_keep_the_seed(results):
    _, pool, _, _ = results
    few, more = (draw_tasks(pool, shots=n, queries=5, seed=3) for n in (1, 3))
    assert np.array_equal(few[0][0].support_x, more[0][0].support_x[:4])


def test_a_table_survives_json(results):
    table = results[3]
    assert read_results(json.loads(json.dumps(dataclasses.asdict(table))), FewShotResults) == table
    with pytest.raises(KeyError, match="'magic' with 5 shots"):
        table.row("magic", 5)
    small = FewShotResults(
        ("a", "b"), ("x", "x"), 10, 1, (FewShotRow("m", 1, (0.5, 0.7), 0.1, 3, 0.6),)
    )
    assert small.row("m", 1).interval.mean == pytest.approx(0.6)
