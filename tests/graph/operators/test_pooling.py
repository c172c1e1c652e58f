"""Reductions, pools and softmax equal LiteRT's reference kernels in numpy, C, and the emulator."""

import pytest

from tests.graph.operators.bundle import Bundle, assert_all_agree, c_outputs, litert, numpy_outputs
from tinylab.graph import UnsupportedOperatorError
from tinylab.graph.evaluate import evaluate_ops

SHAPE = (1, 6, 5, 4)
AXES = (
    ([1, 2], (1, 1, 1, 4), (1, 4)),
    ([3], (1, 6, 5, 1), (1, 6, 5)),
    ([1, 3], (1, 1, 5, 1), (1, 5)),
    ([2, -1], (1, 6, 1, 1), (1, 6)),
)


def test_reductions():
    bundle = Bundle()
    x, three = bundle.input(SHAPE), bundle.input((1, 9, 4), scale=0.03)
    for axes, kept, gone in AXES:
        numbers = bundle.constant(axes)
        bundle.op("mean", [x, numbers], kept, scale=0.03, keep_dims=True)
        bundle.op("mean", [x, numbers], gone, scale=0.03, keep_dims=False)
    bundle.op("mean", [three, bundle.constant([1])], (1, 4), scale=0.03, keep_dims=False)
    for kind in ("reduce_max", "reduce_min"):
        bundle.op(kind, [x, bundle.constant([1, 2])], (1, 4), zero_point=3, keep_dims=False)
        bundle.op(kind, [x, bundle.constant([1])], (1, 1, 5, 4), zero_point=3, keep_dims=True)
    assert_all_agree(bundle.graph(), bundle.examples(4))


def test_reductions_of_sixteen_bits():
    bundle = Bundle()
    x = bundle.input(SHAPE, "int16", 0.001, 0)
    wide = {"dtype": "int16", "zero_point": 0, "keep_dims": False}
    for axes, _, gone in AXES:
        bundle.op("mean", [x, bundle.constant(axes)], gone, scale=0.0008, **wide)
    for kind in ("reduce_max", "reduce_min"):
        bundle.op(kind, [x, bundle.constant([1, 2])], (1, 4), scale=0.001, **wide)
    assert_all_agree(bundle.graph(), bundle.examples(4))


def test_sums():
    """LiteRT's reference kernel answers -1 to everything, so the oracle is its other one."""
    bundle = Bundle()
    x = bundle.input(SHAPE)
    for axes, kept, gone in AXES:
        numbers = bundle.constant(axes)
        bundle.op("sum", [x, numbers], kept, scale=0.4, keep_dims=True)
        bundle.op("sum", [x, numbers], gone, scale=0.4, keep_dims=False)
    graph, values = bundle.graph(), bundle.examples(4)
    expected = litert(graph, values, "BUILTIN_WITHOUT_DEFAULT_DELEGATES")
    for outputs in (numpy_outputs(graph, values), c_outputs(graph, values, "plain")):
        for got, right in zip(outputs, expected, strict=True):
            assert (got == right.reshape(got.shape)).all()


def test_pools():
    bundle = Bundle()
    x = bundle.input(SHAPE)
    for kind in ("average_pool2d", "max_pool2d"):
        for size, stride, padding, shape in (
            ((2, 2), 2, "valid", (1, 3, 2, 4)),
            ((3, 3), 2, "same", (1, 3, 3, 4)),
            ((6, 5), 1, "valid", (1, 1, 1, 4)),
        ):
            options = {"filter_height": size[0], "filter_width": size[1], "padding": padding}
            options |= {"stride_h": stride, "stride_w": stride, "fused_activation": "relu"}
            bundle.op(kind, [x], shape, zero_point=3, **options)
    assert_all_agree(bundle.graph(), bundle.examples(4))


@pytest.mark.parametrize("dtype", ["int16", "float32"])
def test_pools_of_other_types(dtype):
    bundle = Bundle()
    x = bundle.input(SHAPE, dtype, 0.001, 0)
    options = {"filter_height": 3, "filter_width": 2, "padding": "same", "stride_h": 2}
    options |= {"stride_w": 1, "fused_activation": "none", "dtype": dtype}
    for kind in ("average_pool2d", "max_pool2d"):
        bundle.op(kind, [x], (1, 3, 5, 4), scale=0.001, zero_point=0, **options)
    assert_all_agree(bundle.graph(), bundle.examples(4), rtol=1e-6, atol=1e-6)


def test_largest_position():
    bundle = Bundle()
    x = bundle.input(SHAPE)
    for axis, shape in ((3, (1, 6, 5)), (1, (1, 5, 4))):
        for dtype in ("int32", "int64"):
            numbers = bundle.constant(axis)
            bundle.op("arg_max", [x, numbers], shape, dtype=dtype, output_type=_code(dtype))
    assert_all_agree(bundle.graph(), bundle.examples(6))


def _code(dtype: str) -> int:
    return {"int32": 2, "int64": 4}[dtype]


def test_softmax_of_each_type():
    """The numpy reference of integers rounds what is exact, so only C is compared here."""
    bundle = Bundle()
    x = bundle.input((1, 3, 10))
    wide = bundle.input((1, 3, 10), "int16", 0.0005, 0)
    bundle.op("softmax", [x], (1, 3, 10), scale=1 / 256, zero_point=-128, beta=1.0)
    bundle.op(
        "softmax", [x], (1, 3, 10), dtype="int16", scale=1 / 65536, zero_point=-32768, beta=0.5
    )
    bundle.op("softmax", [wide], (1, 3, 10), dtype="int16", scale=1 / 32768, zero_point=0, beta=1.0)
    values, graph = bundle.examples(30), bundle.graph()
    expected = litert(graph, values)
    for emulated in (False, True):
        outputs = c_outputs(graph, values, "plain", emulated=emulated)
        for got, right in zip(outputs, expected, strict=True):
            assert (got == right.reshape(got.shape)).all()


def test_axes_that_do_not_exist_are_refused():
    bundle = Bundle()
    x = bundle.input(SHAPE)
    bundle.op("mean", [x, bundle.constant([4])], (1, 4), keep_dims=False)
    with pytest.raises(UnsupportedOperatorError, match="axes"):
        evaluate_ops(bundle.graph(), {x: bundle.examples(1)[0][0]})
