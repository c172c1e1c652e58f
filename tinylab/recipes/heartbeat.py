"""The reference heart monitor: a network of some 4,100 weights, trained on generated patients.

`tinylab train heartbeat` runs `train_reference`. It trains on three in four of the built-in
patients and on more that are drawn alike, on each beat twice, once of them varied at random. On the
fourth patient it sets a threshold. It converts to int8, and is measured as a student's program is:
on hidden patients.
"""

import dataclasses
import json
from pathlib import Path

import keras
import numpy as np

from tinylab import cost
from tinylab.data import heartbeats
from tinylab.data.heartbeats import for_network
from tinylab.data.heartbeats.patients import TRAINING, record_patient
from tinylab.data.heartbeats.variations import vary
from tinylab.deploy import litert
from tinylab.files import replacing
from tinylab.graph import count, read_tflite
from tinylab.graph.memory import plan
from tinylab.models import checkpoints
from tinylab.models.losses import FocalLoss, tempered_weights
from tinylab.models.networks.beat_cnn import add_to_class, beat_cnn
from tinylab.models.training import TrainingOptions, TrainingProfile, train
from tinylab.recipes.figures import HeartbeatFigures, plain
from tinylab.scoring.f1 import (
    class_margin,
    class_scores,
    macro_f1_interval,
    threshold_for_recall,
)
from tinylab.scoring.heartbeat_results import HeartbeatRow, HeartbeatWidths

__all__ = [
    "PROFILES",
    "find_more",
    "measure_widths",
    "more_beats",
    "train_monitor",
    "train_reference",
]

APPLICATION = "heartbeat"
BOARD = "nucleo_l4r5zi"
PROFILES = {
    "quick": TrainingProfile(epochs=2, batch_size=64, learning_rate=4e-3),
    "full": TrainingProfile(epochs=5, batch_size=64, learning_rate=4e-3),
}
WIDTH, POWER = 8, 0.5
WATCHED = 4  # one built-in patient in so many is not trained on
MORE_PATIENTS, MORE_SEED = 120, 50
VENTRICULAR, RECALL = 2, 0.99
"""The class whose missed beats cost most, and the share that must be found on held-out patients."""


