"""Small inputs for the explorers: measurements as a notebook would hand them over."""

from functools import cache

import numpy as np

from tinylab.adapt.continual.results import AdaptationCost, ContinualResults, ContinualRow
from tinylab.adapt.federated.results import FederatedResults, FederatedRow
from tinylab.adapt.few_shot.results import FewShotResults, FewShotRow
from tinylab.adapt.fine_tuning.memory import LayerMemory, MemoryCost
from tinylab.adapt.fine_tuning.results import EpochPoint, FineTuningResults, ScopeRow
from tinylab.adapt.sparse_update.choice import Contributions, Option, SparsePlan, best_plans
from tinylab.adapt.sparse_update.memory import Unit, plan_bytes
from tinylab.adapt.sparse_update.results import SparseRow, SparseUpdateResults
from tinylab.compress.deep_compression.results import (
    DeepCompressionResults,
    DeepCompressionRow,
    FileSize,
)
from tinylab.compress.pruning.results import LayerSensitivity, SensitivityResults
from tinylab.compress.quantization.anomaly_results import ScoreResults, ScoreRow
from tinylab.compress.quantization.results import QuantizationResults, QuantizationRow
from tinylab.compress.results import CompressionResults, StudyPoint
from tinylab.cost import Workload, validate, workload
from tinylab.cost.governor.actions import SLEEP, Action
from tinylab.cost.governor.harvest import trace
from tinylab.cost.governor.optimum import offline_optimum
from tinylab.cost.governor.policies import Fixed, Threshold
from tinylab.cost.governor.station import Station, simulate
from tinylab.data import machines
from tinylab.early_exit.threshold import ExitRecord
from tinylab.graph import read_tflite
from tinylab.models.checkpoints import REFERENCE
from tinylab.models.networks.scaling_results import ScalingResults, ScalingRow
from tinylab.scoring import listening
from tinylab.scoring.cascade_study import measure_cascade
from tinylab.scoring.noise_study import NoiseResults


@cache
def keyword_graph():
    return read_tflite(REFERENCE / "keyword_spotting_compress.tflite")


@cache
def word() -> np.ndarray:
    time_s = np.arange(16000) / 16000
    loudness = np.exp(-(((time_s - 0.5) / 0.15) ** 2))
    noise = np.random.default_rng(0).normal(0, 60, 16000)
    return (9000 * loudness * np.sin(2 * np.pi * (300 + 900 * time_s) * time_s) + noise).astype(
        np.int16
    )


@cache
def recording():
    """Scores of an imagined model, two minutes, 40 words of 12 classes: (scores, times, stream)."""
    rng = np.random.default_rng(1)
    labels = rng.permutation(np.resize(np.arange(12), 40))
    stream = listening.lay_words(
        np.zeros((40, 16000), np.int16), labels, np.zeros(1600, np.int16), seed=0
    )
    times_s = listening.window_ends_s(int(10 * (stream.duration_s - 1)))
    scores = rng.gamma(0.3, 0.1, (len(times_s), 12)) + 0.3 * (np.arange(12) == 11)
    for label, start_s, end_s in zip(stream.labels, stream.start_s, stream.end_s):
        heard = (times_s > start_s + 0.6) & (times_s < end_s + 0.3)
        scores[heard, label] += rng.uniform(0.2, 4)
        scores[heard, rng.integers(0, 10)] += rng.uniform(0, 1)
    return scores / scores.sum(axis=1, keepdims=True), times_s, stream


@cache
def cascade_results():
    """A cascade on that recording, with levels and scores that rise where words are."""
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
def scope_results() -> FineTuningResults:
    def cost(scope, kept):
        layers = tuple(
            LayerMemory(f"layer_{i}", "Conv2D", 4000, 4000 * (i < kept), 9000 * (i < kept), "input")
            for i in range(4)
        )
        return MemoryCost(scope, 5, "sgd", layers)

    rows = [
        ScopeRow(
            scope,
            examples,
            (
                EpochPoint(0, 0.1, 0.9, 2.0, 0.3),
                EpochPoint(1, 0.5 + kept / 10 + examples / 100, 0.9 - kept / 20, 1.0, 0.5),
            ),
            cost(scope, kept),
            0.95,
        )
        for examples in (5, 10)
        for kept, scope in enumerate(("last_layer", "last_1_block", "all"), start=1)
    ]
    return FineTuningResults(tuple(rows))


