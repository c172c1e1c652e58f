"""Small inputs for the explorers of energy and latency: a graph, and what was measured on it."""

from functools import cache

import numpy as np

from tests.explore.frozen_inputs.train import recording
from tinylab.cost import Workload, validate, workload
from tinylab.cost.governor.actions import SLEEP, Action
from tinylab.cost.governor.harvest import trace
from tinylab.cost.governor.optimum import offline_optimum
from tinylab.cost.governor.policies import Fixed, Threshold
from tinylab.cost.governor.station import Station, simulate
from tinylab.early_exit.threshold import ExitRecord
from tinylab.graph import read_tflite
from tinylab.models.checkpoints import REFERENCE
from tinylab.scoring.cascade_study import measure_cascade


@cache
def keyword_graph():
    return read_tflite(REFERENCE / "keyword_spotting_compress.tflite")


@cache
def cascade_results():
    """A cascade on `recording`, with levels and scores that rise where words are."""
    scores, times_s, stream = recording()
    loud = np.zeros(len(times_s))
    for start_s, end_s in zip(stream.start_s, stream.end_s):
        loud[(times_s > start_s) & (times_s < end_s + 1)] = 1.0
    levels = -50 + 20 * loud + np.random.default_rng(3).normal(0, 3, len(loud))
    return measure_cascade(
        scores,
        levels,
        0.2 + 0.5 * loud,
        stream,
        keywords=range(10),
        hop_s=0.1,
        grid=((-100.0, -40.0, -30.0, -20.0), (0.0, 0.5, 0.8)),
    )


@cache
def exits():
    """Imagined exits of the keyword model: (as trained, calibrated, workloads, network)."""
    whole = workload(keyword_graph())
    parts = [
        Workload(
            "exit",
            "int8",
            int(share * whole.macs),
            share * whole.features,
            share * whole.live_features,
        )
        for share in (0.3, 0.6, 1.1)
    ]
    rng, macs = np.random.default_rng(4), np.array([part.macs for part in parts])
    entropies = rng.uniform(0, 1, (300, 3)) * np.array([1, 0.8, 0.6])
    correct = rng.uniform(0, 1, (300, 3)) > entropies / 2
    raw, calibrated = (ExitRecord(entropies**power, correct, macs) for power in (2, 1))
    return raw, calibrated, tuple(parts), whole


@cache
def validation_table():
    return validate()


@cache
def governed_days():
    """(station, three days, runs of two policies, the bound)."""
    actions = [SLEEP]
    actions += [
        Action(f"{n} looks", n, None, 26.0, 20 * n, (0, n / 9, n / 5, n / 2)) for n in (1, 4)
    ]
    station, days = Station(tuple(actions), 600, 1, 1.0), trace(3, solar_cm2=0.06, seed=4)
    policies = {"always four looks": Fixed(2), "by the store": Threshold(0.2, 0.6, (0, 1, 2))}
    runs = {name: simulate(station, days, policy) for name, policy in policies.items()}
    return station, days, runs, offline_optimum(station, days)
