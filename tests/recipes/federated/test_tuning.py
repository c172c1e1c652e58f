"""The climb ends where none is better; experiments are tuned apart from what is measured."""

import numpy as np
import pytest

from tinylab.adapt.federated.keywords.runs import measured_runs
from tinylab.adapt.federated.keywords.tuned import bundled_tuning, tuned_settings
from tinylab.adapt.federated.keywords.users import NEW_WORDS, FeatureBank
from tinylab.data.word_bank import read_bank
from tinylab.recipes.federated import runs as recipe
from tinylab.recipes.federated.experiments import PARTS, Experiment, Users
from tinylab.recipes.federated.tuning import LADDERS, START, climb


def test_the_climb_reaches_a_top_with_both_neighbours_tried():
    top = climb(
        lambda s: -((np.log2(s["rate"] / 0.8)) ** 2) - (s["momentum"] - 0.5) ** 2,
        ["rate", "momentum"],
    )
    assert top.settings == {"rate": pytest.approx(0.8), "momentum": 0.5}
    tried = [settings["rate"] for settings, _ in top.tried if settings["momentum"] == 0.5]
    assert min(tried) < 0.8 < max(tried)
    assert top.score == max(score for _, score in top.tried)


def test_the_climb_stops_at_the_end_of_a_ladder():
    assert climb(lambda s: s["clip"], ["clip"]).settings["clip"] == LADDERS["clip"][-1]


def bank():
    """Features in which a word is a direction, so that a round or two teach something."""
    rng, words = np.random.default_rng(0), read_bank("train").words
    centres = rng.normal(0, 1, (len(NEW_WORDS), 64)).astype(np.float32)
    labels = np.array([NEW_WORDS.index(w) if w in NEW_WORDS else 0 for w in words])
    train = centres[labels] + rng.normal(0, 1, (2, len(words), 64)).astype(np.float32)
    y = np.repeat(np.arange(len(NEW_WORDS)), 4)
    held_out = [(centres[y] + rng.normal(0, 1, (len(y), 64)).astype(np.float32), y) for _ in "ab"]
    return FeatureBank(train.astype(np.float32), *held_out)


def test_the_bench_tunes_on_validation_and_passes_settings_on(monkeypatch):
    seen = []

    def learn(setting, seed, every, rate, **more):
        seen.append((seed, setting.x is features.test[0], rate, more))
        from tinylab.adapt.federated.rounds import Round

        return (Round(30, dict.fromkeys(recipe.FIGURES, 1.0 / (1 + abs(np.log2(rate / 0.2))))),)

    features = bank()
    bench = recipe.Bench(features, seeds=(0, 1), tuning_seeds=(100,))
    first = Experiment("methods", "first", Users(1.0, 5), learn, tunes=("rate",))
    row = bench.tune(first)
    assert row.settings["rate"] == pytest.approx(0.2) and row.score == 1.0
    assert all(seed == 100 and not on_test for seed, on_test, *_ in seen)
    seen.clear()
    second = Experiment("methods", "second", Users(1.0, 5), learn, base=("methods", "first"))
    run = bench.run(second, 1)
    assert seen == [(1, True, pytest.approx(0.2), {})]
    assert (run.name, run.seed, run.all_words) == ("second", 1, (1.0,))


@pytest.mark.parametrize("part", PARTS)
def test_every_experiment_of_a_part_learns(part, monkeypatch):
    """Each as it is written, two rounds, a few users: names differ and bases come first."""
    monkeypatch.setattr("tinylab.recipes.federated.experiments.ROUNDS", 2)
    make, alphas = PARTS[part]
    bench = recipe.Bench(bank(), seeds=(0,), tuning_seeds=(100,))
    names = []
    for experiment in make(alphas[0]):
        settings = {name: START[name] for name in experiment.tunes}
        given = dict(bench.settings_[experiment.base]) if experiment.base else {}
        bench.settings_[experiment.group, experiment.name] = {**given, **settings}
        names.append((experiment.group, experiment.name))
        run = bench.run(experiment, 0)
        assert 0 <= run.all_words[-1] <= 1 and run.rounds[-1] in (2, 30)
    assert len(set(names)) == len(names)


def test_unknown_parts_are_refused(tmp_path):
    with pytest.raises(
        ValueError, match="no part is called 'x'; parts are methods, poison, privacy"
    ):
        recipe.measure_runs("m", bank(), tmp_path, parts=["x"])
    assert not list(tmp_path.iterdir())


def test_every_bundled_choice_was_tried_on_both_sides():
    """No optimum lies at the end of what was tried, but where nothing lies beyond."""
    for row in bundled_tuning().rows:
        for name, chosen in row.settings.items():
            others = {k: v for k, v in row.settings.items() if k != name}
            line = [
                trial.settings[name]
                for trial in row.trials
                if {k: v for k, v in trial.settings.items() if k != name} == others
            ]
            if (name, chosen) != ("momentum", 0.0):
                assert min(line) < chosen < max(line), (row.group, row.name, row.alpha, name)
        assert row.score == max(trial.score for trial in row.trials)


def test_every_bundled_run_was_tuned_or_takes_tuned_settings():
    runs = measured_runs()
    for part, (make, alphas) in PARTS.items():
        for alpha in alphas:
            for experiment in make(alpha):
                group, name = experiment.base or (experiment.group, experiment.name)
                assert tuned_settings(group, name, alpha), part
                picked = runs.pick(experiment.group, experiment.name, alpha)
                assert [run.seed for run in picked] == list(recipe.SEEDS)
