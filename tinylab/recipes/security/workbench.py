"""The model, its examples and the compressed models that the studies of security share."""

import dataclasses
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from tinylab.cache import fingerprint, read_results
from tinylab.compress.distillation import softened
from tinylab.compress.pruning.masks import model_masks
from tinylab.compress.pruning.prune import MaskKeeper, kernels_of, prune
from tinylab.compress.study import share_kernels
from tinylab.deploy.litert import LiteRTModel, convert
from tinylab.files import replacing
from tinylab.models import checkpoints
from tinylab.models.networks.ds_cnn import ds_cnn
from tinylab.models.surgery.blocks import fresh_copy
from tinylab.recipes.keyword_features import Examples, examples
from tinylab.security.study import Target
from tinylab.signal.device_input import stored_features

__all__ = ["PROFILES", "SecurityProfile", "Workbench"]

TEMPERATURE = 4.0
SHARED = 15  # values a kernel, and zero


@dataclass(frozen=True)
class SecurityProfile:
    """How much to measure.

    Attributes
    ----------
    clips : int
        Test clips behind faults, theft and defences.
    attacked : int
        Test clips behind attacks; more, for only those count that every model answers correctly.
    training : int
        Training clips a class, for defences and membership.
    tuning : int
        Training clips a class, for the compressed models and for queries.
    seeds, theft_seeds, fault_seeds : int
    queries : tuple of int
        Of the thief.
    epochs : int
        Of every fine-tuning; a student gets five times as many.
    flips, budgets : tuple of int
        Bits flipped by chance, and by choice.
    steps : int
        Batches that the thief trains on.
    """

    clips: int = 100
    attacked: int = 200
    training: int = 80
    tuning: int = 200
    seeds: int = 3
    theft_seeds: int = 5
    fault_seeds: int = 8
    queries: tuple[int, ...] = (60, 240, 960)
    epochs: int = 3
    flips: tuple[int, ...] = (16, 64, 256, 1024)
    budgets: tuple[int, ...] = (1, 2, 4, 8)
    steps: int = 300


PROFILES = {
    "quick": SecurityProfile(60, 100, 50, 150, 2, 2, 4, (60, 240), 2),
    "full": SecurityProfile(),
}


class Workbench:
    """Examples and models of one run, and a folder that keeps the parts that are done.

    Parameters
    ----------
    profile : SecurityProfile
    seed : int
    folder : Path
    progress : bool

    Attributes
    ----------
    model : keras.Model
        The bundled one; `name` is the fingerprint of its weights.
    test, attacked, train, tuning : Examples
    stored : int8 array
        The test clips as the int8 programs get them.
    """

    def __init__(self, profile: SecurityProfile, seed: int, folder: Path, progress: bool = True):
        self.profile, self.seed, self.folder = profile, seed, folder
        self.model = checkpoints.load("keyword_spotting", "train", origin="reference").model
        self.test = self._drawn(profile.clips, progress)
        self.attacked = self._drawn(profile.attacked, progress)
        self.train = self._examples("train", profile.training, progress)
        self.tuning = self._examples("train", profile.tuning, progress)
        self.stored = stored_features(self.test.x)
        weights = [np.asarray(one) for one in self.model.get_weights()]
        self.name = fingerprint(weights, "")
        # What another profile, seed or model left in the folder is not taken for this one's.
        self._parts = folder / f"parts_{fingerprint(weights, (profile, seed))}"

    def _drawn(self, clips: int, progress: bool) -> Examples:
        test = self._examples("test", -(-clips // 12), progress)
        order = np.random.default_rng(self.seed).permutation(len(test.y))[:clips]
        return Examples(*(part[order] for part in test))

    def _examples(self, split: str, per_class: int, progress: bool) -> Examples:
        path = self.folder / f"features_{split}_{per_class}_{self.seed}.npz"
        if path.is_file():
            with np.load(path) as kept:
                return Examples(kept["x"], kept["y"], kept["speakers"])
        made = examples(split, per_class, seed=self.seed + 1, progress=progress)
        with replacing(path) as temporary:
            np.savez(temporary, **made._asdict())
        return made

    def target(self, name: str, model: keras.Model) -> Target:
        """A model with its int8 program."""
        return Target(name, model, LiteRTModel(convert(model, "int8", self.train.x[:200])))

    def accuracy(self, program: bytes) -> float:
        """Of an int8 program on the test clips, 0 to 1."""
        answers = LiteRTModel(program).predict_quantized(self.stored)
        return float((answers.argmax(axis=1) == self.test.y).mean())

    def part(self, name: str, kind: type, measure: Callable[[], Iterable]) -> list:
        """Rows kept by an earlier run, or measured now and kept."""
        path = self._parts / f"{name}.json"
        if path.is_file():
            kept = json.loads(path.read_text(encoding="utf-8"))
            return [read_results(row, kind) for row in kept]
        rows = list(measure())
        self._parts.mkdir(exist_ok=True)
        with replacing(path) as temporary:
            text = json.dumps([dataclasses.asdict(row) for row in rows])
            temporary.write_text(text, encoding="utf-8")
        return rows

    def compressed(self, seed: int) -> dict[str, Target]:
        """The bundled model, a control tuned as long, and three compressed models."""
        tuned = self._tuned(self.model, seed)
        models = {
            "dense": self.model,
            "tuned": tuned,
            "pruned 50 %": self._tuned(prune(self.model, 0.5), seed, sparsity=0.5),
            "16 shared values": share_kernels(tuned, SHARED),
            "distilled": self._student(seed),
        }
        return {name: self.target(name, model) for name, model in models.items()}

    def _tuned(self, model: keras.Model, seed: int, sparsity: float = 0.0) -> keras.Model:
        """As many epochs for all; what is pruned stays zero."""
        keras.utils.set_random_seed(seed)
        copy, keeper = fresh_copy(model), []
        if sparsity:
            keeper = [MaskKeeper(model_masks(kernels_of(copy), sparsity))]
        copy.compile(keras.optimizers.Adam(5e-4), "sparse_categorical_crossentropy")
        epochs = self.profile.epochs
        copy.fit(self.tuning.x, self.tuning.y, epochs=epochs, verbose=0, callbacks=keeper)
        return copy

    def _student(self, seed: int) -> keras.Model:
        keras.utils.set_random_seed(seed)
        student = ds_cnn(filters=32, blocks=3, dropout=(0, 0.1))
        said = self.model.predict(self.tuning.x, verbose=0, batch_size=250)
        soft = softened(said, TEMPERATURE).astype(np.float32)
        epochs, batch = 5 * self.profile.epochs, 50
        steps = epochs * -(-len(soft) // batch)
        schedule = keras.optimizers.schedules.CosineDecay(3e-3, steps)
        student.compile(keras.optimizers.Adam(schedule), "categorical_crossentropy")
        student.fit(self.tuning.x, soft, batch_size=batch, epochs=epochs, verbose=0)
        return student
