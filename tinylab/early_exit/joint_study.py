"""What is gained where a network learns together with its exits, beside heads on a finished one.

In: a trained network and the built-in pictures. Out: a table of every training, with several seeds.
`tinylab train vww-joint-exits` runs `measure_joint`.

Source of the question: Teerapittayanon et al., "BranchyNet: Fast Inference via Early Exiting from
Deep Neural Networks" (2016).
"""

import dataclasses
import gc
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from tinylab.data import people
from tinylab.early_exit.joint import train_jointly
from tinylab.early_exit.joint_results import JointResults, JointRow
from tinylab.early_exit.network import EarlyExits, attach_exits, calibrate_exits, train_exits
from tinylab.early_exit.threshold import at_threshold, choose_threshold, exit_record
from tinylab.models import checkpoints
from tinylab.models.repeats import begun, write_study
from tinylab.models.training import TrainingProfile

__all__ = ["JointSettings", "measure_joint"]


@dataclass(frozen=True)
class JointSettings:
    """How joint training is compared with heads on a finished network.

    Attributes
    ----------
    pictures : int
        To train on; each also mirrored.
    heads : TrainingProfile
        Of the heads on the finished network, with which every way begins.
    more : TrainingProfile
        Of what follows, the same for every way; its learning rate holds where only heads learn.
    rates : tuple of float
        Learning rates of the network that are tried with the first seed.
    seeds : tuple of int
    cuts, filters
        Where the exits branch off, and how wide their heads are.
    max_loss : float
        What early exits may cost against the finished network, in accuracy on the validation
        scenes.
    """

    pictures: int = 2000
    heads: TrainingProfile = TrainingProfile(epochs=4, batch_size=100, learning_rate=2e-3)
    more: TrainingProfile = TrainingProfile(epochs=2, batch_size=50, learning_rate=5e-4)
    rates: tuple[float, ...] = (1e-4, 3e-4, 1e-3, 3e-3)
    seeds: tuple[int, ...] = (0, 1, 2)
    cuts: tuple[str, ...] = ("block5_pointwise", "block8_pointwise")
    filters: int = 64
    max_loss: float = 0.01


def measure_joint(
    path: str | Path,
    settings: JointSettings = JointSettings(),
    *,
    network: keras.Model | None = None,
) -> JointResults:
    """Train exits on the finished network and together with it, measure both, and write PATH.

    A third way is the control: the network is trained on alone for as long, then its heads. What is
    won beyond it is won by learning together. The network's learning rate is chosen on the
    validation scenes with the first seed; the test scenes choose nothing.

    Parameters
    ----------
    path : path
        JSON, written after each training; what it already holds is not trained again.
    settings : JointSettings
    network : keras.Model, optional
        By default the bundled one.

    Raises
    ------
    ValueError
        If the file holds another study, or none.
    """
    path = Path(path)
    if network is None:
        network = checkpoints.load("visual_wake_words", "train", origin="reference").model
    work = _JointWork.load(network, settings)
    rows = list(begun(path, work.results([])).rows)
    for seed in settings.seeds:
        for way in ("frozen", "trained on", "joint"):
            for rate in _rates(way, seed, rows, settings):
                if (way, rate, seed) in {(row.way, row.learning_rate, row.seed) for row in rows}:
                    continue
                rows.append(work.row(way, rate, seed))
                write_study(work.results(rows), path)
                keras.backend.clear_session()
                gc.collect()
    return work.results(rows)


def _rates(way: str, seed: int, rows: list[JointRow], settings: JointSettings) -> tuple[float, ...]:
    """All learning rates with the first seed, then the one that was best on the validation."""
    if way == "frozen":
        return (0.0,)
    if seed == settings.seeds[0]:
        return settings.rates
    tried = [row for row in rows if row.way == way and row.seed == settings.seeds[0]]
    return (max(tried, key=lambda row: row.validation_accuracy).learning_rate,)


@dataclass(frozen=True)
class _JointWork:
    """Network, pictures and what both cost, made once for all trainings."""

    exits: EarlyExits
    settings: JointSettings
    training: people.Pictures
    validation: people.Pictures
    test: people.Pictures
    lowest_accuracy: float
    macs: tuple[int, ...]
    network_macs: int

    @classmethod
    def load(cls, network: keras.Model, settings: JointSettings) -> "_JointWork":
        exits = attach_exits(network, settings.cuts, filters=settings.filters)
        training = people.load("train", limit=settings.pictures)
        validation, test = people.load("validation"), people.load("test")
        alone = exits.predict(validation.images, calibrated=False)[-1]
        whole = float((alone.argmax(axis=1) == validation.labels).mean())
        macs = tuple(one.macs for one in exits.workloads())
        without = macs[-1] - sum(head.macs for head in exits.head_workloads())
        return cls(
            exits, settings, training, validation, test, whole - settings.max_loss, macs, without
        )

    def row(self, way: str, rate: float, seed: int) -> JointRow:
        """Train one way and measure it."""
        x = np.concatenate((self.training.images, self.training.images[:, :, ::-1]))
        y = np.tile(self.training.labels, 2)
        more = self.settings.more
        common = {"seed": seed, "progress": False}
        keras.utils.set_random_seed(seed)
        exits = attach_exits(self.exits.model, self.exits.cuts, filters=self.settings.filters)
        train_exits(exits, x, y, profile=self.settings.heads, **common)
        if way != "frozen":
            profile = dataclasses.replace(more, learning_rate=rate)
            weight = 1.0 if way == "joint" else 0.0
            exits = train_jointly(exits, x, y, profile=profile, exit_weight=weight, **common)
        if way != "joint":
            train_exits(exits, x, y, profile=more, **common)
        return self._measured(exits, way, rate, seed)

    def _measured(self, exits: EarlyExits, way: str, rate: float, seed: int) -> JointRow:
        validation, test = self.validation, self.test
        exits = calibrate_exits(exits, validation.images, validation.labels)
        held_out = exit_record(exits.predict(validation.images), validation.labels, self.macs)
        threshold = choose_threshold(held_out, max_loss=0.0, reference=self.lowest_accuracy)
        record = exit_record(exits.predict(test.images), test.labels, self.macs)
        point = at_threshold(record, threshold)
        return JointRow(
            way=way,
            learning_rate=rate,
            seed=seed,
            validation_accuracy=round(float(held_out.correct.mean()), 4),
            exit_accuracy=tuple(np.round(record.correct.mean(axis=0), 4).tolist()),
            threshold_bits=round(threshold, 4),
            exit_rates=tuple(np.round(point.exit_rates, 4).tolist()),
            accuracy=round(point.accuracy, 4),
            saved=round(1 - point.mean_macs / self.network_macs, 4),
        )

    def results(self, rows: list[JointRow]) -> JointResults:
        """With the settings of all rows."""
        return JointResults(
            tuple(rows),
            self.settings.cuts,
            round(self.lowest_accuracy, 4),
            len(self.test),
            len(self.validation),
            len(self.training),
            self.settings.heads.epochs,
            self.settings.more.epochs,
        )
