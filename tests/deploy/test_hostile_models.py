"""Damaged and hostile model files end in a ValueError, never in a crash or a runaway."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinylab.deploy.codegen import convert
from tinylab.graph import read_tflite
from tinylab.graph.memory import plan
from tinylab.graph.passes import optimize

QUICK = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def compile_or_refuse(content: bytes) -> str:
    """What a notebook does with a model file."""
    try:
        graph = read_tflite(content)
        plan(graph)
        optimize(graph)
        program = convert(graph, kernels="dsp")
    except ValueError as error:
        assert str(error), "the error says something"
        return "refused"
    assert program.arena_bytes <= 2**24
    return "compiled"


@pytest.fixture(scope="module")
def contents(models):
    return [models[name].tflite() for name in ("ds_cnn", "residual", "odd")]


@given(data=st.data())
@QUICK
def test_flipped_bytes(contents, data):
    content = bytearray(data.draw(st.sampled_from(contents)))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    compile_or_refuse(bytes(content))


@given(data=st.data())
@QUICK
def test_overwritten_words(contents, data):
    """Sizes, offsets and options are 32-bit words: extreme values are what hurts."""
    content = bytearray(data.draw(st.sampled_from(contents)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = 4 * data.draw(st.integers(0, len(content) // 4 - 1))
        value = data.draw(st.sampled_from([0, 1, -1, 2**31 - 1, -(2**31), 65_536, 4, 255]))
        content[at : at + 4] = np.int32(value).tobytes()
    compile_or_refuse(bytes(content))


@given(data=st.data())
@QUICK
def test_cut_off(contents, data):
    content = data.draw(st.sampled_from(contents))
    compile_or_refuse(content[: data.draw(st.integers(0, len(content)))])


@given(st.binary(max_size=200))
@QUICK
def test_noise(noise):
    assert compile_or_refuse(noise[:4] + b"TFL3" + noise[4:]) == "refused"


def test_damaged_models_that_compile_also_run(contents):
    """What is accepted is safe to run: the kernels stay inside their memory."""
    rng = np.random.default_rng(0)
    ran = 0
    for content in contents:
        for _ in range(150):
            damaged = bytearray(content)
            at = 4 * int(rng.integers(0, len(content) // 4))
            damaged[at : at + 4] = np.int32(rng.choice([0, 1, 2, 3, 7, 100])).tobytes()
            if (
                ran < 6
                and bytes(damaged) != content
                and compile_or_refuse(bytes(damaged)) == "compiled"
            ):
                program = convert(bytes(damaged), kernels="dsp")
                x = rng.integers(-128, 128, program.input.elements).astype(np.int8)
                assert program.predict_quantized(x).dtype == np.int8
                ran += 1
    assert ran == 6
