"""The small compiler against its targets and its peers, one table a question.

    python benchmarks/compiler.py MODEL.tflite [MODEL.tflite ...]

Instructions are counted on the emulated Cortex-M4 (measured); cycles follow the reference manual's
timings without flash wait states, and the Ethos-U's cycles are Vela's (modelled).
"""

import sys
import time
from pathlib import Path

import numpy as np

from tinylab.deploy import micro, npu
from tinylab.deploy.codegen import convert
from tinylab.deploy.emulator import Emulation, Emulator
from tinylab.deploy.litert import LiteRTModel
from tinylab.graph import count, read_tflite
from tinylab.graph.memory import STRATEGIES, plan

NPUS = ("ethos-u55-128", "ethos-u65-256", "ethos-u85-256")


def table(title: str, header: tuple, rows: list[tuple]) -> None:
    """Print rows as Markdown."""
    lines = [f"\n### {title}\n", "| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    print("\n".join(lines))


def examples(graph, n: int = 2) -> np.ndarray:
    tensor = graph.tensors[graph.inputs[0]]
    rng = np.random.default_rng(0)
    return rng.integers(-128, 128, (n, *tensor.shape[1:])).astype(np.int8)


def emulations(path: Path) -> dict[str, tuple[Emulation, float, bool]]:
    """By kernel set: the emulation, the seconds to build it, and whether it equals LiteRT."""
    results = {}
    for kernels in ("plain", "dsp"):
        program = convert(path, kernels=kernels)
        x = examples(program.graph)
        expected = LiteRTModel(path, exact=True).predict_quantized(x)
        started = time.perf_counter()
        emulator = Emulator(program)
        seconds = time.perf_counter() - started
        emulation = emulator.run(x)
        exact = np.array_equal(emulation.outputs.ravel(), np.asarray(expected).ravel())
        results[kernels] = emulation, seconds, exact
    return results


def instructions(path: Path, runs: dict) -> list[tuple]:
    macs = count(read_tflite(path)).macs
    return [
        (
            path.stem,
            kernels,
            f"{run.instructions / 1e6:.2f}",
            f"{run.instructions / macs:.2f}",
            f"{run.cycles / macs:.2f} ({run.cycles_low / macs:.2f}-{run.cycles_high / macs:.2f})",
            f"{run.latency_ms(80):.1f}",
            run.stack_bytes,
            f"{run.seconds / len(run.outputs):.2f}",
            f"{seconds:.1f}",
            "yes" if exact else "NO",
        )
        for kernels, (run, seconds, exact) in runs.items()
    ]


def arenas(path: Path) -> tuple:
    graph = read_tflite(path)
    bound = plan(graph).lower_bound_bytes
    plans = [plan(graph, strategy=strategy).arena_bytes for strategy in STRATEGIES]
    dsp = convert(path, kernels="dsp").arena_bytes
    peer = micro.run(path, examples(graph, 1))
    vela = npu.estimate(path, NPUS[0]).sram_bytes
    ratio = f"{dsp / bound:.3f}"
    return (path.stem, bound, *plans, dsp, ratio, peer.activation_bytes, peer.arena_bytes, vela)


def flash(path: Path, runs: dict) -> list[tuple]:
    size = path.stat().st_size
    rows = []
    for kernels, (run, _, _) in runs.items():
        code, data = run.flash_bytes[".text"], run.flash_bytes[".rodata"]
        rows.append((path.stem, kernels, code, data, size, run.total_flash_bytes - size))
    return rows


def accelerators(path: Path) -> list[tuple]:
    rows = []
    for accelerator in NPUS:
        estimated = npu.estimate(path, accelerator)
        share = f"{100 * estimated.npu_share:.0f} %"
        speed = f"{estimated.inferences_per_second:.0f}"
        rows.append((path.stem, accelerator, estimated.cycles, speed, estimated.sram_bytes, share))
    return rows


def main(paths: list[Path]) -> None:
    runs = {path: emulations(path) for path in paths}
    table(
        "Instructions on the emulated Cortex-M4 (targets: KWS 2.5, VWW 3 a MAC; 3 s an inference)",
        (
            *("model", "kernels", "million", "per MAC", "cycles per MAC", "ms at 80 MHz"),
            *("stack bytes", "s to emulate", "s to build", "equals LiteRT"),
        ),
        [row for path in paths for row in instructions(path, runs[path])],
    )
    table(
        "Arena in bytes (target: at most 1.05 x the lower bound, and below TFLM's)",
        (
            *("model", "lower bound", *STRATEGIES, "dsp with scratch", "ratio"),
            *("TFLM activations", "TFLM all", "Vela SRAM"),
        ),
        [arenas(path) for path in paths],
    )
    table(
        "Flash in bytes (target: at most 24,576 above the .tflite file)",
        ("model", "kernels", "code", "weights and tables", ".tflite", "above it"),
        [row for path in paths for row in flash(path, runs[path])],
    )
    table(
        "Ethos-U, by Vela",
        ("model", "core", "cycles", "inferences/s", "SRAM bytes", "operators on the NPU"),
        [row for path in paths for row in accelerators(path)],
    )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main([Path(argument) for argument in sys.argv[1:]])
