"""The study of four machines: what is chosen on validation, and what the bundled one says."""

import pytest

from tinylab.adapt.federated.results import FederatedResults, FederatedRow, bundled_machine_study
from tinylab.recipes import anomaly_detection_federated as recipe


def sweep(level):
    rows = [("FedAvg", 0.0, level), ("alone", 0.0, 1 - level), ("together", 0.0, 0.9)]
    rows += [("FedProx", 0.1, level - 0.1), ("FedProx", 1.0, level + 0.01)]
    table = [FederatedRow(name, mu, ((0.5,), (auc,)), 0) for name, mu, auc in rows]
    return FederatedResults(("machine 1",), tuple(table))


def test_each_method_is_tuned_by_its_own_best():
    chosen, mu = recipe.tuned({1e-4: [sweep(0.6), sweep(0.6)], 1e-3: [sweep(0.8), sweep(0.5)]})
    assert chosen["FedAvg"] == 1e-3 and chosen["FedProx"] == 1e-3
    assert chosen["alone"] == 1e-4
    assert mu == 1.0


def test_the_bundled_study_is_the_recipes():
    study = bundled_machine_study()
    assert len(study.runs) == len(recipe.DRAWS) == 5
    assert (study.test_recordings, study.learned_from) == (640, recipe.LEARNED_FROM)
    assert set(study.rates) == set(recipe.METHODS)
    assert {row.method for row in study.runs[0].rows} == set(recipe.METHODS)
    assert study.average().rounds == recipe.ROUNDS


@pytest.mark.parametrize("method", recipe.METHODS)
def test_no_chosen_rate_lies_at_the_border_of_its_grid(method):
    assert min(recipe.RATES) < bundled_machine_study().rates[method] < max(recipe.RATES)


def test_finals_are_means_over_machines_of_each_draw():
    study = bundled_machine_study()
    first = study.runs[0].row("alone")
    assert study.finals()["alone"][0] == pytest.approx(sum(first.auc[-1]) / 4)
    assert study.average().row("alone").mean(recipe.ROUNDS) == pytest.approx(
        sum(study.finals()["alone"]) / 5
    )


@pytest.mark.training
def test_a_small_study_is_written_and_read_back(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "makers_weights", lambda: _weights())
    monkeypatch.setattr(recipe, "TUNING_DRAWS", (11,))
    path = tmp_path / "study.json"
    study = recipe.measure_machines(
        rounds=1, rates=(1e-4,), mus=(0.1, 1.0), draws=(1, 2), limit=2, path=path, progress=False
    )
    assert (study.test_recordings, len(study.runs)) == (16, 2)
    assert path.is_file()


def _weights():
    import numpy as np

    rng = np.random.default_rng(1)
    shapes = [(640, 8), (8,), (8, 640), (640,)]
    return tuple((0.05 * rng.normal(size=shape)).astype(np.float32) for shape in shapes)