@cache
def quantization_results() -> QuantizationResults:
    def accuracy(bits, better):
        return 0.9 - (0.7 - 0.2 * better) * 2.0 ** (2 - bits)

    rows = [
        QuantizationRow(scheme, bits, 8, accuracy(bits, better), 2800 * bits + 900, 6.0 * bits)
        for better, scheme in enumerate(("per tensor", "per channel"))
        for bits in (2, 4, 8)
    ]
    return QuantizationResults(tuple(rows), 0.91, 90416, 600)


@cache
def noise_results() -> NoiseResults:
    scores = np.array([[0.6, 0.4], [0.2, 0.8], [0.1, 0.9]])
    return NoiseResults((-10, 0, 10), np.array([0.3, 0.6, 0.9]), 100, "yes", scores, ("no", "yes"))


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
def few_shot_results() -> FewShotResults:
    rng = np.random.default_rng(6)
    rows = [
        FewShotRow(
            method,
            shots,
            tuple(rng.normal(0.7 + better / 10, 0.05, 4)),
            0.01 * better,
            5 * better,
            0.8,
        )
        for shots in (1, 5, 10)
        for better, method in enumerate(("unchanged", "fine-tuning", "MAML"))
    ]
    families = ("infrared", "infrared", "wide_angle", "low_light")
    return FewShotResults(("a", "b", "c", "d"), families, 200, 2, tuple(rows))


@cache
def sparse_results() -> SparseUpdateResults:
    kinds = ("Conv2D", "DepthwiseConv2D", "Conv2D", "Dense")
    units = tuple(
        Unit(
            f"layer_{i}", f"layer_{i}/bias", kind, 3 - i, 900 * (i + 1), 16, 8, 4000 >> i, 2000 >> i
        )
        for i, kind in enumerate(kinds)
    )
    options = tuple(
        Option(i, share, 0.01 * (i + share)) for i in range(3) for share in units[i].shares
    )
    contributions = Contributions((0.56, 0.57, 0.58, 0.6), options)
    budgets = (64 * 1024, 128 * 1024)
    rows = [
        SparseRow(budget, plan, (0.7 + number / 20, 0.72, 0.8), 0.01, 5)
        for number, (budget, plan) in enumerate(
            zip(budgets, best_plans(units, contributions, (52_000, 90_000)))
        )
    ]
    kernels = {unit.name: 1.0 for unit in units[:-1]}
    whole = SparsePlan(0, tuple(kernels.items()), plan_bytes(units, 0, kernels), 0.8)
    everything = SparseRow(whole.bytes, whole, (0.8, 0.82, 0.84), 0.01, 5)
    return SparseUpdateResults(
        units, contributions, tuple(rows), (0.6, 0.65, 0.7), everything, 5, 100
    )


@cache
def alarms() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, scores and machines of 80 imagined recordings."""
    labels = np.tile([0, 1], 40)
    scores = np.random.default_rng(3).gamma(8, 1.5, 80) * (1 + labels)
    return labels, scores, np.repeat([1, 2], 40)


@cache
def machine_recordings() -> tuple[machines.MachineRecordings, np.ndarray]:
    """A healthy and a faulty recording of two machines, and blurred copies of them."""
    rng = np.random.default_rng(4)
    faults = np.array(["", "rubbing"] * 2)
    sound = rng.normal(-20, 4, (4, 64, 128)).astype(np.float32)
    sound[1::2, :, 60:80] += 15
    known = np.array([1, 1, 2, 2]), np.array([0, 1] * 2), faults, np.array([0, 0.5] * 2)
    names = np.array([f"{i}.wav" for i in range(4)])
    recordings = machines.MachineRecordings(sound, *known, names)
    return recordings, 0.5 * sound + 0.5 * sound.mean(axis=1, keepdims=True)


@cache
def score_results() -> ScoreResults:
    labels, scores, _ = alarms()
    rng = np.random.default_rng(5)
    rows = tuple(
        ScoreRow(
            scheme,
            bits,
            0.9 - 0.2 / bits - 0.1 * worse,
            tuple(scores + noise),
            1000 * bits,
            6.0 * bits,
        )
        for worse, scheme in enumerate(("per channel", "per tensor"))
        for bits in (3, 4, 8)
        for noise in [rng.uniform(0, 20 * (1 + worse) / bits, 80)]
    )
    return ScoreResults(rows, 0.9, tuple(scores), 4000, tuple(labels.tolist()))


@cache
def scaling_results() -> ScalingResults:
    rows = tuple(
        ScalingRow(
            width,
            side,
            int(3e6 * width**2),
            int(13e3 * width * side**2),
            90 * side,
            0.6 + width / 4 + side / 1000,
            0.7 + width / 4,
            20.0,
        )
        for width in (0.125, 0.25, 0.5)
        for side in (32, 64)
    )
    return ScalingResults(rows, 500, 2000, 10)


@cache
def wake_scores() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Labels and two imagined models' scores of 120 pictures."""
    rng, labels = np.random.default_rng(8), np.tile([0, 1], 60)
    scores = {
        name: np.round(1 / (1 + np.exp(-sure * (2 * labels - 1) - rng.normal(size=120))), 3)
        for name, sure in (("good", 2.0), ("poor", 0.7))
    }
    return labels, scores


