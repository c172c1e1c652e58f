"""Train a super-network: in every step the smallest slice, some at random, and the largest, all
from the same examples, with a trained network's scores as half of the answer.

A slice of fewer blocks is the beginning of a deeper one. So each step goes through all blocks and
asks the classifier of every depth on the way, which trains four slices for the price of the last.

Sources: Yu & Huang, "Universally Slimmable Networks and Improved Training Techniques" (2019), whose
sandwich rule this is; Lee et al., "Deeply-Supervised Nets" (2015).
"""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from tqdm.auto import tqdm

from tinylab.search.space import MOST_BLOCKS, Architecture, Space
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
        Slices drawn in each step, of all blocks; those of fewer blocks are their beginnings.
    largest_weight : float
        How often the largest slice's own answer counts; every other answer counts once.
    teacher : float
        Share of the teacher's scores in the answer, 0 to 1; the rest is the label.
    seed : int
    """

    epochs: int = 20
    batch_size: int = 100
    learning_rate: float = 2e-3
    at_random: int = 2
    largest_weight: float = 4.0
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
            slices = _slices(network.space, settings, rng)
            by_slice = [gradients(one, x[chosen], answers[chosen], last) for one, last in slices]
            losses.append(np.mean([float(loss) for loss, _ in by_slice]))
            sums = [tf.add_n(each) for each in zip(*(each for _, each in by_slice))]
            optimizer.apply(sums, network.variables)
        after_epoch(epoch, float(np.mean(losses)))


def _slices(
    space: Space, settings: SuperTraining, rng: np.random.Generator
) -> list[tuple[Architecture, float]]:
    """The slices of a step, each with how often the answer after its last block counts."""
    channels = MOST_BLOCKS + 1
    slices = [(Architecture(max(space.strides), (min(space.widths),) * channels), 1.0)]
    for _ in range(settings.at_random):
        widths = tuple(map(int, rng.choice(space.widths, channels)))
        slices.append((Architecture(int(rng.choice(space.strides)), widths), 1.0))
    widest = Architecture(min(space.strides), (max(space.widths),) * channels)
    return [*slices, (widest, settings.largest_weight)]


def _gradients(network: SuperNetwork) -> Callable:
    """A function of a slice and examples that gives the mean loss and all variables' gradients.

    One program is compiled for each stride, not for each slice: widths are numbers in it.
    """

    @tf.function(reduce_retracing=True)
    def compute(x, answers, stride: int, widths, last):
        with tf.GradientTape() as tape:
            losses = [
                tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(answers, logits))
                for logits in network.logits_after_each_block(x, stride, widths)
            ]
            loss = tf.add_n(losses[:-1]) + last * losses[-1]
        by_variable = tape.gradient(loss, network.variables, unconnected_gradients="zero")
        mean = tf.add_n(losses) / len(losses)
        return mean, [tf.convert_to_tensor(gradient) for gradient in by_variable]

    def gradients(one: Architecture, x: np.ndarray, answers: np.ndarray, last: float):
        return compute(
            tf.constant(x),
            tf.constant(answers, tf.float32),
            one.stride,
            tf.constant(one.widths),
            tf.constant(last, tf.float32),
        )

    return gradients
