"""Which recordings there are: machine, condition, split and DCASE file name of each, by seed."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from datasets.machines.faults import FAULTS
from datasets.machines.machine import MACHINES, Bearing, Machine, Mode
from datasets.machines.simulate import Condition

__all__ = ["AGEING_MACHINE", "PHASES", "Job", "ageing_jobs", "jobs"]

# Recordings of each machine: (normal, anomalous).
COUNTS = {"train": (140, 0), "validation": (25, 25), "test": (80, 80)}
# Share of the faults' full strength, smallest and largest.
SEVERITY = (0.2, 1.0)
LOAD = (0.2, 1.0)

AGEING_MACHINE = 2
MONTHS_A_PHASE = 6
PHASES = ("new", "drifted", "repaired", "new operating point")
AGEING_COUNTS = {"train": (12, 0), "test": (8, 8)}
NEW_SPEED, NEW_LOAD = 0.72, (0.7, 1.2)


@dataclass(frozen=True)
class Job:
    """One recording to be made, seeded by `key`; month and phase are 0, "" outside the ageing."""

    key: tuple[int, ...]
    number: int
    machine: Machine
    condition: Condition
    split: str
    name: str
    month: int = 0
    phase: str = ""


def jobs() -> list[Job]:
    """The main set, split by split and machine by machine."""
    plan = []
    for split_number, (split, counts) in enumerate(COUNTS.items()):
        for number, machine in MACHINES.items():
            for anomalous, count in enumerate(counts):
                for index in range(count):
                    key = (0, split_number, number, anomalous, index)
                    condition = _condition(key, anomalous, index)
                    name = _file_name(anomalous, number, index)
                    plan.append(Job(key, number, machine, condition, split, name))
    return plan


def ageing_jobs() -> list[Job]:
    """One machine, month by month: it wears, is repaired, then runs slower under more load."""
    plan = []
    for month in range(MONTHS_A_PHASE * len(PHASES)):
        phase = PHASES[month // MONTHS_A_PHASE]
        for split, counts in AGEING_COUNTS.items():
            for anomalous, count in enumerate(counts):
                for index in range(count):
                    key = (1, month, int(split == "test"), anomalous, index)
                    number = month * count + index
                    condition = _aged(_condition(key, anomalous, number), key, month, phase)
                    name = _file_name(anomalous, AGEING_MACHINE, number)
                    machine = _machine_in(phase)
                    plan.append(
                        Job(key, AGEING_MACHINE, machine, condition, split, name, month, phase)
                    )
    return plan


def _condition(key: tuple[int, ...], anomalous: int, index: int) -> Condition:
    rng = np.random.default_rng([77, *key])
    load = rng.uniform(*LOAD)
    if not anomalous:
        return Condition(load=load)
    names = list(FAULTS)
    return Condition(names[index % len(names)], rng.uniform(*SEVERITY), load)


def _aged(condition: Condition, key: tuple[int, ...], month: int, phase: str) -> Condition:
    """Wear grows until the repair; a new bearing then wears half as fast."""
    if phase in ("new", "drifted"):
        late = max(0, month - MONTHS_A_PHASE + 1) / MONTHS_A_PHASE
        return dataclasses.replace(condition, wear=late)
    if phase == "repaired":
        return condition
    load = np.random.default_rng([78, *key]).uniform(*NEW_LOAD)
    return dataclasses.replace(condition, speed=NEW_SPEED, load=load)


def _machine_in(phase: str) -> Machine:
    """The machine; after the repair with a bearing of another make, on stiffer feet."""
    machine = MACHINES[AGEING_MACHINE]
    if phase in ("new", "drifted"):
        return machine
    stiffer = tuple(
        Mode(mode.frequency_Hz * 1.04, mode.quality * 0.9, mode.gain * 0.9)
        for mode in machine.modes
    )
    return dataclasses.replace(machine, bearing=Bearing(8, 0.24), modes=stiffer)


def _file_name(anomalous: int, number: int, index: int) -> str:
    kind = "anomaly" if anomalous else "normal"
    return f"{kind}_id_{number:02d}_{index:08d}.wav"
