"""Exercises of notebooks/source/02_visual_wake_words/1_train.py."""

from collections.abc import Callable

import numpy as np
import scipy  # its parts are loaded when they are first used

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import (
    also_fixed,
    expect,
    expect_array,
    expect_close,
    expect_number,
)

__all__ = ["EXERCISES"]


def _by_channel(
    filtered: Callable, border: str, picture: np.ndarray, kernel: np.ndarray
) -> np.ndarray:
    """Each channel through scipy's `filtered`, with its border."""
    channels = range(picture.shape[-1])
    return np.stack(
        [filtered(picture[..., c], kernel[..., c], mode=border) for c in channels], axis=-1
    )


def slides_each_kernel(answer, rng):
    """Every channel has a kernel of its own."""
    for rows, columns, channels in ((5, 7, 3), (4, 4, 1), (9, 3, 6)):
        picture, kernel = (
            rng.normal(size=(rows, columns, channels)),
            rng.normal(size=(3, 3, channels)),
        )
        got = expect_array(answer(picture, kernel))
        right = _by_channel(scipy.ndimage.correlate, "constant", picture, kernel)
        expect(
            got.shape != (rows - 2, columns - 2, channels),
            "the border is missing: pad the picture with one zero all around, so that it keeps its"
            " size.",
        )
        expect(
            got.shape != (rows, columns) or channels == 1,
            "the channels were added up; that is the pointwise convolution's work.",
        )
        expect_array(got, shape=right.shape)
        expect_close(
            got,
            right,
            otherwise="work out one output value by hand: nine products, all of one channel.",
            likely={
                "the kernel is not turned round: networks correlate, they do not convolve.": (
                    _by_channel(scipy.ndimage.convolve, "constant", picture, kernel)
                ),
                "the border should see zeros, not the edge repeated.": (
                    _by_channel(scipy.ndimage.correlate, "nearest", picture, kernel)
                ),
            },
        )


def keeps_channels_apart(answer, rng):
    """Changing one channel of the picture changes that channel of the result alone."""
    picture, kernel = rng.normal(size=(6, 6, 4)), rng.normal(size=(3, 3, 4))
    before = expect_array(answer(picture.copy(), kernel), shape=picture.shape)
    picture[..., 2] += 1
    after = expect_array(answer(picture, kernel), shape=picture.shape)
    others = [0, 1, 3]
    expect_close(
        after[..., others],
        before[..., others],
        otherwise="a channel may not see the other channels.",
    )
    expect(
        not np.allclose(after[..., 2], before[..., 2]), "the result ignores one of the channels."
    )


def passes_a_picture_through(answer, rng):
    """A kernel that is 1 in the middle gives the picture back."""
    picture, kernel = rng.normal(size=(5, 4, 2)), np.zeros((3, 3, 2))
    kernel[1, 1] = 1
    expect_close(
        expect_array(answer(picture, kernel)),
        picture,
        otherwise="a kernel that is 1 in the middle and 0 elsewhere must give the picture back.",
    )


def scales_both_ways(answer, rng):
    """Channels shrink with the width, rows and columns with the resolution."""
    for _ in range(5):
        rows = int(rng.integers(3, 30)) * 8
        inputs, outputs = (int(n) * 16 for n in rng.integers(1, 20, 2))
        # Never equal, or two mistakes would give one number.
        width, resolution = (
            float(rng.choice((0.25, 0.5, 0.75))),
            float(rng.choice((0.375, 0.625, 0.875))),
        )
        i, o, r = inputs * width, outputs * width, rows * resolution
        expect_close(
            expect_number(answer(rows, inputs, outputs, width, resolution)),
            r * r * (9 * i + i * o),
            otherwise="scale everything first; then count for one position, and only then for"
            " all of them.",
            likely={
                "the resolution counts twice: there are fewer rows and fewer columns.": (
                    rows * r * (9 * i + i * o)
                ),
                "the width counts for the inputs as well as for the outputs.": (
                    r * r * (9 * inputs + inputs * o)
                ),
                "not everything falls with the square of the width: the depthwise part has no"
                " outputs.": (rows**2 * (9 * inputs + inputs * outputs) * width**2 * resolution**2),
                "the depthwise part is missing.": r * r * i * o,
            },
            rtol=1e-6,
        )


def counts_a_block_of_the_model(answer, rng):
    """The blocks of 512 channels at width 0.25 and 96 pixels: 631,296 MACs each."""
    expect_close(
        expect_number(answer(14, 512, 512, 0.25, 96 / 224)),
        36 * (9 * 128 + 128 * 128),
        otherwise="at width 0.25 and 96 of 224 pixels a block of 512 channels takes 631,296 MACs.",
        rtol=1e-6,
    )


