"""The DSP kernels of convolutions at every edge of their blocks: places, channels, words."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from tinylab.deploy.codegen import convert
from tinylab.deploy.emulator import emulate
from tinylab.graph.operators.weighted import conv2d_dsp, depthwise_dsp


def agree(builder, reference, examples, *functions) -> None:
    """Host, emulated Cortex-M4 and LiteRT; `functions` is what the layers must become."""
    content = builder.tflite()
    program = convert(content, kernels="dsp")
    assert [call.function for _, call in program.all_calls()] == list(functions)
    x = examples(program.graph, 5)
    right = reference(content, x)
    np.testing.assert_array_equal(program.predict_quantized(x).reshape(right.shape), right)
    outputs = emulate(program, x[:2]).outputs
    np.testing.assert_array_equal(outputs.reshape(right[:2].shape), right[:2])


@pytest.fixture(params=["nn_conv2d_dsp", "nn_conv2d_parts_dsp"])
def kernel_name(request, monkeypatch):
    """Each of the two kernels, whatever the memory is."""
    parts = request.param == "nn_conv2d_parts_dsp"

    def place(convolution, scratch_bytes, target):
        least = 36 * 4 + 32 * -(-convolution.output[2] // 2)
        return "spare" if not parts or scratch_bytes <= least else ""

    monkeypatch.setattr(conv2d_dsp, "_place", place)
    return request.param


@pytest.mark.parametrize("places", [2, 3, 4, 5, 7])
def test_any_number_of_places(model_builder, reference, examples, places, monkeypatch):
    monkeypatch.setattr(conv2d_dsp, "_place", lambda *_: "spare")
    builder = model_builder((1, 1, places, 5), places).conv2d(6, (1, 1))
    agree(builder, reference, examples, "nn_conv2d_dsp")


@pytest.mark.parametrize(
    ("channels", "out", "kernel"),
    [(1, 3, (3, 3)), (3, 8, (3, 3)), (4, 1, (1, 3)), (2, 4, (5, 1)), (12, 7, (1, 1))],
)
@pytest.mark.parametrize(
    ("stride", "dilation"), [((1, 1), (1, 1)), ((2, 3), (1, 1)), ((1, 1), (2, 1))]
)
def test_any_window(
    model_builder, reference, examples, channels, out, kernel, stride, dilation, monkeypatch
):
    monkeypatch.setattr(conv2d_dsp, "_place", lambda *_: "spare")
    builder = model_builder((1, 8, 9, channels), out)
    builder.conv2d(out, kernel, stride, dilation=dilation, activation="relu6")
    agree(builder, reference, examples, "nn_conv2d_dsp")


@pytest.mark.parametrize(
    ("channels", "out", "kernel"), [(32, 5, (3, 2)), (19, 8, (3, 3)), (40, 7, (2, 2))]
)
@pytest.mark.parametrize(
    ("stride", "dilation"), [((1, 1), (1, 1)), ((2, 1), (1, 1)), ((1, 1), (2, 2))]
)
def test_wide_windows(
    model_builder, reference, examples, kernel_name, channels, out, kernel, stride, dilation
):
    builder = model_builder((1, 7, 6, channels), out)
    builder.conv2d(out, kernel, stride, dilation=dilation, activation="relu6")
    agree(builder, reference, examples, kernel_name)


@pytest.fixture(params=["nn_depthwise_3x3_dsp", "nn_depthwise_taps_dsp"])
def depthwise_name(request, monkeypatch):
    """Each of the two kernels, whatever the size and the memory are."""
    by_place = request.param == "nn_depthwise_taps_dsp"
    monkeypatch.setattr(depthwise_dsp, "_pays_place_by_place", lambda *_: by_place)
    monkeypatch.setattr(depthwise_dsp, "_has_room", lambda *_: True)
    return request.param


@pytest.mark.parametrize(("height", "width"), [(4, 4), (5, 7), (9, 5), (8, 6)])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(("channels", "padding"), [(4, "same"), (6, "valid"), (9, "same")])
def test_depthwise_3x3(
    model_builder, reference, examples, depthwise_name, height, width, stride, channels, padding
):
    height, width = (height + 2, width + 2) if padding == "valid" else (height, width)
    builder = model_builder((1, height, width, channels), height + width)
    builder.depthwise_conv2d((3, 3), (stride, stride), padding=padding, activation="relu")
    agree(builder, reference, examples, depthwise_name)


@pytest.mark.parametrize(
    ("shape", "kernel", "stride", "dilation"),
    [
        ((3, 1, 8), (3, 3), (1, 1), (1, 1)),
        ((1, 6, 5), (3, 3), (1, 1), (1, 1)),
        ((9, 7, 7), (5, 5), (2, 1), (1, 1)),
        ((8, 9, 4), (2, 2), (1, 3), (1, 1)),
        ((8, 9, 6), (3, 3), (1, 1), (2, 3)),
        ((12, 1, 16), (7, 1), (1, 1), (1, 1)),
    ],
)
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_depthwise_of_any_window(
    model_builder, reference, examples, monkeypatch, shape, kernel, stride, dilation, padding
):
    monkeypatch.setattr(depthwise_dsp, "_pays_place_by_place", lambda *_: True)
    if padding == "valid":
        shape = (shape[0] + 6, shape[1] + 6, shape[2])
    builder = model_builder((1, *shape), sum(shape))
    builder.depthwise_conv2d(kernel, stride, dilation=dilation, padding=padding, activation="relu6")
    agree(builder, reference, examples, "nn_depthwise_taps_dsp")


@pytest.mark.parametrize(
    ("shape", "multiplier", "dilation", "has_room", "function"),
    [
        ((5, 5, 3), 1, (1, 1), True, "nn_depthwise_conv2d_dsp"),
        ((6, 9, 5), 2, (1, 1), True, "nn_depthwise_conv2d_dsp"),
        ((7, 6, 3), 1, (1, 1), False, "nn_conv2d_dsp"),
        ((9, 6, 2), 3, (1, 1), True, "nn_conv2d_dsp"),
        ((8, 9, 3), 1, (2, 1), True, "nn_conv2d_dsp"),
        ((8, 8, 1), 5, (1, 2), True, "nn_conv2d_dsp"),
    ],
)
def test_depthwise_of_few_channels(
    model_builder, reference, examples, monkeypatch, shape, multiplier, dilation, has_room, function
):
    """Of fewer than four, a conv2d with zeros is faster, or needs no memory."""
    monkeypatch.setattr(conv2d_dsp, "_place", lambda *_: "spare")
    monkeypatch.setattr(depthwise_dsp, "_has_room", lambda *_: has_room)
    builder = model_builder((1, *shape), multiplier)
    builder.depthwise_conv2d((3, 3), multiplier=multiplier, dilation=dilation, activation="relu")
    agree(builder, reference, examples, function)


def test_many_taps(model_builder, reference, examples):
    """Of more than 27, offsets lie in scratch memory."""
    builder = model_builder((1, 12, 9, 6), 1).depthwise_conv2d((7, 5), (2, 1), padding="same")
    agree(builder, reference, examples, "nn_depthwise_taps_dsp")
    assert convert(builder.tflite(), kernels="dsp").calls[0][0].scratch_bytes == 4 * 36 + 6


@pytest.mark.parametrize(
    ("shape", "kernel", "stride", "dilation"),
    [
        ((6, 7, 3), (3, 3), (1, 1), (1, 1)),  # a window fits the stack
        ((20, 1, 5), (4, 1), (3, 1), (1, 1)),  # and its values lie one behind the other
        ((1, 19, 4), (1, 5), (1, 2), (1, 1)),
        ((7, 6, 9), (3, 3), (2, 1), (1, 1)),  # row by row
        ((7, 6, 30), (2, 3), (1, 1), (1, 1)),  # a row in parts
        ((9, 8, 5), (3, 3), (1, 1), (2, 2)),
    ],
)
@pytest.mark.parametrize(("out", "padding"), [(8, "same"), (5, "valid"), (2, "same")])
def test_convolutions_without_scratch(
    model_builder, reference, examples, monkeypatch, shape, kernel, stride, dilation, out, padding
):
    monkeypatch.setattr(conv2d_dsp, "_place", lambda *_: "")
    monkeypatch.setattr(conv2d_dsp, "_grows_too_much", lambda *_: True)
    builder = model_builder((1, *shape), sum(shape) + out)
    options = {"dilation": dilation, "padding": padding, "activation": "relu6"}
    builder.conv2d(out, kernel, stride, **options)
    agree(builder, reference, examples, "nn_conv2d_direct_dsp")
    program = convert(builder.tflite(), kernels="dsp")
    assert program.arena_bytes == program.report().live_bytes


@pytest.mark.parametrize("shape", [(16, 16), (1, 256)])
def test_memory_is_borrowed_from_both_ends(model_builder, reference, examples, shape):
    """The peak has no spare memory: the windows lie in the output, then in the input."""
    builder = model_builder((1, *shape, 8), 1).conv2d(8, (min(shape[0], 3), 3))
    agree(builder, reference, examples, "nn_conv2d_dsp")
    program = convert(builder.tflite(), kernels="dsp")
    assert program.arena_bytes == program.report().live_bytes == 2 * 256 * 8
    assert re.search(r"nn_conv2d_dsp\(.*, 0\);", program.sources[f"{program.name}.c"])


def test_an_input_that_is_read_again_lends_nothing(model_builder, reference, examples):
    builder = model_builder((1, 16, 16, 8), 2)
    source = builder.last
    builder.conv2d(8, (3, 3)).add(builder.last, source)
    content = builder.tflite()
    program = convert(content, kernels="dsp")
    assert not any(call.finds_scratch for _, call in program.all_calls())
    x = examples(program.graph, 3)
    right = reference(content, x)
    np.testing.assert_array_equal(program.predict_quantized(x).reshape(right.shape), right)


@pytest.mark.parametrize("channels", [16, 17])
@pytest.mark.parametrize(("out", "stride"), [(8, (1, 1)), (17, (2, 2))])
def test_windows_in_parts(model_builder, reference, examples, channels, out, stride):
    """Four windows of 5 x 5 x 16 take 3 kB, which no end can lend."""
    builder = model_builder((1, 16, 15, channels), channels)
    builder.conv2d(out, (5, 5), stride, activation="relu")
    agree(builder, reference, examples, "nn_conv2d_parts_dsp")
    report = convert(builder.tflite(), kernels="dsp").report()
    assert report.arena_bytes <= 1.05 * report.live_bytes


def test_lent_memory_is_never_in_use():
    """By a walk through all places: what is lent is neither read nor written any more."""
    rng, lends = np.random.default_rng(0), 0
    for _ in range(400):
        height, width, channels, out = (int(rng.integers(1, 20)) for _ in range(4))
        stride, pad, scratch = (
            int(rng.integers(1, 3)),
            int(rng.integers(0, 3)),
            int(rng.integers(8, 900)),
        )
        convolution = SimpleNamespace(
            input=(height, width, channels),
            output=(-(-height // stride), -(-width // stride), out),
            window=SimpleNamespace(
                stride_height=stride, pad_top=pad, stride_width=stride, pad_left=pad
            ),
        )
        if not conv2d_dsp._can_borrow(convolution, scratch):
            continue
        lends += 1
        places, size = convolution.output[0] * convolution.output[1], np.prod(convolution.output)
        for first in range(0, places, 4):
            start = min(first, places - 4)
            y, x = divmod(start, convolution.output[1])
            read = ((y * stride - pad) * width if height > 1 else x * stride - pad) * channels
            assert read >= scratch or (start + 4) * out <= ((size - scratch) & ~3)
    assert lends > 50
