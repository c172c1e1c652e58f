"""A model file with wrong bytes in it is optimized, or refused with a `ValueError`."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.graph.sketch import Sketch
from tinylab.graph import read_tflite
from tinylab.graph.passes import optimize
from tinylab.graph.writer import write_tflite


@pytest.fixture(scope="module")
def stored_models():
    first = Sketch((1, 8, 8, 2)).pad(0, 1, 0, 1).conv2d(stride=2, padding="valid").affine("mul")
    first.unary("relu").conv2d(kind="depthwise_conv2d").affine("add").reshape(1, 64).dense()
    second = Sketch((1, 4))
    second.op("mul", (4,), [second.constant(np.full(4, 3.0))], inputs=[second.constant(np.ones(4))])
    second.op("add", (1, 4), [second.last], inputs=[0], fused_activation="none")
    return [write_tflite(sketch.graph()) for sketch in (first, second)]


@given(data=st.data())
@settings(max_examples=200)
def test_damaged_models_end_in_a_value_error(stored_models, data):
    content = bytearray(data.draw(st.sampled_from(stored_models)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = 4 * data.draw(st.integers(0, len(content) // 4 - 1))
        value = data.draw(st.sampled_from([0, 1, 2, 3, -1, 2**31 - 1, -(2**31), 65_536]))
        content[at : at + 4] = np.int32(value).tobytes()
    with contextlib.suppress(ValueError):
        optimize(read_tflite(bytes(content)))
