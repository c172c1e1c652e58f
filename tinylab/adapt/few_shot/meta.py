"""Learning to learn: find the weights from which a new task is learned best.

    maml         descend on the support set; the gradient of the query loss *through* that descent
    first_order  the same, but the inner gradients count as constants
    reptile      descend on all pictures of the task; move towards where that led
    joint        no inner descent: ordinary training on the pictures of all tasks together

Finn, Abbeel and Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks"
(ICML 2017); Nichol, Achiam and Schulman, "On First-Order Meta-Learning Algorithms" (2018).
`joint` is the control: it sees the same pictures and differs only in not preparing for adaptation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from tqdm.auto import tqdm

from tinylab.adapt.few_shot.learner import Learner
from tinylab.adapt.few_shot.tasks import CameraPool, Task

__all__ = ["METHODS", "MetaRun", "MetaSettings", "meta_gradient", "meta_train", "reptile_direction"]

METHODS = ("maml", "first_order", "reptile", "joint")


@dataclass(frozen=True)
class MetaSettings:
    """How to meta-train.

    Attributes
    ----------
    method : str
        One of `METHODS`.
    iterations, tasks_per_iteration : int
    shots, queries : int
        Support and query pictures of each class in a training task.
    inner_rate, inner_steps
        Step size and number of steps of the descent within a task.
    outer_rate : float
        Largest step size of Adam on the initial weights (it falls to zero as a cosine); for
        Reptile the share of the way towards the adapted weights (falls to zero linearly).
    seed : int
    """

    method: str = "maml"
    iterations: int = 400
    tasks_per_iteration: int = 4
    shots: int = 5
    queries: int = 15
    inner_rate: float = 0.01
    inner_steps: int = 3
    outer_rate: float = 1e-3
    seed: int = 0

    def __post_init__(self):
        if self.method not in METHODS:
            raise ValueError(f"unknown method {self.method!r}: pass one of {', '.join(METHODS)}")
        counts = (
            self.iterations,
            self.tasks_per_iteration,
            self.shots,
            self.queries,
            self.inner_steps,
        )
        if min(counts) < 1 or self.inner_rate <= 0 or self.outer_rate <= 0:
            raise ValueError("all counts must be at least 1 and both rates above 0")


@dataclass(frozen=True)
class MetaRun:
    """What meta-training found: the initial weights, and the loss of every iteration.

    `losses` are mean cross entropies in nats of the query pictures: after the inner descent, or
    for `joint` as the model stands.
    """

    weights: list
    losses: tuple[float, ...]
    settings: MetaSettings


def meta_train(
    learner: Learner,
    pool: CameraPool,
    settings: MetaSettings,
    *,
    start: Sequence | None = None,
    progress: bool = True,
) -> MetaRun:
    """Train initial weights on tasks drawn from a pool.

    Parameters
    ----------
    learner : Learner
        Says what is adapted; its own weights are where training starts.
    pool : CameraPool
        Of training cameras.
    settings : MetaSettings
    start : sequence of arrays, optional
        Other weights to start from.
    progress : bool

    Returns
    -------
    MetaRun
    """
    variables = [tf.Variable(value) for value in (learner.start if start is None else start)]
    move = _reptile(settings) if settings.method == "reptile" else _adam(settings, variables)
    of_task = tf.function(_task_gradient(learner, settings))
    rng, losses = np.random.default_rng(settings.seed), []
    rounds = tqdm(
        range(settings.iterations), unit="step", desc=settings.method, disable=not progress
    )
    for iteration in rounds:
        curve = []
        for _ in range(settings.tasks_per_iteration):
            task = pool.task(
                int(rng.integers(len(pool))), rng, shots=settings.shots, queries=settings.queries
            )
            curve.append(of_task([variable.value() for variable in variables], *_tensors(task)))
        gradients = [tf.add_n(list(same)) / len(curve) for same in zip(*(g for _, g in curve))]
        move(iteration, gradients, variables)
        losses.append(float(np.mean([loss for loss, _ in curve])))
    return MetaRun([variable.numpy() for variable in variables], tuple(losses), settings)


def meta_gradient(learner: Learner, weights: Sequence, task: Task, settings: MetaSettings) -> tuple:
    """Query loss after the inner descent, and its gradient with respect to the initial weights.

    Returns
    -------
    loss : tf.Tensor, scalar
    gradients : list of tf.Tensor
        For `first_order`, the gradient at the adapted weights; for `joint`, at `weights`, of all
        pictures of the task.
    """
    return _query_gradient(learner, settings)(list(weights), *_tensors(task))


def reptile_direction(
    learner: Learner, weights: Sequence, task: Task, settings: MetaSettings
) -> tuple:
    """Loss of the task's last batch, and `weights` minus the weights that the descent leads to.

    Every inner step takes its own share of the task's pictures, support and query together: with
    one and the same batch throughout, Reptile would be ordinary training (Nichol et al., 3).
    """
    return _reptile_gradient(learner, settings)(list(weights), *_tensors(task))


def _task_gradient(learner: Learner, settings: MetaSettings) -> Callable:
    make = _reptile_gradient if settings.method == "reptile" else _query_gradient
    return make(learner, settings)


def _query_gradient(learner: Learner, settings: MetaSettings) -> Callable:
    second_order = settings.method == "maml"

    def gradient(weights, support_x, support_y, query_x, query_y):
        with tf.GradientTape() as tape:
            tape.watch(weights)
            if settings.method == "joint":
                x, y = tf.concat([support_x, query_x], 0), tf.concat([support_y, query_y], 0)
                loss = learner.loss(weights, x, y)
            else:
                adapted = learner.descend(
                    weights,
                    support_x,
                    support_y,
                    settings.inner_rate,
                    settings.inner_steps,
                    second_order=second_order,
                )
                loss = learner.loss(adapted, query_x, query_y)
        return loss, tape.gradient(loss, weights)

    return gradient


def _reptile_gradient(learner: Learner, settings: MetaSettings) -> Callable:
    steps = settings.inner_steps

    def gradient(weights, support_x, support_y, query_x, query_y):
        x, y = tf.concat([support_x, query_x], 0), tf.concat([support_y, query_y], 0)
        adapted, size = weights, x.shape[0] // steps
        for step in range(steps):  # classes take turns in a task, so every share is balanced
            part = slice(step * size, (step + 1) * size)
            adapted = learner.descend(adapted, x[part], y[part], settings.inner_rate, 1)
        away = [old - new for old, new in zip(weights, adapted, strict=True)]
        return learner.loss(adapted, x[part], y[part]), away

    return gradient


def _tensors(task: Task) -> tuple:
    return (
        tf.constant(task.support_x),
        tf.constant(task.support_y),
        tf.constant(task.query_x),
        tf.constant(task.query_y),
    )


def _adam(settings: MetaSettings, variables: list) -> Callable:
    schedule = keras.optimizers.schedules.CosineDecay(settings.outer_rate, settings.iterations)
    optimizer = keras.optimizers.Adam(schedule)

    def move(iteration: int, gradients: list, variables: list) -> None:
        optimizer.apply_gradients(zip(gradients, variables, strict=True))

    return move


def _reptile(settings: MetaSettings) -> Callable:
    def move(iteration: int, away: list, variables: list) -> None:
        share = settings.outer_rate * (1 - iteration / settings.iterations)
        for variable, difference in zip(variables, away, strict=True):
            variable.assign_sub(share * difference)

    return move
