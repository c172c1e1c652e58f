"""Cycles a multiply-accumulate of the DSP kernels on any models, and the layers that are slowest.

    python benchmarks/dsp_layers.py MODEL.tflite [MODEL.tflite ...]

Instructions are counted on the emulated Cortex-M4 (measured); cycles follow the reference manual's
timings without flash wait states (modelled).
"""

import sys
from pathlib import Path

import numpy as np

from tinylab.deploy.codegen import convert
from tinylab.deploy.emulator import Emulator
from tinylab.graph import count

_HEADER = (
    *("model", "MACs", "instructions per MAC", "cycles per MAC", "arena", "alive at once"),
    *("state", "plain kernels", "slowest layer, cycles per MAC"),
)


def row(path: Path) -> tuple:
    """One line of the table."""
    program = convert(path, kernels="dsp")
    x = np.random.default_rng(0).integers(-128, 128, (2, program.input.elements))
    emulation = Emulator(program).run(x.astype(program.input.dtype))
    macs_of = {layer.index: layer.macs for layer in count(program.graph).per_op}
    macs, report = sum(macs_of.values()), program.report()
    rates = {
        f"{layer.kind} {layer.op}": layer.profile.cycles / macs_of[layer.op]
        for layer in emulation.per_op
        if macs_of[layer.op] > macs / 50
    }
    slowest = max(rates, key=rates.__getitem__)
    return (
        *(path.stem, macs, f"{emulation.instructions / macs:.2f}"),
        *(f"{emulation.cycles / macs:.2f}", report.arena_bytes, report.live_bytes),
        *(report.state_bytes, len(report.plain_layers), f"{slowest}: {rates[slowest]:.1f}"),
    )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    print("| " + " | ".join(_HEADER) + " |\n" + "|---" * len(_HEADER) + "|")
    for argument in sys.argv[1:]:
        print("| " + " | ".join(map(str, row(Path(argument)))) + " |", flush=True)
