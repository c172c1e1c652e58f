"""How fast the built-in speech loads: run by hand, prints a table.

    python benchmarks/speech_speed.py

Each row is a process of its own, so nothing has been decoded before; imports are not counted.
Target:
2 s of two free cores. Processor time says how much of the wall time is the machine's other work.
"""

import subprocess
import sys

import numpy as np

from tinylab.data.speech import SPLITS

RUNS = 5
CODE = """
import sys, time
from tinylab.data import speech
begun = time.perf_counter(), time.process_time()
clips = [speech.load(split) for split in sys.argv[1:]]
print(time.perf_counter() - begun[0], time.process_time() - begun[1], sum(map(len, clips)))
"""


def measure(splits: tuple[str, ...]) -> tuple[float, float, int]:
    """Least wall and processor time of some fresh processes in seconds, and the number of clips."""
    command = [sys.executable, "-c", CODE, *splits]
    runs = [
        subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
        for _ in range(RUNS)
    ]
    wall, processor, clips = np.array(runs, float).min(axis=0)
    return wall, processor, int(clips)


def main() -> None:
    print(f"{'load':<14}{'clips':>7}{'wall s':>9}{'processor s':>13}")
    for name, splits in [*((split, (split,)) for split in SPLITS), ("all of them", SPLITS)]:
        wall, processor, clips = measure(splits)
        print(f"{name:<14}{clips:>7,}{wall:>9.2f}{processor:>13.2f}")


if __name__ == "__main__":
    main()
