"""Each method of continual learning on a machine that ages: its AUC, alarms and memory."""

from collections.abc import Sequence

import numpy as np
from tqdm.auto import tqdm

from tinylab.adapt import dense_training
from tinylab.adapt.continual.costs import adaptation_cost
from tinylab.adapt.continual.methods import (
    AdaptationSettings,
    Phase,
    Step,
    follow,
    scores,
    training_windows,
)
from tinylab.adapt.continual.results import ContinualResults, ContinualRow
from tinylab.cache import fingerprint, remembered
from tinylab.cost import DEFAULT_BOARD
from tinylab.scoring.anomaly import auc

__all__ = ["measure_methods"]


def measure_methods(
    model,
    phases: Sequence[Phase],
    *,
    capacities: Sequence[int] = (30, 120, 480, 1920),
    strengths: Sequence[float] = (0.3, 3.0, 30.0, 300.0),
    recipe: AdaptationSettings = AdaptationSettings(),
    board: str = DEFAULT_BOARD,
    cache: bool = True,
    progress: bool = True,
) -> ContinualResults:
    """Measure every method, replay with several sizes and EWC with several strengths.

    Parameters
    ----------
    model : keras.Model
        Autoencoder of dense layers.
    phases : sequence of Phase
        With validation recordings, if a setting is to be chosen (`ContinualResults.chosen`).
    capacities : sequence of int
        Windows of the replay buffer.
    strengths : sequence of float
        Of EWC.
    recipe : AdaptationSettings
    board : str
        For the energy.
    cache : bool
        Keep the outcome in the learner's work folder.
    progress : bool
    """
    weights = dense_training.from_keras(model)
    plan = [("none", 0.0), ("threshold", 0.0), ("naive", 0.0)]
    plan += [("replay", float(size)) for size in capacities]
    plan += [("ewc", float(strength)) for strength in strengths]

    def measure() -> ContinualResults:
        rows, known = [], {}
        with tqdm(plan, disable=not progress) as bar:
            for method, setting in bar:
                bar.set_description(method)
                steps = follow(method, weights, phases, setting=setting, recipe=recipe)
                count = len(training_windows(phases[-1].normal, recipe.stride))
                cost = adaptation_cost(
                    method,
                    model,
                    setting=setting,
                    examples=count,
                    epochs=recipe.epochs,
                    batch_size=recipe.batch_size,
                    optimizer=recipe.optimizer,
                    board=board,
                )
                tables = _tables(steps, phases, known)
                last = _validated(steps[-1], phases)
                rows.append(ContinualRow(method, setting, *tables, cost, last))
        return ContinualResults(tuple(phase.name for phase in phases), tuple(rows))

    if not cache:
        return measure()
    arrays = [*weights]
    for phase in phases:
        arrays += [phase.normal, phase.test, phase.labels]
        if phase.validation is not None:
            arrays += [phase.validation, phase.validation_labels]
    options = [plan, recipe, board, [phase.name for phase in phases]]
    return remembered(f"continual-{fingerprint(arrays, options)}", measure, ContinualResults)


def _tables(steps: Sequence[Step], phases: Sequence[Phase], known: dict) -> tuple:
    """AUC, false alarms and detections: after each step, on each phase.

    `known` keeps the scores of weights that several methods share; a key is an object's id, so the
    weights are kept beside them.
    """
    areas, alarms, faults_found = [], [], []
    for step in steps:
        if id(step.weights) not in known:
            tests = [scores(step.weights, phase.test) for phase in phases]
            known[id(step.weights)] = (step.weights, tests)
        tests = known[id(step.weights)][1]
        rows = [_measured(step, phase, values) for phase, values in zip(phases, tests)]
        for table, column in zip((areas, alarms, faults_found), zip(*rows)):
            table.append(column)
    return tuple(areas), tuple(alarms), tuple(faults_found)


def _validated(step: Step, phases: Sequence[Phase]) -> tuple[float, ...]:
    """AUC on the validation recordings of every phase; nothing if there are none."""
    if any(phase.validation is None for phase in phases):
        return ()
    return tuple(
        auc(phase.validation_labels, scores(step.weights, phase.validation)) for phase in phases
    )


def _measured(step: Step, phase: Phase, values: np.ndarray) -> tuple[float, float, float]:
    above = values > step.threshold
    healthy = phase.labels == 0
    return auc(phase.labels, values), float(above[healthy].mean()), float(above[~healthy].mean())
