"""Operators that move elements equal LiteRT's reference kernels in numpy, C, and the emulator."""

import numpy as np
import pytest

from tests.graph.operators.bundle import Bundle, assert_all_agree, c_outputs, numpy_outputs
from tinylab.graph import UnsupportedOperatorError
from tinylab.graph.evaluate import evaluate_ops

SHAPE = (1, 6, 4, 8)
SAME = {"scale": 0.05, "zero_point": 3}


def moves(bundle: Bundle, x: int, **same) -> None:
    """Each moving operator once or more, on one input of `SHAPE`."""
    numbers = bundle.constant
    bundle.op("transpose", [x, numbers([0, 3, 1, 2])], (1, 8, 6, 4), **same)
    bundle.op("transpose", [x, numbers([3, 2, 1, 0])], (8, 4, 6, 1), **same)
    for begin, end, step, masks, shape in (
        ([0, 1, 0, 2], [1, 5, 4, 7], [1, 2, 1, 3], {}, (1, 2, 4, 2)),
        ([0, -1, 0, 0], [1, 0, 4, 8], [1, -2, 1, 1], {"end_mask": 12}, (1, 3, 4, 8)),
        ([0, 2], [1, 3], [1, 1], {"shrink_axis_mask": 2}, (1, 4, 8)),
        ([0, 0], [0, 3], [1, 1], {"ellipsis_mask": 1}, (1, 6, 4, 3)),
    ):
        parts = [numbers(values) for values in (begin, end, step)]
        bundle.op("strided_slice", [x, *parts], shape, **masks, **same)
    bundle.op("slice", [x, numbers([0, 2, 1, 0]), numbers([1, 3, -1, 5])], (1, 3, 3, 5), **same)
    bundle.op("concatenation", [x, x], (1, 6, 8, 8), axis=2, fused_activation="none", **same)
    bundle.op("concatenation", [x, x, x], (1, 6, 4, 24), axis=-1, fused_activation="none", **same)
    bundle.op("pack", [x, x], (1, 6, 2, 4, 8), axis=2, values_count=2, **same)
    bundle.op("unpack", [x], *[(1, 6, 8)] * 4, axis=2, num=4, **same)
    bundle.op("split", [numbers(3), x], *[(1, 6, 4, 4)] * 2, num_splits=2, **same)
    sizes = numbers([1, 5])
    bundle.op("split_v", [x, sizes, numbers(1)], (1, 1, 4, 8), (1, 5, 4, 8), num_splits=2, **same)
    bundle.op("pad", [x, numbers([[0, 0], [1, 2], [0, 1], [2, 0]])], (1, 9, 5, 10), **same)
    bundle.op("space_to_depth", [x], (1, 3, 2, 32), block_size=2, **same)
    bundle.op("depth_to_space", [x], (1, 12, 8, 2), block_size=2, **same)
    bundle.op("reshape", [x, numbers([1, 24, 8])], (1, 24, 8), **same)


def test_bytes():
    bundle = Bundle()
    x = bundle.input(SHAPE)
    moves(bundle, x, **SAME)
    three = bundle.input((1, 5, 3))
    bundle.op("pad", [three, bundle.constant([[0, 0], [2, 0], [0, 0]])], (1, 7, 3), **SAME)
    graph = bundle.graph()
    assert_all_agree(graph, bundle.examples(3))


def test_words():
    bundle = Bundle()
    moves(bundle, bundle.input(SHAPE, "float32"), dtype="float32")
    assert_all_agree(bundle.graph(), bundle.examples(3))


def test_tiles():
    """`tile` of bytes is not among LiteRT's reference kernels: numpy is the oracle."""
    bundle = Bundle()
    x = bundle.input(SHAPE)
    bundle.op("tile", [x, bundle.constant([1, 2, 1, 3])], (1, 12, 4, 24), **SAME)
    values = bundle.examples(2)
    expected = np.tile(values[0], (1, 1, 2, 1, 3))
    for outputs in (
        numpy_outputs(bundle.graph(), values),
        c_outputs(bundle.graph(), values, "plain"),
    ):
        np.testing.assert_array_equal(outputs[0], expected.reshape(outputs[0].shape))


def test_images_of_another_size():
    bundle = Bundle()
    x = bundle.input((1, 5, 4, 3))
    for size in ((10, 8), (7, 9), (3, 2), (1, 1)):
        for option in ({}, {"align_corners": True}, {"half_pixel_centers": True}):
            numbers, shape = bundle.constant(size), (1, *size, 3)
            for kind in ("resize_nearest_neighbor", "resize_bilinear"):
                bundle.op(kind, [x, numbers], shape, **SAME, **option)
    real = bundle.input((1, 5, 4, 3), "float32")
    numbers = bundle.constant((10, 8))
    bundle.op("resize_nearest_neighbor", [real, numbers], (1, 10, 8, 3), dtype="float32")
    assert_all_agree(bundle.graph(), bundle.examples(4))


def test_real_images_of_another_size():
    bundle = Bundle()
    x = bundle.input((1, 5, 4, 3), "float32")
    for size in ((10, 8), (7, 9), (3, 2), (1, 1)):
        for option in ({}, {"align_corners": True}, {"half_pixel_centers": True}):
            numbers, shape = bundle.constant(size), (1, *size, 3)
            bundle.op("resize_bilinear", [x, numbers], shape, dtype="float32", **option)
    assert_all_agree(bundle.graph(), bundle.examples(3), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "numbers", "shape"),
    [
        ("transpose", [[0, 1, 2, 2]], SHAPE),
        ("slice", [[0, 3, 0, 0], [1, 9, 4, 8]], (1, 9, 4, 8)),
        ("pad", [[[0, 0], [-1, 0], [0, 0], [0, 0]]], (1, 5, 4, 8)),
        ("reshape", [[1, 7, 8]], (1, 7, 8)),
        ("strided_slice", [[0] * 4, [1] * 4, [0] * 4], SHAPE),
    ],
)
def test_what_does_not_fit_is_refused(kind, numbers, shape):
    bundle = Bundle()
    x = bundle.input(SHAPE)
    bundle.op(kind, [x, *map(bundle.constant, numbers)], shape, **SAME)
    values = {x: bundle.examples(1)[0][0]}
    with pytest.raises(UnsupportedOperatorError, match=f"operator 0, {kind}"):
        evaluate_ops(bundle.graph(), values)