def follows_the_focal_formula(answer, rng):
    """-(1 - p)^gamma * log p, for arrays."""
    p, gamma = rng.uniform(0.02, 0.98, 40), float(rng.uniform(0.7, 4))
    expect_close(
        expect_array(answer(p, gamma), shape=(40,)),
        -((1 - p) ** gamma) * np.log(p),
        otherwise="that is not the focal loss of the formula above: check the sign, the power"
        " and the logarithm.",
        likely={
            "p**gamma keeps the easy examples; weigh with (1 - p)**gamma.": -(p**gamma) * np.log(p),
            "the logarithm is of p, the probability of the true class.": (
                -((1 - p) ** gamma) * np.log(1 - p)
            ),
            "a loss is positive: the minus is missing.": ((1 - p) ** gamma) * np.log(p),
            "use the natural logarithm, as cross-entropy does.": -((1 - p) ** gamma) * np.log10(p),
            "raise (1 - p) to the power gamma, do not multiply it by gamma.": (
                -gamma * (1 - p) * np.log(p)
            ),
        },
    )


def is_cross_entropy_at_zero(answer, rng):
    """gamma 0 is cross-entropy."""
    p = rng.uniform(0.01, 0.99, 20)
    expect_close(
        expect_array(answer(p, 0.0), shape=(20,)),
        -np.log(p),
        otherwise="with gamma 0 the focal loss is the cross-entropy.",
    )


def quietens_the_sure(answer, rng):
    """The published example: at gamma 2 an example with p = 0.9 counts 100 times less."""
    p = np.array([0.9])
    ratio = expect_array(answer(p, 0.0)) / expect_array(answer(p, 2.0))
    expect_close(
        ratio,
        [100.0],
        otherwise="at gamma 2, p = 0.9 must count 100 times less than at gamma 0.",
        rtol=1e-4,
    )


def _heat(maps, gradients):
    return np.maximum((maps * gradients.mean(axis=(0, 1))).sum(axis=-1), 0)


def weighs_the_channels(answer, rng):
    """Each channel counts by its mean gradient; what speaks against the class is cut off."""
    for _ in range(4):
        maps, gradients = rng.uniform(0, 1, (6, 5, 8)), rng.normal(size=(6, 5, 8))
        right = _heat(maps, gradients)
        if right.max() == 0:
            continue
        got = expect_array(answer(maps, gradients), shape=(6, 5))
        signed = (maps * gradients.mean(axis=(0, 1))).sum(axis=-1)
        each = np.maximum((maps * gradients).sum(axis=-1), 0)
        expect_close(
            got,
            right / right.max(),
            otherwise="weigh each channel with its mean gradient, add up, cut at 0, divide by the"
            " maximum.",
            likely={
                "what speaks against the class stays in: cut off below 0.": signed / signed.max(),
                "divide by the largest value, so that it becomes 1.": right,
                "average the gradient over all positions first: one weight a channel.": (
                    each / each.max()
                ),
                "the maps' own values are missing: the weights alone are the same everywhere.": (
                    np.ones((6, 5))
                ),
            },
        )


def survives_nothing(answer, rng):
    """If nothing speaks for the class the map is zero, not NaN."""
    got = np.asarray(answer(np.ones((3, 3, 2)), -np.ones((3, 3, 2))), dtype=float)
    expect(
        got.shape == (3, 3) and bool(np.all(np.isfinite(got))),
        "if nothing speaks for the class, the maximum is 0: do not divide by it.",
    )
    expect_close(
        got, np.zeros((3, 3)), otherwise="if nothing speaks for the class the map is zero."
    )


EXERCISES = (
    Exercise(
        id="depthwise_conv2d",
        title="A depthwise convolution by hand",
        points=(
            Point("slides each kernel", slides_each_kernel),
            Point("keeps channels apart", keeps_channels_apart),
            Point("passes a picture through", passes_a_picture_through),
        ),
        forbidden=("keras.ops.depthwise_conv",),
    ),
    Exercise(
        id="scaled_macs",
        title="What the two multipliers save",
        points=(
            Point("scales both ways", scales_both_ways),
            Point("counts a block of the model", counts_a_block_of_the_model),
        ),
    ),
    Exercise(
        id="focal_loss",
        title="Listen to the hard examples",
        points=(
            Point("follows the formula", follows_the_focal_formula),
            Point("is cross-entropy at zero", is_cross_entropy_at_zero),
            Point("quietens the sure", quietens_the_sure),
        ),
        forbidden=("tinylab.models.losses.FocalLoss",),
    ),
    Exercise(
        id="grad_cam_map",
        title="Where the network looks",
        points=(
            Point("weighs the channels", also_fixed(weighs_the_channels, 2)),
            Point("survives nothing", survives_nothing),
        ),
    ),
)
