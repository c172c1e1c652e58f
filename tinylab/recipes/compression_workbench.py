"""What the compression study works with: a float model, pictures, ways to measure a result."""

import dataclasses
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import keras
import numpy as np

from tinylab.cache import fingerprint
from tinylab.compress.deep_compression.codebook_training import (
    cluster_model,
    shared_weights_of,
    with_codebooks,
    without_codebooks,
)
from tinylab.compress.deep_compression.file_format import decode_model, encode_model, float32_bytes
from tinylab.compress.deep_compression.weight_sharing import SharedWeights
from tinylab.compress.distillation import Distiller
from tinylab.compress.pruning.prune import kernels_of
from tinylab.compress.results import StudyPoint
from tinylab.data import people
from tinylab.data.pixels import inputs
from tinylab.deploy import litert
from tinylab.models import checkpoints
from tinylab.models.augmentation.pictures import LIGHT, disturber
from tinylab.models.scores import scores_of
from tinylab.models.size import multiply_accumulates
from tinylab.models.surgery.fold import fold_batch_norm
from tinylab.models.training import TrainingOptions, TrainingProfile, train
from tinylab.models.tuning import Trial, best_of, tried
from tinylab.scoring import classification

__all__ = [
    "PROFILES",
    "CompressionRecipe",
    "Workbench",
    "is_pointwise",
    "make_workbench",
    "model_name",
]

APPLICATION = "visual_wake_words"
VALUE_BITS = 4  # of the pointwise layers, which hold nine tenths of the weights
OTHER_VALUE_BITS = 5  # at least: the others tolerate less
CALIBRATION_PICTURES = 200
SETTLING_PICTURES = 1000


@dataclass(frozen=True)
class CompressionRecipe:
    """How much of what.

    Attributes
    ----------
    pictures, test_pictures : int or None
        Training pictures of an epoch, and pictures to measure on; None for all.
    sparsities : tuple of float
        Of the pointwise layers of the pruned models; the other layers stay whole. The Deep
        Compression file is made of one of them.
    value_bits : tuple of int
        Width of the index of a shared value in the pointwise layers; a file of each.
    pruning, codebooks, repair, student : TrainingProfile
        While sparsity rises; of the shared values; after channels or ranks were taken away; of the
        small network. The learning rate of the first three is only where the search for the best
        one begins, see `Workbench.tuned`.
    students : int
        Trainings of the small network with its teacher, and as many without.
    student_rates, temperatures : tuple of float
        Of which the learning rate, with and without the teacher, and the teacher's temperature are
        chosen on the validation pictures.
    """

    pictures: int | None
    test_pictures: int | None
    sparsities: tuple[float, ...]
    value_bits: tuple[int, ...]
    pruning: TrainingProfile
    codebooks: TrainingProfile
    repair: TrainingProfile
    student: TrainingProfile
    students: int = 3
    student_rates: tuple[float, ...] = (1e-3, 3e-3, 9e-3)
    temperatures: tuple[float, ...] = (1.0, 2.0, 4.0)


PROFILES: Mapping[str, CompressionRecipe] = MappingProxyType(
    {
        "quick": CompressionRecipe(
            400,
            200,
            (0.6,),
            (4,),
            TrainingProfile(1, batch_size=50, learning_rate=5e-4),
            TrainingProfile(1, batch_size=50, learning_rate=1e-4),
            TrainingProfile(1, batch_size=50, learning_rate=5e-4),
            TrainingProfile(1, batch_size=50, learning_rate=2e-3),
            students=2,
        ),
        # Little is relearned here, so half of the pictures will do; the student starts from nothing
        # and is given the same ones, with and without its teacher.
        "full": CompressionRecipe(
            4000,
            None,
            (0.3, 0.5),
            (4, 5),
            TrainingProfile(3, batch_size=50, learning_rate=3e-4),
            TrainingProfile(2, batch_size=50, learning_rate=1e-4),
            TrainingProfile(4, batch_size=50, learning_rate=5e-4),
            TrainingProfile(8, batch_size=50, learning_rate=3e-3, warm_up=0.05),
        ),
    }
)


