"""Exercises of notebooks/source/02_visual_wake_words/2_compress.py: all but the coding."""

import numpy as np
import scipy  # its parts are loaded when they are first used

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import also_fixed, expect, expect_array, expect_close

__all__ = ["EXERCISES"]


def removes_the_smallest(answer, rng):
    """False exactly where the magnitude is among the smallest."""
    for shape, removed in (((40,), 10), ((3, 3, 4, 5), 126), ((8, 25), 160)):
        weights = _distinct(rng, shape)
        size = weights.size
        got = _mask(answer(weights, removed / size), shape)
        right = _kept(np.abs(weights), removed)
        likely = {
            "True marks a weight that stays; you return the opposite.": ~right,
            "compare magnitudes: a weight of -3 matters more than one of 0.1.": _kept(
                weights, removed
            ),
            "the largest weights are removed; remove the smallest.": _kept(
                -np.abs(weights), removed
            ),
        }
        expect_close(
            got, right, otherwise="the weights that stay are not the largest.", likely=likely
        )


def removes_exactly_so_many(answer, rng):
    """round(sparsity * n) weights go, whatever n is."""
    for size, sparsity in ((10, 0.28), (7, 0.5001), (31, 0.66), (200, 0.123)):
        weights = _distinct(rng, (size,))
        removed = int(np.sum(~_mask(answer(weights, sparsity), (size,))))
        wanted = round(sparsity * size)
        expect(
            removed == wanted,
            f"of {size} weights at sparsity {sparsity}, round(sparsity * n) = {wanted} must go;"
            f" {removed} went.",
        )


def knows_none_and_all(answer, rng):
    """Sparsity 0 removes nothing, sparsity 1 everything."""
    weights = _distinct(rng, (4, 6))
    expect(
        bool(np.all(_mask(answer(weights, 0.0), (4, 6)))), "at sparsity 0 every weight must stay."
    )
    expect(not np.any(_mask(answer(weights, 1.0), (4, 6))), "at sparsity 1 no weight may stay.")


def _distinct(rng, shape) -> np.ndarray:
    """Weights of both signs whose magnitudes all differ, so that there are no ties."""
    size = int(np.prod(shape))
    magnitudes = rng.permutation(np.arange(1, size + 1)) / size
    return (magnitudes * rng.choice([-1.0, 1.0], size)).astype(np.float32).reshape(shape)


def _kept(score: np.ndarray, removed: int) -> np.ndarray:
    mask = np.ones(score.size, bool)
    mask[np.argsort(score, axis=None)[:removed]] = False
    return mask.reshape(score.shape)


def _mask(result, shape) -> np.ndarray:
    mask = expect_array(result, shape=shape, name="the mask")
    expect(
        mask.dtype == bool,
        f"the mask must hold True and False, not {mask.dtype}: return a bool array.",
    )
    return mask


def sums_over_each_cluster(answer, rng):
    """Every shared value gets the sum of its weights' gradients."""
    for shape in ((50,), (3, 3, 4, 5)):
        gradient, indices = rng.normal(size=shape), rng.integers(0, 6, shape)
        sums = np.array([gradient[indices == k].sum() for k in range(6)])
        counts = np.bincount(indices.ravel(), minlength=6)
        expect_close(
            expect_array(answer(gradient, indices, 6), shape=(6,)),
            sums,
            otherwise="entry k must be the sum of the gradients where the index is k.",
            likely={
                "that is the mean: a shared value moves with the sum of its weights' gradients.": (
                    sums / np.maximum(counts, 1)
                ),
                "magnitudes are added up; gradients of opposite sign must cancel.": np.array(
                    [np.abs(gradient[indices == k]).sum() for k in range(6)]
                ),
                "that counts the weights; add up their gradients.": counts,
            },
        )


