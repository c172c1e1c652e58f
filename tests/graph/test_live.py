"""Dead channels: by hand, by running random inputs, and in the published model."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from tinylab.graph import Graph, Op, Tensor, count, live_channels, live_shares, read_tflite


def chain() -> Graph:
    """1x1 convolution (3 of 4 outputs live), depthwise (2 live), 1x1 convolution on those."""
    first = np.ones((4, 1, 1, 2), np.int8)
    first[1] = 0
    middle = np.ones((1, 3, 3, 4), np.int8)
    middle[..., 3] = 0
    last = np.zeros((2, 1, 1, 4), np.int8)
    last[0, 0, 0, 1] = 5
    last[1, 0, 0, 2] = 5
    shapes = [(1, 8, 8, 2), (1, 8, 8, 4), (1, 8, 8, 4), (1, 8, 8, 2)]
    tensors = [Tensor(f"a{i}", shape, "int8") for i, shape in enumerate(shapes)]
    tensors += [Tensor("w", data.shape, "int8", data=data) for data in (first, middle, last)]
    ops = (
        Op("conv2d", (0, 4), (1,)),
        Op("depthwise_conv2d", (1, 5), (2,)),
        Op("conv2d", (2, 6), (3,)),
    )
    return Graph("chain", tuple(tensors), ops, (0,), (3,))


def test_death_spreads_along_a_chain():
    live = live_channels(chain())
    np.testing.assert_array_equal(live[1], [True, False, True, True])
    np.testing.assert_array_equal(live[2], [True, False, True, False])
    np.testing.assert_array_equal(live[3], [False, True])


def test_shares_by_hand():
    graph = chain()
    shares = live_shares(graph, count(graph).per_op)
    assert shares == ((0.75, 0.75), (0.5, 0.5), (0.25, 0.5))


def test_a_model_without_zero_rows_is_all_live(real_data):
    graph = read_tflite(real_data / "reference_models" / "kws_ref_model.tflite")
    assert live_channels(graph) == {}


def test_half_of_the_published_visual_wake_words_model_is_dead(real_data):
    graph = read_tflite(real_data / "reference_models" / "vww_96_int8.tflite")
    footprint = count(graph)
    shares = live_shares(graph, footprint.per_op)
    live = sum(op.macs * share for op, (share, _) in zip(footprint.per_op, shares, strict=True))
    assert live / footprint.macs == pytest.approx(0.4996, abs=1e-3)


def test_dead_channels_never_vary_inside_the_picture(real_data):
    """Away from the border, where zero padding meets the constant, a dead channel is constant."""
    path = real_data / "reference_models" / "vww_96_int8.tflite"
    live = live_channels(read_tflite(path))
    interpreter = Interpreter(str(path), experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    rng = np.random.default_rng(3)
    seen = {index: [] for index, alive in live.items() if not alive.all()}
    for _ in range(3):
        interpreter.set_tensor(0, rng.integers(-128, 128, (1, 96, 96, 3), dtype=np.int8))
        interpreter.invoke()
        for index, values in seen.items():
            values.append(interpreter.get_tensor(index))
    checked = 0
    for index, values in seen.items():
        stacked = np.concatenate(values)[..., ~live[index]]
        if stacked.ndim == 4 and stacked.shape[1] == 6:
            inside = stacked[:, 2:-2, 2:-2]
            assert np.all(inside.min(axis=(0, 1, 2)) == inside.max(axis=(0, 1, 2)))
            checked += inside.shape[-1]
    assert checked > 500