@dataclass(frozen=True)
class Workbench:
    """What every part of the study works with.

    Attributes
    ----------
    model : keras.Model
        The trained float model; never changed.
    training : Pictures
    x, y : float32 array (n, 96, 96, 3) in 0..1, int64 array (n,)
        Test pictures and their classes.
    recipe : CompressionRecipe
    seed : int
    progress : bool
    files : dict of label to bytes
        The Deep Compression files that were made.
    """

    model: keras.Model
    training: people.Pictures
    x: np.ndarray
    y: np.ndarray
    recipe: CompressionRecipe
    seed: int = 0
    progress: bool = True
    files: dict[str, bytes] = field(default_factory=dict)

    def tune(
        self, model, profile: TrainingProfile, callbacks=(), teacher=None, temperature: float = 2.0
    ) -> keras.Model:
        """Train a model in place on the training pictures, with a teacher if there is one."""
        data = self.training.images, self.training.labels
        learner = model
        if teacher is not None:
            learner = Distiller(model, teacher, temperature=temperature, hard_share=0.3)
        train(
            learner,
            *data,
            profile=profile,
            disturb=disturber(LIGHT),
            callbacks=callbacks,
            options=TrainingOptions(seed=self.seed, progress=self.progress),
        )
        self._settle(model)
        return model

    def tuned(
        self,
        build: Callable[[], keras.Model],
        profile: TrainingProfile,
        callbacks: Callable[[keras.Model], Sequence] = lambda model: (),
    ) -> tuple[keras.Model, tuple[Trial, ...]]:
        """Train what `build` makes at several learning rates, around that of the profile.

        Returns
        -------
        keras.Model
            The one that answers most validation pictures.
        tuple of Trial
        """
        trained: dict[float, keras.Model] = {}

        def validated(rate: float) -> float:
            model = build()
            at_rate = dataclasses.replace(profile, learning_rate=rate)
            trained[rate] = self.tune(model, at_rate, callbacks(model))
            return self.validation_accuracy(model)

        factors = (1 / 3, 1, 3)
        grid = tuple(float(f"{factor * profile.learning_rate:.3g}") for factor in factors)
        trials = tried("learning rate", grid, validated)
        return trained[best_of(trials)], trials

    def _settle(self, model: keras.Model, batch_size: int = 100) -> None:
        """Measure the batch norms' statistics anew, on pictures as they are.

        Those of the training belong to weights that were still changing, and to disturbed pictures.
        """
        images = self.training.images[:SETTLING_PICTURES]
        for start in range(0, len(images), batch_size):
            model(inputs(images[start : start + batch_size]), training=True)

    def accuracy(self, model: keras.Model) -> float:
        """Share of the test pictures that a model answers correctly."""
        return classification.accuracy(self.y, scores_of(model, self.x))

    def validation_accuracy(self, model: keras.Model) -> float:
        """Share of the validation pictures that a model answers correctly."""
        pictures = people.load("validation", limit=self.recipe.test_pictures)
        return classification.accuracy(pictures.labels, scores_of(model, pictures.images))

    def plain_point(
        self,
        technique: str,
        label: str,
        model: keras.Model,
        epochs: int = 0,
        trials: tuple[Trial, ...] = (),
    ) -> StudyPoint:
        """The point of a float32 model."""
        size, macs = float32_bytes(model), multiply_accumulates(model)
        right = self.accuracy(model)
        return StudyPoint(technique, label, size, right, macs, epochs, True, trials=trials)

    def int8(self, technique: str, label: str, model, epochs: int = 0) -> Iterator[StudyPoint]:
        """The points of the int8 program that LiteRT makes of a model: as it is, and zipped."""
        typical = inputs(self.training.images[:CALIBRATION_PICTURES])
        program = litert.convert(model, "int8", representative_dataset=typical)
        right = litert.evaluate(program, self.x, self.y).accuracy
        macs, zipped = multiply_accumulates(model), len(zlib.compress(program, 9))
        yield StudyPoint(technique, label, len(program), right, macs, epochs, True)
        yield StudyPoint(technique, f"{label}, zipped", zipped, right, macs, epochs)

    def coded_point(
        self, technique, label, folded, shared=None, epochs: int = 0, trials: tuple[Trial, ...] = ()
    ) -> StudyPoint:
        """The point of a Deep Compression file."""
        data = encode_model(folded, shared).data
        self.files[label] = data
        right, macs = self.accuracy(decode_model(data)), multiply_accumulates(folded)
        return StudyPoint(technique, label, len(data), right, macs, epochs, trials=trials)

    def codebooks(self, folded: keras.Model, bits: int = VALUE_BITS) -> dict[str, SharedWeights]:
        """The kernels' shared values before training; one of 2**bits stands for zero."""
        wide = max(bits, OTHER_VALUE_BITS)
        clusters = {
            name: 2 ** (bits if is_pointwise(folded.get_layer(name)) else wide) - 1
            for name in kernels_of(folded)
        }
        return cluster_model(folded, clusters)

    def shared_point(
        self, technique, label, model: keras.Model, bits: int, epochs: int = 0
    ) -> StudyPoint:
        """The point of a trained model with shared values, trained codebooks, and coding."""
        folded = fold_batch_norm(model)
        shared = self.codebooks(folded, bits)
        trained, trials = self.tuned(lambda: with_codebooks(folded, shared), self.recipe.codebooks)
        epochs += self.recipe.codebooks.epochs
        plain, shared = without_codebooks(trained), shared_weights_of(trained)
        return self.coded_point(technique, label, plain, shared, epochs, trials)


def is_pointwise(layer: keras.Layer) -> bool:
    """Whether a layer is a 1 x 1 convolution."""
    return isinstance(layer, keras.layers.Conv2D) and tuple(layer.kernel_size) == (1, 1)


def make_workbench(
    profile: str | CompressionRecipe,
    *,
    seed: int = 0,
    origin: str | None = None,
    progress: bool = True,
) -> Workbench:
    """Load the float model and the pictures."""
    if not isinstance(profile, CompressionRecipe) and profile not in PROFILES:
        raise ValueError(
            f"profile must be one of {tuple(PROFILES)} or a CompressionRecipe, got {profile!r}"
        )
    recipe = profile if isinstance(profile, CompressionRecipe) else PROFILES[profile]
    model = checkpoints.load(APPLICATION, "train", origin=origin).model
    training = people.load("train", limit=recipe.pictures, seed=seed)
    test = people.load("test", limit=recipe.test_pictures, seed=seed)
    return Workbench(model, training, inputs(test.images), test.labels, recipe, seed, progress)


def model_name(model: keras.Model) -> str:
    """Fingerprint of a model's weights, by which a study knows what it was made of."""
    return fingerprint(model.get_weights(), "weights")