def leaves_no_cluster_out(answer, rng):
    """A value that no weight uses has the gradient zero, but it has one."""
    gradient, indices = rng.normal(size=30), rng.choice([1, 3], 30)
    got = np.asarray(answer(gradient, indices, 5))
    expect(
        got.shape == (5,),
        f"there are 5 shared values, also where no weight uses one; your result has shape"
        f" {got.shape}.",
    )
    expect_close(
        expect_array(got)[[0, 2, 4]],
        np.zeros(3),
        otherwise="a shared value that no weight uses has the gradient 0.",
    )


def is_the_slope_of_the_loss(answer, rng):
    """Moving one shared value a little changes the loss as the gradient says."""
    target, indices = rng.normal(size=(4, 8)), rng.integers(0, 3, (4, 8))
    codebook = rng.normal(size=3)

    def loss(book):
        return 0.5 * np.sum((book[indices] - target) ** 2)

    got = expect_array(answer(codebook[indices] - target, indices, 3), shape=(3,))
    for k in range(3):
        step = 1e-4 * (np.arange(3) == k)
        slope = (loss(codebook + step) - loss(codebook - step)) / 2e-4
        expect_close(
            got[k],
            slope,
            otherwise="moving a shared value by a little does not change the loss as your gradient"
            " says.",
            rtol=1e-4,
            atol=1e-6,
        )


def takes_the_channels_out(answer, rng):
    """The outputs of the first, the entries of the depthwise, the inputs of the next."""
    first, depthwise, following, kept = _kernels(rng)
    got = _three(answer(first, depthwise, following, kept))
    right = first[..., kept], depthwise[:, :, kept], following[:, :, kept]
    wrong = {
        "the first kernel": (
            first[:, :, kept],
            "the last axis of a pointwise kernel holds its outputs; you cut its inputs.",
        ),
        "the depthwise kernel": (
            depthwise,
            "the depthwise kernel still has its old channels: it keeps one filter for each that is"
            " left.",
        ),
        "the following kernel": (
            following,
            "the following kernel still has its old inputs: what is removed before it, it cannot"
            " read.",
        ),
    }
    for array, wanted, (name, (mistake, sentence)) in zip(got, right, wrong.items(), strict=True):
        if array.shape == mistake.shape and np.array_equal(array, mistake):
            expect(False, sentence)
        expect(
            array.shape == wanted.shape,
            f"{name} has shape {array.shape} where {wanted.shape} is expected.",
        )
        expect_close(array, wanted, otherwise=f"{name} holds the wrong channels.")


def answers_as_if_they_were_silent(answer, rng):
    """The small chain computes what the large one does with the other channels at zero."""
    first, depthwise, following, kept = _kernels(rng)
    small = _three(answer(first, depthwise, following, kept))
    x = rng.normal(size=first.shape[2])
    silent = np.zeros(first.shape[3])
    silent[kept] = 1
    expect_close(
        _chain(x, *small),
        _chain(x, first * silent, depthwise, following),
        otherwise="the smaller chain must answer as the large one does with the removed channels"
        " silent.",
        rtol=1e-4,
        atol=1e-4,
    )


def leaves_the_ends_alone(answer, rng):
    """Input and output have as many channels as before; the arguments are not changed."""
    first, depthwise, following, kept = _kernels(rng)
    a, _, c = _three(answer(first, depthwise, following, kept))
    expect(a.shape[2] == first.shape[2], "the inputs of the first kernel must stay as they are.")
    expect(c.shape[3] == following.shape[3], "the outputs of the following kernel must stay.")
    every = np.arange(first.shape[3])
    for old, new in zip(
        (first, depthwise, following),
        _three(answer(first, depthwise, following, every)),
        strict=True,
    ):
        expect_close(new, old, otherwise="keeping every channel must change nothing.")


def _kernels(rng):
    inputs, middle, outputs = 9, 8, int(rng.integers(3, 6))
    shapes = (1, 1, inputs, middle), (3, 3, middle, 1), (1, 1, middle, outputs)
    kept = np.sort(rng.choice(middle, 3, replace=False))
    return *(rng.normal(size=shape).astype(np.float32) for shape in shapes), kept


def _chain(x, first, depthwise, following):
    """What one picture element of constant surroundings becomes."""
    hidden = np.maximum(x @ first[0, 0], 0) * depthwise[..., 0].sum(axis=(0, 1))
    return np.maximum(hidden, 0) @ following[0, 0]


