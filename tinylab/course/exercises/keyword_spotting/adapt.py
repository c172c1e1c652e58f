"""Exercises of notebooks/source/01_keyword_spotting/3_adapt.py."""

import numpy as np
import scipy  # its parts are loaded when they are first used

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import expect, expect_array, expect_close, expect_number

__all__ = ["EXERCISES"]


def is_probability_minus_label(answer, rng):
    """The gradient of the mean cross entropy with respect to the logits."""
    for examples, classes in [(4, 3), (20, 12), (7, 2)]:
        probabilities, one_hot = (
            _probabilities(rng, examples, classes),
            _one_hot(rng, examples, classes),
        )
        difference = probabilities - one_hot
        expect_close(
            expect_array(answer(probabilities, one_hot), shape=difference.shape),
            difference / examples,
            otherwise="that is not the gradient: what the model said, what it should have "
            "said, averaged over what?",
            likely={
                "the loss is a mean over the examples: divide by how many there are.": difference,
                "the sign is turned round: a gradient points uphill.": -difference / examples,
                "divide by the number of examples, not of classes.": difference / classes,
                "divide by the number of examples only, not by all entries.": (
                    difference / difference.size
                ),
            },
        )


def agrees_with_small_steps(answer, rng):
    """The loss really changes by what the gradient says (central differences)."""
    logits, one_hot = rng.normal(size=(3, 4)), _one_hot(rng, 3, 4)
    got = expect_array(answer(scipy.special.softmax(logits, axis=1), one_hot), shape=(3, 4))

    def loss(values):
        return -np.mean(np.sum(one_hot * np.log(scipy.special.softmax(values, axis=1)), axis=1))

    step = 1e-5
    for row, column in [(0, 0), (1, 2), (2, 3)]:
        moved = np.zeros_like(logits)
        moved[row, column] = step
        slope = (loss(logits + moved) - loss(logits - moved)) / (2 * step)
        expect_close(
            got[row, column],
            slope,
            otherwise="a small change of a logit does not change the loss as your gradient says.",
            rtol=1e-4,
            atol=1e-7,
        )


def vanishes_when_right(answer, rng):
    """Nothing to learn where the answer is already right and certain."""
    one_hot = _one_hot(rng, 6, 5)
    got = expect_array(answer(one_hot.copy(), one_hot), shape=(6, 5))
    expect_close(got, np.zeros((6, 5)), otherwise="where all answers are right the gradient is 0.")


def multiplies_by_the_input(answer, rng):
    """Kernel: features transposed times the gradient of the logits; bias: its sum."""
    for examples, features, classes in [(5, 8, 3), (20, 64, 12)]:
        x, gradient = rng.normal(size=(examples, features)), rng.normal(size=(examples, classes))
        kernel, bias = _pair(answer(x, gradient))
        expect(
            kernel.shape != (classes, features),
            "the kernel's gradient must have the kernel's shape (features, classes): transpose it.",
        )
        expect(
            kernel.shape == (features, classes),
            f"the kernel's gradient has shape {kernel.shape}; the kernel has"
            f" {(features, classes)}.",
        )
        expect_close(
            kernel,
            np.einsum("ef,ec->fc", x, gradient),
            otherwise="that is not the kernel's gradient: what does one weight see of one "
            "example, and what of all?",
            likely={
                "the mean was taken already, in the gradient of the logits: only add up.": (
                    np.einsum("ef,ec->fc", x, gradient) / examples
                )
            },
        )


def sums_for_the_bias(answer, rng):
    """The bias adds to every example, so its gradient is the sum over them."""
    x, gradient = rng.normal(size=(9, 4)), rng.normal(size=(9, 3))
    _, bias = _pair(answer(x, gradient))
    expect_close(
        bias,
        gradient.sum(axis=0),
        otherwise="the bias' gradient is the sum of logits_gradient over the examples.",
        likely={
            "sum over the examples (axis 0), not over the classes.": gradient.sum(axis=1),
            "the mean was taken already, in the gradient of the logits: only add up.": (
                gradient.mean(axis=0)
            ),
        },
    )


def _pair(result) -> tuple[np.ndarray, np.ndarray]:
    expect(
        isinstance(result, (tuple, list)) and len(result) == 2,
        "return two arrays: the kernel's gradient and the bias' gradient.",
    )
    return expect_array(result[0], name="the kernel's gradient"), expect_array(
        result[1], name="the bias' gradient"
    )


def _probabilities(rng, examples, classes):
    return scipy.special.softmax(rng.normal(size=(examples, classes)), axis=1)


def _one_hot(rng, examples, classes):
    return np.eye(classes)[rng.integers(0, classes, examples)]


