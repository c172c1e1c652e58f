"""Every experiment tuned and run, into the two tables that come with the workbook.

Within a seed all runs have the same users, words and clips, so that methods are compared in pairs.
What has been measured before is read from the work folder, so a run that was stopped goes on.
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from tinylab.adapt.federated.keywords.runs import Run, Runs
from tinylab.adapt.federated.keywords.tuned import Trial, Tuned, TunedRow
from tinylab.adapt.federated.keywords.users import FeatureBank, Setting, draw_users, settle
from tinylab.adapt.federated.rounds import Round
from tinylab.cache import fingerprint, remembered
from tinylab.files import replacing
from tinylab.recipes.federated.epsilons import ROUNDS
from tinylab.recipes.federated.experiments import PARTS, Experiment, Users
from tinylab.recipes.federated.tuning import LADDERS, START, climb

__all__ = ["SEEDS", "TUNING_SEEDS", "Measured", "measure_runs"]

SEEDS = (0, 1, 2, 3, 4)
TUNING_SEEDS = (100, 101, 102)
"""Of the users on whom settings are chosen, with validation voices."""
FIGURES = ("all_words", "own_words", "own_worst_tenth")


@dataclass(frozen=True)
class Measured:
    """What an experiment gave."""

    runs: tuple[Run, ...]
    tuned: tuple[TunedRow, ...]


class Bench:
    """Tunes and runs experiments; later ones may take the settings of earlier ones.

    Parameters
    ----------
    features : FeatureBank
    seeds, tuning_seeds : sequences of int
    """

    def __init__(self, features: FeatureBank, seeds: Sequence[int], tuning_seeds: Sequence[int]):
        self.features, self.seeds, self.tuning_seeds = features, seeds, tuning_seeds
        self.settings_: dict[tuple[str, str], dict[str, float]] = {}
        self._setting = lru_cache(maxsize=32)(self._settle)

    def _settle(self, users: Users, seed: int, split: str) -> Setting:
        options = {"users": users.number, "seed": seed, "unlike_sizes": users.unlike_sizes}
        return settle(draw_users(users.alpha, **options), self.features, split)

    def tune(self, experiment: Experiment) -> TunedRow:
        """Choose the settings on validation voices."""
        given = self.given(experiment)

        def score(settings: Mapping[str, float]) -> float:
            last = [
                experiment.learn(
                    self._setting(experiment.users, seed, "validation"),
                    seed,
                    ROUNDS,
                    **{**given, **settings},
                )[-1].figures[experiment.figure]
                for seed in self.tuning_seeds
            ]
            return round(float(np.mean(last)), 4)

        top = climb(score, experiment.tunes, {**START, **given})
        row = TunedRow(
            experiment.group,
            experiment.name,
            experiment.users.alpha,
            experiment.figure,
            top.settings,
            top.score,
            tuple(Trial(*trial) for trial in top.tried),
        )
        self.take(experiment, row)
        return row

    def take(self, experiment: Experiment, row: TunedRow) -> None:
        """Settings that were chosen: for this experiment, and for those that start from it."""
        key = experiment.group, experiment.name
        self.settings_[key] = {**self.given(experiment), **row.settings}

    def run(self, experiment: Experiment, seed: int) -> Run:
        """Measure on test voices."""
        key = experiment.group, experiment.name
        settings = self.settings_.get(key) or self.given(experiment)
        setting = self._setting(experiment.users, seed, "test")
        every = 1 if experiment.curve else ROUNDS
        record = experiment.learn(setting, seed, every, **settings)
        return _run(*key, experiment.users.alpha, seed, record)

    def given(self, experiment: Experiment) -> dict[str, float]:
        """The settings of the experiment that it starts from."""
        return dict(self.settings_[experiment.base]) if experiment.base else {}


def _run(group: str, name: str, alpha: float, seed: int, record: Sequence[Round]) -> Run:
    kept = [done for done in record if done.figures]
    answers = sum(len(done.clients) for done in record)
    sent = sum(done.up_bytes for done in record) / max(1, answers)
    columns = (tuple(round(done.figures[key], 4) for done in kept) for key in FIGURES)
    rounds = tuple(done.number for done in kept)
    return Run(group, name, alpha, seed, rounds, *columns, round(sent, 1))


def _measure(experiment: Experiment, bench: Bench) -> Measured:
    tuned = (bench.tune(experiment),) if experiment.tunes else ()
    return Measured(tuple(bench.run(experiment, seed) for seed in bench.seeds), tuned)


def _remembered(experiment: Experiment, bench: Bench, inputs: str) -> Measured:
    """Measure, or read from the work folder; either way the bench knows the settings."""
    key = experiment.group, experiment.name
    named = fingerprint(
        [], (inputs, *key, experiment.users, experiment.tunes, bench.given(experiment))
    )
    measured = remembered(f"federated-{named}", lambda: _measure(experiment, bench), Measured)
    for row in measured.tuned:
        bench.take(experiment, row)
    return measured


def measure_runs(
    name: str,
    features: FeatureBank,
    folder: str | Path,
    *,
    parts: Sequence[str] = tuple(PARTS),
    alphas: Sequence[float] | None = None,
    seeds: Sequence[int] = SEEDS,
    tuning_seeds: Sequence[int] = TUNING_SEEDS,
    progress: bool = True,
) -> tuple[Runs, Tuned]:
    """Measure experiments and write runs.json and tuned.json.

    Parameters
    ----------
    name : str
        What to call the model of the features.
    features : FeatureBank
    folder : path
        Written when everything is done.
    parts : sequence of str
        Keys of `PARTS`.
    alphas : sequence of float, optional
        Only these of a part's.
    seeds, tuning_seeds : sequences of int
    progress : bool

    Raises
    ------
    ValueError
        A part is unknown.
    """
    unknown = set(parts) - set(PARTS)
    if unknown:
        raise ValueError(f"no part is called {unknown.pop()!r}; parts are {', '.join(PARTS)}")
    options = (LADDERS, START, ROUNDS, tuple(seeds), tuple(tuning_seeds))
    inputs = fingerprint([features.train, *features.validation, *features.test], options)
    measured: list[Measured] = []
    jobs = [(part, alpha) for part in parts for alpha in PARTS[part][1]]
    for part, alpha in tqdm(jobs, disable=not progress):
        if alphas is None or alpha in alphas:
            bench = Bench(features, seeds, tuning_seeds)
            measured += [
                _remembered(experiment, bench, inputs) for experiment in PARTS[part][0](alpha)
            ]
    runs = Runs(name, tuple(run for each in measured for run in each.runs))
    tuned = Tuned(tuple(row for each in measured for row in each.tuned))
    _write(runs, Path(folder) / "runs.json")
    _write(tuned, Path(folder) / "tuned.json")
    return runs, tuned


def _write(results, path: Path) -> None:
    """JSON with a line for each run or row."""
    text = json.dumps(dataclasses.asdict(results), separators=(",", ":"))
    with replacing(path) as temporary:
        temporary.write_text(text.replace('{"group"', '\n{"group"') + "\n", encoding="utf-8")