def _three(result) -> list[np.ndarray]:
    expect(
        isinstance(result, (tuple, list)) and len(result) == 3,
        "return three kernels: the first, the depthwise and the following one.",
    )
    arrays = [
        expect_array(kernel, name=f"kernel {number}") for number, kernel in enumerate(result, 1)
    ]
    expect(all(kernel.ndim == 4 for kernel in arrays), "every kernel must keep its four axes.")
    return arrays


def softens_by_the_temperature(answer, rng):
    """softmax(logits / temperature), row by row."""
    softmax = scipy.special.softmax
    for temperature in (0.5, 1.0, 4.0):
        logits = rng.normal(size=(6, 4)) * 3
        expect_close(
            expect_array(answer(logits, temperature), shape=(6, 4)),
            softmax(logits / temperature, axis=1),
            otherwise="that is not the softened softmax: what is divided by the temperature, "
            "and when?",
            likely={
                "divide the logits by the temperature, do not multiply.": softmax(
                    logits * temperature, axis=1
                ),
                "divide the logits before the softmax, not the probabilities after it.": (
                    softmax(logits, axis=1) / temperature
                ),
                "the temperature has no effect yet.": softmax(logits, axis=1),
                "each row is one example: the probabilities of its classes add up to 1.": softmax(
                    (logits / temperature).T, axis=1
                ).T,
            },
        )


def stays_a_distribution(answer, rng):
    """Also where the logits are large."""
    got = np.asarray(answer(np.array([[1000.0, 0.0], [-2000.0, -2000.0]]), 1.0), dtype=float)
    expect(
        got.shape == (2, 2) and bool(np.all(np.isfinite(got))),
        "exp(1000) is infinite: subtract the largest logit of each row first, which changes nothing"
        " else.",
    )
    expect_close(
        got, np.array([[1.0, 0.0], [0.5, 0.5]]), otherwise="large logits give a wrong distribution."
    )


def gets_softer(answer, rng):
    """A higher temperature brings all answers nearer to each other, and keeps their order."""
    logits = rng.permutation(np.arange(5.0))[None]
    cold, hot = (expect_array(answer(logits, t), shape=(1, 5)) for t in (1.0, 10.0))
    expect(
        bool(hot.max() < cold.max() and hot.min() > cold.min()),
        "a higher temperature must make the answers softer.",
    )
    expect(
        bool(np.all(np.argsort(hot) == np.argsort(logits))),
        "the order of the classes must not change.",
    )


EXERCISES = (
    Exercise(
        id="magnitude_mask",
        title="Keep the largest weights",
        points=(
            Point("removes the smallest", removes_the_smallest),
            Point("removes exactly so many", removes_exactly_so_many),
            Point("knows none and all", knows_none_and_all),
        ),
        forbidden=("tinylab.compress.pruning.masks.magnitude_mask",),
    ),
    Exercise(
        id="summed_gradient",
        title="The gradient of a shared value",
        points=(
            Point("sums over each cluster", sums_over_each_cluster),
            Point("leaves no cluster out", leaves_no_cluster_out),
            Point("is the slope of the loss", is_the_slope_of_the_loss),
        ),
        forbidden=("tinylab.compress.deep_compression.weight_sharing.centroid_gradient",),
    ),
    Exercise(
        id="remove_channels",
        title="A channel and all that belongs to it",
        points=(
            Point("takes the channels out", also_fixed(takes_the_channels_out, 3)),
            Point("answers as if they were silent", also_fixed(answers_as_if_they_were_silent, 5)),
            Point("leaves the ends alone", leaves_the_ends_alone),
        ),
    ),
    Exercise(
        id="soft_targets",
        title="A teacher's soft answers",
        points=(
            Point("softens by the temperature", softens_by_the_temperature),
            Point("stays a distribution", stays_a_distribution),
            Point("gets softer", gets_softer),
        ),
        forbidden=("tinylab.compress.distillation.softened",),
    ),
)
