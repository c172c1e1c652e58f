"""How fast the cost model answers: run by hand, prints a table.

    python benchmarks/cost_speed.py

Targets: one estimate <= 1 ms, one million (model, board, clock) points <= 1 s on one core,
`import tinylab.cost` <= 0.3 s.
"""

import subprocess
import sys
import time

import numpy as np

from tinylab.cost import (
    FEATURES,
    Device,
    benchmarks,
    boards,
    calibrate,
    device_budget,
    latency,
    sweep,
    validate,
)

POINTS = 1_000_000
CLOCKS = np.linspace(0.1, 1.0, 10)
MINUTE = Device(100.0, features_cycles=7e6)


def seconds(action, repeats: int) -> float:
    """Median time of one call."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def import_seconds() -> float:
    code = (
        "import time; t = time.perf_counter(); import tinylab.cost; print(time.perf_counter() - t)"
    )
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(5)
    ]
    return float(np.median(runs))


def main() -> None:
    first = seconds(calibrate, 1)
    keys = [name for name, board in boards().items() if board.core != "Xtensa LX7"][:20]
    models = POINTS // (len(keys) * len(CLOCKS))
    amounts = np.random.default_rng(0).uniform(0, 1e6, (models, len(FEATURES)))
    kws = benchmarks()["kws"]
    rows = [
        ("import tinylab.cost", import_seconds(), 0.3),
        ("calibrate(), first call, with SciPy's import", first, None),
        ("validate()", seconds(validate, 1), None),
        ("one latency estimate", seconds(lambda: latency(kws, "nucleo_l4r5zi"), 2000), 1e-3),
        (
            "one budget of a whole device",
            seconds(lambda: device_budget(kws, "nucleo_l4r5zi_p", MINUTE), 500),
            1e-3,
        ),
        (
            f"sweep of {models * len(keys) * len(CLOCKS):,} points, with battery lives",
            seconds(lambda: sweep(amounts, keys, CLOCKS, device=MINUTE), 5),
            1.0,
        ),
    ]
    print(f"{'what':<52} {'seconds':>10} {'target':>8}")
    for what, measured, target in rows:
        print(f"{what:<52} {measured:>10.6f} {'' if target is None else f'{target:g}':>8}")


if __name__ == "__main__":
    main()
