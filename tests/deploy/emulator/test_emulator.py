"""The emulated Cortex-M4: same answers, plausible counts, clear errors."""

import os
from importlib.resources import files

import numpy as np
import pytest

from tinylab.deploy import toolchain
from tinylab.deploy.codegen import convert
from tinylab.deploy.emulator import Emulator, counting, emulate, machine
from tinylab.deploy.emulator.elf import Elf, ElfSymbol
from tinylab.deploy.emulator.thumb import CLASSES, decode, decode_block, is_call
from tinylab.deploy.emulator.timing import time_block, timings
from tinylab.graph import count

unicorn = pytest.importorskip("unicorn")
pytestmark = pytest.mark.skipif(not toolchain.has_zig(), reason="needs the ziglang wheel")


@pytest.fixture(scope="module")
def program(models):
    return convert(models["ds_cnn"].tflite(), kernels="dsp", name="ds_cnn")


@pytest.fixture(scope="module")
def emulator(program):
    return Emulator(program)


def test_equals_litert(random_model, reference, examples):
    content = random_model.tflite()
    x = examples(convert(content).graph, 3)
    emulation = emulate(convert(content, kernels="dsp"), x)
    np.testing.assert_array_equal(emulation.outputs, reference(content, x))


def test_measures(program, emulator, examples):
    result = emulator.run(examples(program.graph, 2))
    assert result.instructions == sum(result.by_class.values())
    assert set(result.by_class) <= set(CLASSES)
    assert result.cycles_low <= result.cycles <= result.cycles_high
    assert result.instructions <= result.cycles < 3 * result.instructions
    assert abs(sum(op.profile.instructions for op in result.per_op) - result.instructions) <= 20
    assert [op.op for op in result.per_op] == list(program.calls)
    assert 0 < result.stack_bytes < 1024
    assert 0.8 * program.arena_bytes <= result.arena_bytes <= program.arena_bytes
    assert program.arena_bytes <= result.ram_bytes <= program.arena_bytes + 64
    assert program.weight_bytes < result.total_flash_bytes < program.weight_bytes + 16_384
    factor = result.cycle_factor
    assert result.latency_ms(80) == pytest.approx(result.cycles * factor.factor / 80_000)
    ends = [result.cycles * end / 80_000 for end in (factor.low, factor.high)]
    assert result.latency_range_ms(80) == pytest.approx(ends)


def test_counts_repeat_exactly_and_follow_the_work(program, emulator, examples):
    x = examples(program.graph, 1)
    first, second = emulator.run(x), emulator.run(x)
    assert first.instructions == second.instructions and first.by_class == second.by_class
    macs = count(program.graph).per_op
    convolutions = [op for op in first.per_op if op.kind == "conv2d"]
    for op in convolutions:
        assert 0.5 * macs[op.op].macs < op.profile.by_class["multiply"] < 2 * macs[op.op].macs


@pytest.mark.parametrize("optimize", ["-O0", "-Os", "-O3"])
def test_any_optimization_gives_the_same_answer(program, emulator, examples, optimize):
    x = examples(program.graph, 1)
    result = Emulator(program, optimize=optimize).run(x)
    np.testing.assert_array_equal(result.outputs, emulator.run(x).outputs)


def test_slow_counter_counts_the_same(program, emulator, examples, monkeypatch):
    """Without a C compiler for this computer, Python counts."""
    x = examples(program.graph, 1)
    monkeypatch.setattr(counting.NativeHook, "pointer", classmethod(lambda cls: None))
    assert Emulator(program).run(x).by_class == emulator.run(x).by_class


def test_dsp_kernels_save_work(models, examples):
    content = models["ds_cnn"].tflite()
    x = examples(convert(content).graph, 1)
    plain, dsp = (emulate(convert(content, kernels=k), x) for k in ("plain", "dsp"))
    np.testing.assert_array_equal(plain.outputs, dsp.outputs)
    assert dsp.instructions < 0.4 * plain.instructions


@pytest.mark.parametrize(
    ("name", "most"), [("kws_ref_model", 1.98), ("vww_96_int8", 1.96), ("ad01_int8", 1.81)]
)
def test_third_party_models(real_data, reference, examples, name, most):
    path = real_data / "reference_models" / f"{name}.tflite"
    program = convert(path, kernels="dsp")
    x = examples(program.graph, 1)
    result = emulate(program, x)
    np.testing.assert_array_equal(result.outputs, reference(path.read_bytes(), x))
    assert result.cycles / count(program.graph).macs <= most
    assert program.arena_bytes <= 1.015 * program.report().live_bytes
    assert result.total_flash_bytes < os.path.getsize(path)
    cycles = {row.op: row.profile.cycles for row in result.per_op}
    layers = [layer for layer in program.report().layers if layer.macs]
    assert all(cycles[layer.op] <= 6 * layer.macs for layer in layers)
    assert all(cycles[layer.op] >= layer.least_cycles for layer in layers)
    large = [layer for layer in layers if layer.least_cycles and layer.macs > 500_000]
    assert all(cycles[layer.op] <= 1.5 * layer.least_cycles for layer in large)


