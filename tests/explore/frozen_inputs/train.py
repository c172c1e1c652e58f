"""Small inputs for the explorers of training: recordings, and scores of imagined models."""

from functools import cache

import numpy as np

from tinylab.data import machines
from tinylab.models.networks.doubling_results import DoublingResults, DoublingRow
from tinylab.models.networks.scaling_results import ScalingResults, ScalingRow
from tinylab.scoring import listening
from tinylab.scoring.noise_study import NoiseResults


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
def noise_results() -> NoiseResults:
    scores = np.array([[0.6, 0.4], [0.2, 0.8], [0.1, 0.9]])
    return NoiseResults((-10, 0, 10), np.array([0.3, 0.6, 0.9]), 100, "yes", scores, ("no", "yes"))


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
def scaling_results() -> ScalingResults:
    rows = tuple(
        ScalingRow(
            width,
            side,
            1e-2,
            int(3e6 * width**2),
            int(13e3 * width * side**2),
            90 * side,
            0.7,
            0.6 + width / 4 + side / 1000,
            0.7 + width / 4,
            20.0,
        )
        for width in (0.125, 0.25, 0.5)
        for side in (32, 64)
    )
    return ScalingResults(rows, 500, 100, 2000, 10)


@cache
def doubling_results() -> DoublingResults:
    """Made up: wider is clearly better than the base, sharper is not clearly better."""
    ways = {
        "base": (0.25, 64, (0.70, 0.71, 0.72)),
        "wider": (0.375, 64, (0.80, 0.81, 0.83)),
        "sharper": (0.25, 88, (0.70, 0.78, 0.71)),
    }
    rows = tuple(
        DoublingRow(
            *(way, 1.0, width, side, 3e-3, seed),
            *(int(3e6 * width**2), int(13e3 * width * side**2), 90 * side),
            *(auc, auc - 0.1, auc, 20.0),
        )
        for way, (width, side, reached) in ways.items()
        for seed, auc in enumerate(reached)
    )
    return DoublingResults(rows, 500, 300, 2000, 5)


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
