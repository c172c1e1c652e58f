"""How long the kernel works when a slider moves, for every explorer, on the tests' frozen inputs.

Run by hand: `python -m benchmarks.explorers.speed`. The budget is 30 ms at the 95th percentile;
processor time is what the kernel itself needs, wall time includes whatever else the machine does.
"""

import time

import numpy as np

from tests.explore.every_explorer import EXPLORERS

BUDGET_MS = 30
MOVES = 200


def moves(explorer, rng):
    """Random settings, one control at a time, as a hand moves them."""
    for _ in range(MOVES):
        control = explorer.controls[rng.choice(list(explorer.controls))]
        spec = control.spec()
        if spec["kind"] == "slider":
            steps = round((control.high - control.low) / control.step)
            value = control.low + int(rng.integers(steps + 1)) * control.step
            yield control.name, control.accept(min(value, control.high))
        elif spec["kind"] == "toggle":
            yield control.name, bool(rng.integers(2))
        else:
            yield control.name, control.options[rng.integers(len(control.options))]


def measure(explorer) -> tuple[np.ndarray, np.ndarray]:
    """Processor and wall time of each move in ms; the first moves fill the caches and count too."""
    processor, wall = [], []
    for name, value in moves(explorer, np.random.default_rng(0)):
        begun = time.process_time(), time.perf_counter()
        explorer.panel.state = {**explorer.panel.state, name: value}
        processor.append(time.process_time() - begun[0])
        wall.append(time.perf_counter() - begun[1])
    return 1e3 * np.array(processor), 1e3 * np.array(wall)


def main() -> None:
    print(f"{'explorer':<14}{'processor p50':>15}{'p95':>8}{'wall p50':>12}{'p95':>8}   (ms)")
    for name, make in EXPLORERS.items():
        processor, wall = measure(make())
        figures = [np.percentile(times, q) for times in (processor, wall) for q in (50, 95)]
        verdict = "" if figures[1] <= BUDGET_MS else f"  over {BUDGET_MS} ms"
        print(
            f"{name:<14}{figures[0]:>15.1f}{figures[1]:>8.1f}{figures[2]:>12.1f}{figures[3]:>8.1f}{verdict}"
        )


if __name__ == "__main__":
    main()
