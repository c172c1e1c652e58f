"""The explorers of the visual-wake-words adaptation show what was measured."""

import dataclasses
import json

import numpy as np
import pytest

from tinylab.adapt.sparse_update.results import SparseUpdateResults
from tinylab.cache import read_results


def test_few_shot_compares_task_by_task(make, inputs):
    table = inputs["few_shot_results"]
    explorer = make("few_shot").set(shots=10, method="MAML", other="fine-tuning")
    row, other = table.row("MAML", 10), table.row("fine-tuning", 10)
    differences = 100 * (np.array(row.accuracies) - np.array(other.accuracies))
    tasks, mean = explorer.figure.data[-2:]
    np.testing.assert_allclose(tasks.x, differences)
    assert mean.x[0] == pytest.approx(differences.mean())
    assert f"{differences.mean():+.1f} points against fine-tuning" in explorer.text
    assert str(row.interval) in explorer.text


def test_few_shot_says_when_a_difference_is_clear(make, inputs):
    explorer = make("few_shot")
    gap = inputs["few_shot_results"].difference("MAML", "unchanged", 5)
    assert (gap.low > 0) == ("a clear difference" in explorer.text)
    assert "Choose another method" in explorer.set(other="MAML").text


def test_sparse_update_shows_plan_bytes_and_accuracy(make, inputs):
    results = inputs["sparse_results"]
    explorer = make("sparse_update").set(budget_kB=128)
    row = results.row(128 * 1024)
    assert explorer.result.row is row and f"needs {row.plan.bytes / 1000:.0f} kB" in explorer.text
    here = explorer.figure.data[-1]
    assert here.x[0] == pytest.approx(row.plan.bytes / 1000)
    assert here.y[0] == pytest.approx(100 * row.interval.mean)
    chosen = {results.units[index].name for index, kB in enumerate(explorer.result.kernels) if kB}
    assert chosen == {name for name, _ in row.plan.kernels}


def test_a_larger_budget_trains_more(make):
    explorer = make("sparse_update")
    small, large = (sum(explorer.set(budget_kB=kB).result.kernels) for kB in (64, 128))
    assert small < large


def test_sparse_results_survive_json(inputs):
    results = inputs["sparse_results"]
    assert (
        read_results(json.loads(json.dumps(dataclasses.asdict(results))), SparseUpdateResults)
        == results
    )
    with pytest.raises(KeyError, match="1000 bytes"):
        results.row(1000)
