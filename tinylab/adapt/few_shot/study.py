"""Measure how well few-shot methods learn the tasks of a pool of cameras.

Every method gets the same treatment: its learning rate and its number of steps are chosen on the
validation tasks, for each number of shots anew; then the test tasks are measured once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.adapt.few_shot.learner import Learner
from tinylab.adapt.few_shot.results import FewShotResults, FewShotRow
from tinylab.adapt.few_shot.tasks import CameraPool, Task

__all__ = ["FewShotSettings", "Method", "compare", "draw_tasks", "measured", "tune"]

LEARNING_RATES = (0.003, 0.01, 0.03, 0.1, 0.3)
STEPS = (1, 5, 10)
MEASURES = {"accuracy": Learner.accuracy, "cross_entropy": Learner.cross_entropy}


@dataclass(frozen=True)
class Method:
    """Where adaptation starts and what it may change.

    Attributes
    ----------
    weights : sequence of arrays
        Initial weights, as `Learner.start`.
    masks : sequence of arrays, optional
        As for `Learner.adapt`; None lets everything change.
    adapts : bool
        False for a model that is used as it is.
    """

    weights: Sequence
    masks: Sequence | None = None
    adapts: bool = True


@dataclass(frozen=True)
class FewShotSettings:
    """How methods are compared.

    Attributes
    ----------
    shots : sequence of int
        Support pictures of each class.
    draws, tuning_draws : int
        Support sets for each test camera, and for each validation camera.
    queries : int
        Query pictures of each class.
    learning_rates, steps : sequences
        What tuning tries, for every method alike.
    seed : int
    progress : callable
        Wraps the list of (method, shots) while they work, such as `tqdm`.
    """

    shots: Sequence[int] = (1, 5, 10)
    draws: int = 3
    tuning_draws: int = 1
    queries: int = 100
    learning_rates: Sequence[float] = LEARNING_RATES
    steps: Sequence[int] = STEPS
    seed: int = 0
    progress: Callable = iter


def draw_tasks(
    pool: CameraPool, *, shots: int, draws: int = 1, queries: int | None = None, seed: int = 0
) -> list[list[Task]]:
    """`draws` seeded tasks for each camera of the pool, in an order that no `shots` change."""
    return [
        [
            pool.task(
                camera, np.random.default_rng([seed, camera, draw]), shots=shots, queries=queries
            )
            for draw in range(draws)
        ]
        for camera in range(len(pool))
    ]


def measured(
    learner: Learner,
    method: Method,
    tasks: Sequence[Sequence[Task]],
    *,
    learning_rate: float,
    steps: Sequence[int],
    measure: str = "accuracy",
) -> np.ndarray:
    """What each camera's query pictures say after each number of steps.

    Parameters
    ----------
    learner : Learner
    method : Method
    tasks : list of lists of Task
        From `draw_tasks`.
    learning_rate : float
        Of full-batch gradient descent on the support set.
    steps : sequence of int
        Rising; 0 is before adapting.
    measure : {"accuracy", "cross_entropy"}
        The loss, in nats, sees smaller changes than the share of right answers.

    Returns
    -------
    numpy.ndarray
        Shape (cameras, len(steps)), float64, means over the draws.
    """
    if measure not in MEASURES:
        raise ValueError(f"unknown measure {measure!r}: pass one of {', '.join(MEASURES)}")
    if list(steps) != sorted(steps) or min(steps) < 0:
        raise ValueError(f"steps must rise from 0 or more, not {tuple(steps)}")
    values = np.empty((len(tasks), len(tasks[0]), len(steps)))
    for camera, draws in enumerate(tasks):
        for draw, task in enumerate(draws):
            weights, done = method.weights, 0
            for index, target in enumerate(steps):
                weights = learner.adapt(
                    weights,
                    task.support_x,
                    task.support_y,
                    learning_rate,
                    target - done,
                    masks=method.masks,
                )
                done = target
                values[camera, draw, index] = MEASURES[measure](
                    learner, weights, task.query_x, task.query_y
                )
    return values.mean(axis=1)


def tune(
    learner: Learner,
    method: Method,
    tasks: Sequence[Sequence[Task]],
    *,
    learning_rates: Sequence[float] = LEARNING_RATES,
    steps: Sequence[int] = STEPS,
) -> tuple[float, int, float]:
    """Best learning rate and number of steps on validation tasks, and their mean accuracy there."""
    if not method.adapts:
        return 0.0, 0, float(measured(learner, method, tasks, learning_rate=0.0, steps=[0]).mean())
    best = (0.0, 0, -1.0)
    for rate in learning_rates:
        means = measured(learner, method, tasks, learning_rate=rate, steps=steps).mean(axis=0)
        if means.max() > best[2]:
            best = (rate, steps[int(means.argmax())], float(means.max()))
    return best


def compare(
    learner: Learner,
    methods: Mapping[str, Method],
    validation: CameraPool,
    test: CameraPool,
    settings: FewShotSettings = FewShotSettings(),
) -> FewShotResults:
    """Tune every method on the validation cameras, then measure it on the test cameras.

    Parameters
    ----------
    learner : Learner
    methods : mapping of str to Method
    validation, test : CameraPool
    settings : FewShotSettings

    Returns
    -------
    FewShotResults
    """
    every = [(count, name) for count in settings.shots for name in methods]
    rows = []
    for count, name in settings.progress(every):
        tune_on, test_on = _tasks(validation, test, count, settings)
        rate, best, tuned = tune(
            learner,
            methods[name],
            tune_on,
            learning_rates=settings.learning_rates,
            steps=settings.steps,
        )
        right = measured(learner, methods[name], test_on, learning_rate=rate, steps=[best])[:, 0]
        rows.append(FewShotRow(name, count, tuple(map(float, right)), rate, best, tuned))
    return FewShotResults(
        cameras=tuple(camera.name for camera in test.cameras),
        families=tuple(camera.family for camera in test.cameras),
        queries=settings.queries * len(np.unique(test.labels)),
        draws=settings.draws,
        rows=tuple(rows),
    )


def _tasks(validation: CameraPool, test: CameraPool, shots: int, settings: FewShotSettings):
    """The tasks to tune on and those to measure on, drawn with seeds of their own."""
    sizes = {"shots": shots, "queries": settings.queries}
    return (
        draw_tasks(validation, **sizes, draws=settings.tuning_draws, seed=settings.seed + 1),
        draw_tasks(test, **sizes, draws=settings.draws, seed=settings.seed),
    )
