"""Emulated times against what was measured on a real Cortex-M4 with open kernels."""

import numpy as np
import pytest

from tinylab.deploy.codegen import convert
from tinylab.deploy.emulator import Emulator, cycle_factor
from tinylab.deploy.emulator.real_chip import NETWORKS, published_cycles
from tinylab.deploy.emulator.timing import timings

FILES = {"ad": "ad01_int8.tflite", "kws": "kws_ref_model.tflite", "vww": "vww_96_int8.tflite"}


@pytest.mark.parametrize("name", NETWORKS)
def test_each_network_lies_within_15_percent(name):
    emulated_ms = timings()["emulated_cycles"][name] * cycle_factor().factor / 120e3
    assert emulated_ms == pytest.approx(published_cycles(name) / 120e3, rel=0.15)


@pytest.mark.parametrize("name", NETWORKS)
def test_each_network_left_out_lies_within_the_range(name):
    factor, table = cycle_factor(), timings()["emulated_cycles"]
    others = [one for one in NETWORKS if one != name]
    mean = np.exp(np.mean([np.log(published_cycles(o) / table[o]) for o in others]))
    ratio = published_cycles(name) / table[name] / mean
    assert factor.low / factor.factor <= ratio * (1 + 1e-9)
    assert ratio <= factor.high / factor.factor * (1 + 1e-9)
    assert factor.high / factor.factor < 1.16


@pytest.mark.parametrize("name", NETWORKS)
def test_the_emulated_cycles_are_those_of_the_reference_models(name, real_data):
    """Another compiler's version may move them a little."""
    content = (real_data / "reference_models" / FILES[name]).read_bytes()
    program = convert(content, kernels="dsp")
    shape = program.graph.tensors[program.graph.inputs[0]].shape
    x = np.random.default_rng(0).integers(-128, 128, shape, dtype=np.int8)
    cycles = Emulator(program).run(x).cycles
    assert cycles == pytest.approx(timings()["emulated_cycles"][name], rel=0.03)