@cache
def sliced_answers() -> tuple[dict, dict, np.ndarray]:
    """Two imagined models' answers, three properties, and the voices of 240 clips."""
    rng = np.random.default_rng(9)
    voices = np.repeat([f"voice {number}" for number in range(12)], 20)
    noise = rng.choice(["quiet", "loud"], 240)
    chances = {"yours": np.where(noise == "loud", 0.5, 0.9), "bundled": np.full(240, 0.95)}
    right = {name: rng.random(240) < chance for name, chance in chances.items()}
    few = np.where(np.arange(240) < 200, "common", np.arange(240).astype(str))
    return right, {"noise": noise, "voice": voices, "rarity": few}, voices


@cache
def validation_table():
    return validate()


@cache
def sensitivity():
    rows = [
        LayerSensitivity(
            f"block{i}_pointwise", "Conv2D", 100 * i, (0.9, 0.9 - 0.02 * i, 0.9 - 0.1 * i)
        )
        for i in (1, 2, 3)
    ]
    return SensitivityResults(tuple(rows), (0.3, 0.6, 0.9), (0.88, 0.8, 0.52), 0.91, 300)


@cache
def deep_compression_results():
    def row(sparsity, bits):
        kept = 10_000 * (1 - sparsity)
        sizes = [
            FileSize(
                gap, int(kept * gap / 8), int(kept * bits / 8), 900, int(500 * sparsity) >> gap
            )
            for gap in (2, 4, 8)
        ]
        accuracy = 0.9 - 0.3 * sparsity**2 - 2.0 ** (-2 * bits)
        return DeepCompressionRow(
            sparsity, bits, accuracy, tuple(sizes), int(kept * bits / 8 + 800)
        )

    rows = tuple(row(sparsity, bits) for sparsity in (0.0, 0.5, 0.9) for bits in (2, 4, 6))
    return DeepCompressionResults(rows, 0.91, 40_000, 300)


@cache
def compression_study():
    points = (
        StudyPoint("quantization", "float32", 400_000, 0.91, 1000, 0, True),
        StudyPoint("quantization", "int8", 110_000, 0.905, 1000, 0, True),
        StudyPoint("fewer channels", "half", 100_000, 0.87, 300, 3, True),
        StudyPoint("Deep Compression", "60% zeros", 40_000, 0.9, 1000, 6),
        StudyPoint("low rank", "half the energy", 15_000, 0.6, 500, 2, True),
    )
    return CompressionResults(points, 500, 2000, "model")


@cache
def continual_results() -> ContinualResults:
    def table(loss):
        return tuple(
            tuple(0.9 - loss * max(i - j, 0) + 0.1 * (i == j) for j in range(3)) for i in range(3)
        )

    def row(method, setting, loss, kept):
        cost = AdaptationCost(4_000_000, kept, 10**9, 2e6 + kept, "nucleo_l4r5zi_p")
        return ContinualRow(method, setting, table(loss), table(loss / 2), table(loss / 3), cost)

    rows = [row("none", 0.0, 0.0, 0), row("threshold", 0.0, 0.01, 0), row("naive", 0.0, 0.2, 0)]
    rows += [row("replay", size, 1 / size, int(size) * 640) for size in (30.0, 120.0)]
    rows += [row("ewc", strength, 0.1 / strength, 2_000_000) for strength in (3.0, 30.0)]
    return ContinualResults(("new", "drifted", "repaired"), tuple(rows))


@cache
def federated_sweep() -> FederatedResults:
    def row(method, mu, gain, sent):
        auc = tuple(tuple(0.7 + gain * number + 0.02 * k for k in range(3)) for number in range(4))
        return FederatedRow(method, mu, auc, sent)

    rows = [
        row("FedAvg", 0.0, 0.05, 8_000_000),
        row("alone", 0.0, 0.01, 0),
        row("together", 0.0, 0.06, 0),
    ]
    rows += [row("FedProx", mu, 0.05 - mu / 50, 8_000_000) for mu in (0.1, 1.0)]
    return FederatedResults(("machine 1", "machine 2", "machine 3"), tuple(rows))


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