def train_reference(
    profile: str = "quick", *, seed: int = 0, directory: str | Path | None = None
) -> HeartbeatFigures:
    """Train the monitor, convert it, measure both, and write the program with its figures.

    Parameters
    ----------
    profile : {"quick", "full"}
        Some 30 or 60 seconds on one core.
    seed : int
    directory : path, optional
        Where the checkpoints go; by default the learner's work folder.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile must be one of {tuple(PROFILES)}, got {profile!r}")
    settings = PROFILES[profile]
    beats = heartbeats.beat_inputs(heartbeats.load("train"))
    hidden = heartbeats.beat_inputs(heartbeats.load("hidden"))
    names = np.unique(beats.patients)
    apart = np.isin(beats.patients, names[::WATCHED])
    mixed = np.random.default_rng(seed).random(len(beats)) < 1 / WATCHED
    more = more_beats()
    model = train_monitor(_together(beats[~apart], more), settings, seed=seed)
    leaky = train_monitor(_together(beats[~mixed], more), settings, seed=seed)
    validation = _macro_f1(model, beats[apart])
    find_more(model, beats[apart])
    program = litert.convert(model, "int8", for_network(beats[~apart][::40]))
    figures = dataclasses.replace(
        _measured(program, hidden),
        profile=profile,
        seed=seed,
        training=dataclasses.asdict(settings),
        patients=len(set(beats[~apart].patients)) + MORE_PATIENTS,
        beats=int((~apart).sum()) + len(more),
        validation_macro_f1=validation,
        float_macro_f1=_macro_f1(model, hidden),
        same_patients_macro_f1=_macro_f1(leaky, beats[mixed]),
        same_hidden_macro_f1=_macro_f1(leaky, hidden),
    )
    checkpoints.save(model, APPLICATION, "train", metrics=plain(figures), directory=directory)
    checkpoints.save(program, APPLICATION, "compress", metrics=plain(figures), directory=directory)
    return figures


def train_monitor(
    beats: heartbeats.Beats, profile: TrainingProfile, *, width: int = WIDTH, seed: int = 0
) -> keras.Model:
    """A network trained on some beats and on them varied, classes weighed by their rarity."""
    beats = _together(beats, vary(beats, seed))
    keras.utils.set_random_seed(seed)
    model = beat_cnn(width)
    loss = FocalLoss(0.0, tempered_weights(beats.labels, POWER))
    options = TrainingOptions(loss=loss, seed=seed, progress=False)
    train(model, for_network(beats), beats.labels, profile=profile, options=options)
    return model


def more_beats(patients: int = MORE_PATIENTS) -> heartbeats.Beats:
    """Beats of patients that are drawn like the built-in ones and are not among them."""
    recordings = [record_patient(TRAINING, MORE_SEED, number) for number in range(patients)]
    return heartbeats.beat_inputs(recordings)


def find_more(model: keras.Model, beats: heartbeats.Beats) -> None:
    """Let a monitor answer *ventricular* as soon as it takes to find `RECALL` of these beats."""
    scores = model.predict(for_network(beats), batch_size=1000, verbose=0)
    margin = class_margin(scores, VENTRICULAR)
    threshold = threshold_for_recall(margin, beats.labels == VENTRICULAR, RECALL)
    add_to_class(model, VENTRICULAR, max(0.0, -threshold))


def measure_widths(
    path: str | Path, *, widths=(4, 6, 8, 12), seeds=(0, 1, 2), profile: str = "quick"
) -> HeartbeatWidths:
    """Train monitors of several widths over seeds, measure their int8, and write a table."""
    beats = heartbeats.beat_inputs(heartbeats.load("train"))
    hidden = heartbeats.beat_inputs(heartbeats.load("hidden"))
    rows = []
    apart = np.isin(beats.patients, np.unique(beats.patients)[::WATCHED])
    training = _together(beats[~apart], more_beats())
    for width in widths:
        models = []
        for seed in seeds:
            models.append(train_monitor(training, PROFILES[profile], width=width, seed=seed))
            find_more(models[-1], beats[apart])
        programs = [litert.convert(one, "int8", for_network(beats[::40])) for one in models]
        measured = [_measured(program, hidden) for program in programs]
        graph = read_tflite(programs[0])
        rows.append(
            HeartbeatRow(
                width=width,
                macro_f1=tuple(one.macro_f1 for one in measured),
                recall=tuple(one.recall for one in measured),
                flash_bytes=max(map(len, programs)),
                arena_bytes=plan(graph).arena_bytes,
                macs=count(graph).macs,
                workload=tuple(map(float, cost.workload(graph).features)),
            )
        )
    results = HeartbeatWidths(tuple(rows), len(hidden), len(set(hidden.patients)))
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(dataclasses.asdict(results), indent=1) + "\n", "utf-8")
    return results


def _together(*parts: heartbeats.Beats) -> heartbeats.Beats:
    """Beats of several sets, in this order."""
    columns = ((one.x, one.labels, one.patients) for one in parts)
    return heartbeats.Beats(*map(np.concatenate, zip(*columns, strict=True)))


def _macro_f1(model: keras.Model, beats: heartbeats.Beats) -> float:
    answers = model.predict(for_network(beats), batch_size=1000, verbose=0).argmax(axis=1)
    return round(class_scores(beats.labels, answers, 3).macro_f1, 4)


def _measured(program: bytes, hidden: heartbeats.Beats) -> HeartbeatFigures:
    """What the int8 program reaches and costs; the fields on training are still empty."""
    answers = litert.LiteRTModel(program).predict(for_network(hidden)).argmax(axis=1)
    scores = class_scores(hidden.labels, answers, len(heartbeats.CLASSES))
    low, high = macro_f1_interval(hidden.labels, answers, hidden.patients, 3)
    graph = read_tflite(program)
    return HeartbeatFigures(
        accuracy=round(float(np.mean(answers == hidden.labels)), 4),
        macro_f1=round(scores.macro_f1, 4),
        low=round(low, 4),
        high=round(high, 4),
        recall=tuple(round(share, 4) for share in scores.recall),
        precision=tuple(round(share, 4) for share in scores.precision),
        flash_bytes=len(program),
        arena_bytes=plan(graph).arena_bytes,
        energy_uJ=round(cost.energy(graph, BOARD).energy_uJ, 2),
    )