@pytest.mark.parametrize(
    ("task", "most"),
    [
        ("heartbeat", 2.95),
        ("keyword_spotting", 1.98),
        ("visual_wake_words", 1.96),
        ("anomaly_detection", 1.81),
    ],
)
def test_bundled_models(reference, examples, task, most):
    path = files("tinylab.models") / "reference" / f"{task}_compress.tflite"
    program = convert(path, kernels="dsp")
    x = examples(program.graph, 1)
    result = emulate(program, x)
    np.testing.assert_array_equal(result.outputs, reference(path.read_bytes(), x))
    assert result.cycles / count(program.graph).macs <= most
    assert program.arena_bytes <= 1.015 * program.report().live_bytes


def test_arenas_of_bytes_need_no_alignment(model_builder, reference, examples):
    """13 bytes are alive at once; words would leave gaps between them."""
    builder = model_builder((1, 7), 1).fully_connected(6).fully_connected(5)
    program = convert(builder.tflite(), kernels="dsp")
    assert program.arena_bytes == program.report().live_bytes == 13
    x = examples(program.graph, 4)
    np.testing.assert_array_equal(emulate(program, x).outputs, reference(builder.tflite(), x))


def test_missing_wheel_is_one_sentence(program, monkeypatch):
    monkeypatch.setattr(machine.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match="pip install ziglang"):
        Emulator(program)
    with pytest.raises(RuntimeError, match="pip install unicorn"):
        machine.Machine(Elf((), {}, {}))


def endless(code: bytes) -> Elf:
    symbols = {
        "idle": ElfSymbol(0x08000010, 2),
        "reset": ElfSymbol(0x08000000, 2),
        "stack_top": ElfSymbol(0x20010000, 0),
    }
    return Elf(((0x08000000, code),), {}, symbols)


def test_a_program_that_goes_astray_is_reported():
    with pytest.raises(RuntimeError, match="emulated program failed"):
        machine.Machine(endless(bytes.fromhex("0020 0068 7047".replace(" ", ""))))  # loads from 0


@pytest.mark.parametrize(
    ("code", "kind", "size"),
    [
        ("4340", "multiply", 2),  # halfwords, high byte first: muls r0, r0
        ("fb04f100", "multiply", 4),  # mul
        ("fb20f101", "multiply", 4),  # smlad
        ("fa2ff082", "arithmetic", 4),  # sxtb16
        ("fb90f0f1", "divide", 4),
        ("6800", "load", 2),
        ("f8d10004", "load", 4),
        ("6001", "store", 2),
        ("f8c10004", "store", 4),
        ("b5f0", "store_multiple", 2),
        ("bdf0", "load_multiple", 2),
        ("e9d01200", "load_multiple", 4),  # ldrd
        ("e92d4ff0", "store_multiple", 4),
        ("d1fa", "branch", 2),
        ("e7fe", "branch", 2),
        ("4770", "branch", 2),
        ("f000f800", "branch", 4),  # bl
        ("b108", "branch", 2),  # cbz
        ("bf00", "other", 2),
        ("1840", "arithmetic", 2),
        ("eb000001", "arithmetic", 4),
        ("f1000001", "arithmetic", 4),
    ],
)
def test_decodes(code, kind, size):
    words = [code[i : i + 4] for i in range(0, len(code), 4)]
    content = b"".join(int(word, 16).to_bytes(2, "little") for word in words)
    instruction = decode(content, 0)
    assert (instruction.kind, instruction.size_bytes) == (kind, size)


def test_registers_and_calls():
    push = bytes.fromhex("f0b5")
    assert decode(push, 0).registers == 5
    call = bytes.fromhex("00f000f8")
    assert is_call(call, 0) and not is_call(push + push, 0)


def test_timing_follows_the_manual():
    load, add = bytes.fromhex("0068"), bytes.fromhex("4018")
    pair = time_block(decode_block(load + load + add, 0, 6))
    assert pair.cycles["typical"] == 2 + 1 + 1
    assert timings()["source"].startswith("Arm Cortex-M4 Technical Reference Manual")
    divide = time_block(decode_block(bytes.fromhex("90fbf1f0"), 0, 4))
    assert (divide.cycles["low"], divide.cycles["high"]) == (2, 12)