def adds_four_parts(answer, rng):
    """Weights, gradients, optimizer state and saved activations, four bytes each."""
    for slots in (0, 1, 2):
        weights = int(rng.integers(10_000, 60_000))
        trained = int(rng.integers(100, 9_000))
        saved, batch = int(rng.integers(50, 5_000)), int(rng.integers(2, 20))
        got = expect_number(answer(weights, trained, saved, batch, slots))
        right = weights + trained * (1 + slots) + saved * batch
        expect_close(
            got,
            4 * right,
            otherwise="the parts do not add up: weights, gradients, what the optimizer keeps,"
            " and activations.",
            likely={
                "a float32 takes four bytes.": right,
                "every example of the batch keeps its own activations: multiply by batch_size.": (
                    4 * (weights + trained * (1 + slots) + saved)
                ),
                "only trained weights have a gradient and optimizer state.": (
                    4 * (weights + weights * (1 + slots) + saved * batch)
                ),
                "each slot of the optimizer holds a number for every trained weight.": (
                    4 * (weights + trained + slots + saved * batch)
                ),
                "the gradients are missing: one number for every trained weight.": (
                    4 * (weights + trained * slots + saved * batch)
                ),
                "the weights themselves must be in RAM too: they change.": (
                    4 * (trained * (1 + slots) + saved * batch)
                ),
            },
        )


def costs_nothing_without_training(answer, rng):
    """Nothing trained and nothing saved leaves the weights."""
    weights = int(rng.integers(1_000, 50_000))
    expect_close(
        expect_number(answer(weights, 0, 0, 16, 2)),
        4 * weights,
        otherwise="with nothing trained and nothing saved, only the weights are left.",
    )


def points_along_the_mean(answer, rng):
    """The mean of the unit features, of length one."""
    for examples, size in [(5, 8), (12, 64)]:
        features = rng.uniform(0, 1, size=(examples, size)) * rng.uniform(
            0.2, 9, size=(examples, 1)
        )
        mean = (1 / np.linalg.norm(features, axis=1)) @ features / examples
        plain = features.mean(axis=0)
        expect_close(
            expect_array(answer(features), shape=(size,)),
            mean / np.linalg.norm(mean),
            otherwise="divide each feature by its length, take the mean, divide that by its"
            " length.",
            likely={
                "divide the mean by its length once more: a mean of unit vectors is shorter.": mean,
                "divide each feature by its own length first, or loud clips count more.": (
                    plain / np.linalg.norm(plain)
                ),
                "the vectors must have length one, before and after the mean.": plain,
            },
        )


def ignores_loudness(answer, rng):
    """Making one example ten times as large changes nothing."""
    features = rng.uniform(0.1, 1, size=(6, 10))
    louder = features.copy()
    louder[2] *= 10
    once = expect_array(answer(features), shape=(10,))
    expect_close(np.linalg.norm(once), 1.0, otherwise="the result must have length one.")
    expect_close(
        expect_array(answer(louder), shape=(10,)),
        once,
        otherwise="an example that is ten times as large must not count more.",
    )


def averages_the_losses(answer, rng):
    """The mean of what each word lost."""
    for _ in range(4):
        before, after = rng.uniform(0.5, 1, size=8), rng.uniform(0.2, 0.9, size=8)
        drop = before - after
        expect_close(
            expect_number(answer(before, after)),
            drop.mean(),
            otherwise="each word counts what it lost, and a gain counts as a negative loss.",
            likely={
                "the sign is turned round: what was lost counts as positive.": -drop.mean(),
                "take the mean over the words, not the sum.": drop.sum(),
                "a word that improved counts too, as a negative loss.": np.maximum(drop, 0).mean(),
                "that is the worst word; the mean over all is asked for.": drop.max(),
                "give the loss in accuracy, not as a share of what there was.": (
                    drop.sum() / before.sum()
                ),
            },
        )


def is_zero_when_nothing_changed(answer, rng):
    """The same accuracies before and after are no forgetting."""
    same = rng.uniform(size=12)
    expect_close(
        expect_number(answer(same, same)),
        0.0,
        otherwise="no change must be forgetting 0.",
        atol=1e-12,
    )


EXERCISES = (
    Exercise(
        id="logits_gradient",
        title="Where cross entropy pushes",
        points=(
            Point("is probability minus label", is_probability_minus_label),
            Point("agrees with small steps", agrees_with_small_steps),
            Point("vanishes when right", vanishes_when_right),
        ),
    ),
    Exercise(
        id="last_layer_gradients",
        title="The gradient of the last layer",
        points=(
            Point("multiplies by the input", multiplies_by_the_input),
            Point("sums for the bias", sums_for_the_bias),
        ),
    ),
    Exercise(
        id="training_bytes",
        title="The memory cost",
        points=(
            Point("adds four parts", adds_four_parts),
            Point("costs nothing without training", costs_nothing_without_training),
        ),
    ),
    Exercise(
        id="imprint",
        title="A new word from a few examples",
        points=(
            Point("points along the mean", points_along_the_mean),
            Point("ignores loudness", ignores_loudness),
        ),
    ),
    Exercise(
        id="forgetting",
        title="What the old words lost",
        points=(
            Point("averages the losses", averages_the_losses),
            Point("is zero when nothing changed", is_zero_when_nothing_changed),
        ),
        forbidden=(
            "tinylab.adapt.continual.forgetting.forgetting",
            "tinylab.adapt.continual.forgetting.backward_transfer",
        ),
    ),
)
