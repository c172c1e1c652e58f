"""Train a super-network: in every step the smallest slice, some at random, and now and then the
largest, all from the same examples, with a trained network's scores as half of the answer.

Source: Yu & Huang, "Universally Slimmable Networks and Improved Training Techniques" (2019), whose
sandwich rule this is.
"""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from tqdm.auto import tqdm

from tinylab.search.space import MOST_BLOCKS, Architecture
from tinylab.search.super_network.network import SuperNetwork

__all__ = ["SuperTraining", "train_super_network"]


@dataclass(frozen=True)
class SuperTraining:
    """How a super-network is trained.

    Parameters
    ----------
    epochs, batch_size : int
    learning_rate : float
        Adam's, falling by a cosine to zero.
    at_random : int
        Slices drawn in each step, of different depths.
    largest_every : int
        Steps from one use of the largest slice to the next.
    teacher : float
        Share of the teacher's scores in the answer, 0 to 1; the rest is the label.
    seed : int
    """

    epochs: int = 20
    batch_size: int = 100
    learning_rate: float = 2e-3
    at_random: int = 3
    largest_every: int = 4
    teacher: float = 0.5
    seed: int = 0


def train_super_network(
    network: SuperNetwork,
    x: np.ndarray,
    y: np.ndarray,
    teacher_scores: np.ndarray,
    settings: SuperTraining = SuperTraining(),
    *,
    after_epoch: Callable[[int, float], None] = lambda epoch, loss: None,
) -> None:
    """Train in place.

    Parameters
    ----------
    network : SuperNetwork
    x : ndarray of float32, shape (n, 49, 10, 1)
    y : ndarray of int64, shape (n,)
    teacher_scores : ndarray of float32, shape (n, classes)
        Softmax outputs of a trained network.
    settings : SuperTraining
    after_epoch : callable (epoch, mean loss) -> None
    """
    rng = np.random.default_rng(settings.seed)
    hard = np.eye(teacher_scores.shape[1], dtype=np.float32)[y]
    answers = (1 - settings.teacher) * hard + settings.teacher * teacher_scores
    steps = len(x) // settings.batch_size
    rate = keras.optimizers.schedules.CosineDecay(settings.learning_rate, settings.epochs * steps)
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(network.variables)
    gradients = _gradients(network)
    for epoch in range(settings.epochs):
        order, losses = rng.permutation(len(x)), []
        for step in tqdm(range(steps), desc=f"epoch {epoch + 1}", leave=False):
            chosen = order[step * settings.batch_size : (step + 1) * settings.batch_size]
            slices = _slices(network, settings, rng, step)
            by_slice = [gradients(one, x[chosen], answers[chosen]) for one in slices]
            losses.append(np.mean([float(loss) for loss, _ in by_slice]))
            sums = [tf.add_n(each) for each in zip(*(each for _, each in by_slice))]
            optimizer.apply(sums, network.variables)
        after_epoch(epoch, float(np.mean(losses)))


def _slices(
    network: SuperNetwork, settings: SuperTraining, rng: np.random.Generator, step: int
) -> list[Architecture]:
    space = network.space
    least = (min(space.widths),) * 2
    slices = [Architecture(max(space.strides), least)]
    for depth in rng.permutation(np.arange(1, MOST_BLOCKS + 1))[: settings.at_random]:
        widths = tuple(map(int, rng.choice(space.widths, depth + 1)))
        slices.append(Architecture(int(rng.choice(space.strides)), widths))
    if step % settings.largest_every == 0:
        widest = (max(space.widths),) * (MOST_BLOCKS + 1)
        slices.append(Architecture(min(space.strides), widest))
    return slices


def _gradients(network: SuperNetwork) -> Callable:
    """A function of a slice and examples that gives the loss and all variables' gradients.

    One program is compiled for each depth and stride, not for each slice: widths are numbers in it.
    """
    programs: dict[tuple[int, int], Callable] = {}

    def program(depth: int, stride: int) -> Callable:
        @tf.function
        def compute(x, answers, widths):
            with tf.GradientTape() as tape:
                logits = network.logits(x, stride, widths)
                loss = tf.nn.softmax_cross_entropy_with_logits(answers, logits)
                loss = tf.reduce_mean(loss)
            gradients = tape.gradient(loss, network.variables, unconnected_gradients="zero")
            return loss, [tf.convert_to_tensor(gradient) for gradient in gradients]

        return compute

    def gradients(one: Architecture, x: np.ndarray, answers: np.ndarray):
        key = (one.depth, one.stride)
        if key not in programs:
            programs[key] = program(*key)
        widths = tf.constant(one.widths, shape=(one.depth + 1,))
        return programs[key](tf.constant(x), tf.constant(answers, tf.float32), widths)

    return gradients
