"""The compression study: the reference person detector in, smaller ones and their honest figures out.

`tinylab train vww-compress` runs `train_study`. Everything starts from the trained float model, learns
from the training scenes alone, and is measured on the test scenes after being read back from the file
whose bytes are counted.
"""

import dataclasses
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import keras
import numpy as np

from tinylab import paths
from tinylab.cache import fingerprint
from tinylab.compress.blocks import fresh_copy
from tinylab.compress.cluster_training import (
    cluster_model,
    shared_weights_of,
    with_codebooks,
    without_codebooks,
)
from tinylab.compress.deep_compression import decode_model, encode_model, float32_bytes
from tinylab.compress.deep_compression_sweep import sweep_deep_compression
from tinylab.compress.distill import distill
from tinylab.compress.factorize import factorize
from tinylab.compress.fold import fold_batch_norm
from tinylab.compress.prune import (
    MaskKeeper,
    Pruner,
    PruningSchedule,
    kernels_of,
    n_of_m_masks,
)
from tinylab.compress.prune_channels import shrink_channels
from tinylab.compress.sensitivity import measure_sensitivity
from tinylab.compress.study import CompressionStudy, StudyPoint
from tinylab.data import people
from tinylab.deploy import litert
from tinylab.files import replacing
from tinylab.models import checkpoints, metrics
from tinylab.models.mobilenet import mobilenet_v1
from tinylab.models.recipes.picture_augmentation import LIGHT, disturber
from tinylab.models.recipes.visual_wake_words import inputs
from tinylab.models.size import multiply_accumulates
from tinylab.models.training import TrainingProfile, train

__all__ = [
    "FILE_NAME",
    "PARTS",
    "PROFILES",
    "STUDY_NAME",
    "Recipe",
    "deep_compression_file",
    "load_study",
    "train_study",
]

APPLICATION = "visual_wake_words"
FILE_NAME = f"{APPLICATION}_deep_compression.tldc"
STUDY_NAME = f"{APPLICATION}_compress_study.json"
# Shared values of a kernel, beside zero: 4 bits for the pointwise layers, which hold nine tenths of the
# weights, 5 for the others, which bear less.
POINTWISE_VALUES, OTHER_VALUES = 15, 31
CALIBRATION_PICTURES = 200
SWEEP_PICTURES = 400


@dataclass(frozen=True)
class Recipe:
    """How much of what.

    Attributes
    ----------
    pictures, test_pictures : int or None
        Training pictures of an epoch, and pictures to measure on; None for all.
    sparsities : tuple of float
        Of the pointwise layers of the pruned models; the other layers stay whole. The Deep
        Compression file is made of one of them.
    pruning, codebooks, repair, student : TrainingProfile
        While sparsity rises; of the shared values; after channels or ranks were taken away; of the
        small network.
    """

    pictures: int | None
    test_pictures: int | None
    sparsities: tuple[float, ...]
    pruning: TrainingProfile
    codebooks: TrainingProfile
    repair: TrainingProfile
    student: TrainingProfile


PROFILES: Mapping[str, Recipe] = MappingProxyType(
    {
        "quick": Recipe(
            400,
            200,
            (0.6,),
            TrainingProfile(1, batch_size=50, learning_rate=5e-4),
            TrainingProfile(1, batch_size=50, learning_rate=1e-4),
            TrainingProfile(1, batch_size=50, learning_rate=5e-4),
            TrainingProfile(1, batch_size=50, learning_rate=2e-3),
        ),
        "full": Recipe(
            None,
            None,
            (0.6, 0.8),
            TrainingProfile(4, batch_size=64, learning_rate=5e-4),
            TrainingProfile(2, batch_size=64, learning_rate=1e-4),
            TrainingProfile(3, batch_size=64, learning_rate=5e-4),
            TrainingProfile(12, batch_size=64, learning_rate=2e-3, warm_up=0.05),
        ),
    }
)


@dataclass(frozen=True)
class Bench:
    """What every part of the study works with.

    Attributes
    ----------
    model : keras.Model
        The trained float model; never changed.
    training : Pictures
    x, y : float32 array (n, 96, 96, 3) in 0..1, int64 array (n,)
        Test pictures and their classes.
    recipe : Recipe
    seed : int
    progress : bool
    files : dict of label to bytes
        The Deep Compression files that were made.
    """

    model: keras.Model
    training: people.Pictures
    x: np.ndarray
    y: np.ndarray
    recipe: Recipe
    seed: int = 0
    progress: bool = True
    files: dict[str, bytes] = field(default_factory=dict)

    def tune(self, model, profile: TrainingProfile, callbacks=(), teacher=None) -> keras.Model:
        """Train a model in place on the training pictures, with a teacher if there is one."""
        data = self.training.images, self.training.labels
        options = {
            "profile": profile,
            "disturb": disturber(LIGHT),
            "callbacks": callbacks,
            "seed": self.seed,
            "progress": self.progress,
        }
        if teacher is None:
            train(model, *data, **options)
        else:
            distill(model, teacher, *data, temperature=2.0, hard_share=0.3, **options)
        return model

    def accuracy(self, model: keras.Model) -> float:
        """Share of the test pictures that a model answers rightly."""
        return metrics.accuracy(self.y, model.predict(self.x, batch_size=200, verbose=0))

    def plain(self, technique: str, label: str, model: keras.Model, epochs: int = 0) -> StudyPoint:
        """The point of a float32 model."""
        size, macs = float32_bytes(model), multiply_accumulates(model)
        return StudyPoint(technique, label, size, self.accuracy(model), macs, epochs, True)

    def int8(self, technique: str, label: str, model, epochs: int = 0) -> Iterator[StudyPoint]:
        """The points of the int8 program that LiteRT makes of a model: as it is, and zipped."""
        typical = inputs(self.training.images[:CALIBRATION_PICTURES])
        program = litert.convert(model, "int8", representative_dataset=typical)
        right = litert.evaluate(program, self.x, self.y).accuracy
        macs, zipped = multiply_accumulates(model), len(zlib.compress(program, 9))
        yield StudyPoint(technique, label, len(program), right, macs, epochs, True)
        yield StudyPoint(technique, f"{label}, zipped", zipped, right, macs, epochs)

    def coded(self, technique, label, folded, shared=None, epochs: int = 0) -> StudyPoint:
        """The point of a Deep Compression file."""
        data = encode_model(folded, shared).data
        self.files[label] = data
        right, macs = self.accuracy(decode_model(data)), multiply_accumulates(folded)
        return StudyPoint(technique, label, len(data), right, macs, epochs)

    def shared(self, technique: str, label: str, model: keras.Model, epochs: int = 0) -> StudyPoint:
        """Share the values of a trained model, train the codebooks, and code the result."""
        folded = fold_batch_norm(model)
        clusters = {
            name: POINTWISE_VALUES if is_pointwise(folded.get_layer(name)) else OTHER_VALUES
            for name in kernels_of(folded)
        }
        books = with_codebooks(folded, cluster_model(folded, clusters))
        self.tune(books, self.recipe.codebooks)
        epochs += self.recipe.codebooks.epochs
        plain = without_codebooks(books)
        return self.coded(technique, label, plain, shared_weights_of(books), epochs)


def is_pointwise(layer: keras.Layer) -> bool:
    """Whether a layer is a 1 x 1 convolution."""
    return isinstance(layer, keras.layers.Conv2D) and tuple(layer.kernel_size) == (1, 1)


def schedule(model: keras.Model, sparsity: float) -> PruningSchedule:
    """Prune the pointwise layers and leave the others, few weights that bear it badly, whole."""
    return PruningSchedule(dict.fromkeys(kernels_of(model, is_pointwise), sparsity))


def baseline(bench: Bench) -> Iterator[StudyPoint]:
    """The float model, its int8 program, and as a control the float model trained on for as long."""
    yield bench.plain("quantization", "float32", bench.model)
    yield from bench.int8("quantization", "int8", bench.model)
    profile = bench.recipe.pruning
    longer = bench.tune(fresh_copy(bench.model), profile)
    yield bench.plain("quantization", "float32, trained on", longer, profile.epochs)


def pruning(bench: Bench) -> Iterator[StudyPoint]:
    """Pruned by schedule; each then with shared values, which makes it Deep Compression."""
    profile = bench.recipe.pruning
    for sparsity in bench.recipe.sparsities:
        model = fresh_copy(bench.model)
        bench.tune(model, profile, [Pruner(schedule(model, sparsity))])
        folded, zeros = fold_batch_norm(model), f"{sparsity:.0%} zeros"
        yield bench.coded("pruning", zeros, folded, epochs=profile.epochs)
        yield bench.shared("Deep Compression", f"{zeros}, 4 bits", model, profile.epochs)
    yield bench.shared("Deep Compression", "4 bits, nothing pruned", bench.model)


def patterns(bench: Bench) -> Iterator[StudyPoint]:
    """Two of every four weights."""
    profile = bench.recipe.repair
    model = fresh_copy(bench.model)
    bench.tune(model, profile, [MaskKeeper(n_of_m_masks(model))])
    yield bench.coded("pruning", "2:4", fold_batch_norm(model), epochs=profile.epochs)


def channels(bench: Bench) -> Iterator[StudyPoint]:
    """Smaller networks of the channels that matter most, and the smallest in every other way as well."""
    profile = bench.recipe.repair
    for keep in (0.75, 0.5):
        label = f"{keep:.0%} of the channels"
        small = bench.tune(shrink_channels(bench.model, keep), profile)
        yield bench.plain("fewer channels", label, small, profile.epochs)
        yield from bench.int8("combination", f"{label}, int8", small, profile.epochs)
    model = fresh_copy(small)
    half = bench.recipe.pruning
    bench.tune(model, half, [Pruner(schedule(model, 0.5))])
    label, epochs = f"{label}, 50% zeros, 4 bits", profile.epochs + half.epochs
    yield bench.shared("combination", label, model, epochs)


def low_rank(bench: Bench) -> Iterator[StudyPoint]:
    """Thin chains in place of wide layers."""
    profile = bench.recipe.repair
    for energy in (0.95, 0.85):
        thin, _ = factorize(bench.model, energy)
        label = f"{energy:.0%} of the energy"
        bench.tune(thin, profile)
        yield bench.plain("low rank", label, thin, profile.epochs)
    yield from bench.int8("combination", f"{label}, int8", thin, profile.epochs)


def distillation(bench: Bench) -> Iterator[StudyPoint]:
    """A network of half the width, with labels alone and with the float model as its teacher."""
    profile = bench.recipe.student
    for label, teacher in (("half width, no teacher", None), ("half width, distilled", bench.model)):
        keras.utils.set_random_seed(bench.seed)
        student = bench.tune(mobilenet_v1(width=0.125), profile, teacher=teacher)
        yield bench.plain("distillation", label, student, profile.epochs)
    yield bench.shared("combination", f"{label}, 4 bits", student, profile.epochs)


def pruning_with_a_teacher(bench: Bench) -> Iterator[StudyPoint]:
    """The highest sparsity once more, while the unpruned model teaches."""
    profile, sparsity = bench.recipe.pruning, max(bench.recipe.sparsities)
    model = fresh_copy(bench.model)
    bench.tune(model, profile, [Pruner(schedule(model, sparsity))], teacher=bench.model)
    label = f"{sparsity:.0%} zeros, distilled"
    yield bench.coded("combination", label, fold_batch_norm(model), epochs=profile.epochs)
    yield bench.shared("combination", f"{label}, 4 bits", model, profile.epochs)


PARTS: Mapping[str, Callable[[Bench], Iterator[StudyPoint]]] = MappingProxyType(
    {
        "baseline": baseline,
        "pruning": pruning,
        "patterns": patterns,
        "channels": channels,
        "low_rank": low_rank,
        "distillation": distillation,
        "pruning_with_a_teacher": pruning_with_a_teacher,
    }
)


def train_study(
    profile: str | Recipe = "full",
    *,
    parts: tuple[str, ...] = tuple(PARTS),
    sweeps: bool = True,
    seed: int = 0,
    directory: str | Path | None = None,
    origin: str | None = None,
    progress: bool = True,
) -> CompressionStudy:
    """Compress the trained model in every way, measure, and write study and file after each part.

    Parameters
    ----------
    profile : {"quick", "full"} or Recipe
        Some minutes, or an hour, on one core.
    parts : tuple of str
        Of `PARTS`. Points of other parts that an earlier call left in the directory stay, if they
        were made of the same float model.
    sweeps : bool
        Also measure the sensitivity of each layer, and files at every sparsity and width.
    seed : int
    directory : path, optional
        Where study and file go; by default the learner's work folder. The bundled ones lie in
        `tinylab/models/reference`.
    origin : {"yours", "reference"}, optional
        Which float model, see `tinylab.models.checkpoints.load`.
    progress : bool
        Show progress bars.

    Returns
    -------
    CompressionStudy
    """
    bench = make_bench(profile, seed=seed, origin=origin, progress=progress)
    unknown = sorted(set(parts) - set(PARTS))
    if unknown:
        raise ValueError(f"there is no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    folder = paths.work_dir() / "checkpoints" if directory is None else Path(directory)
    study = _begun(bench, folder / STUDY_NAME)
    for part in parts:
        for point in PARTS[part](bench):
            study = study.with_points([point])
        study.save(folder / STUDY_NAME)
        _keep_best_file(bench, study, folder)
    return _with_sweeps(bench, study, folder) if sweeps else study


def make_bench(
    profile: str | Recipe, *, seed: int = 0, origin: str | None = None, progress: bool = True
) -> Bench:
    """Load the float model and the pictures."""
    if not isinstance(profile, Recipe) and profile not in PROFILES:
        raise ValueError(f"profile must be one of {tuple(PROFILES)} or a Recipe, got {profile!r}")
    recipe = profile if isinstance(profile, Recipe) else PROFILES[profile]
    model = checkpoints.load(APPLICATION, "train", origin=origin).model
    training = people.load("train", limit=recipe.pictures, seed=seed)
    test = people.load("test", limit=recipe.test_pictures, seed=seed)
    return Bench(model, training, inputs(test.images), test.labels, recipe, seed, progress)


def model_name(model: keras.Model) -> str:
    """Fingerprint of a model's weights, by which a study knows what it was made of."""
    return fingerprint(model.get_weights(), "weights")


def _begun(bench: Bench, path: Path) -> CompressionStudy:
    """The study that was begun in an earlier call with the same model and pictures, or a new one."""
    new = CompressionStudy(
        (bench.plain("quantization", "float32", bench.model),),
        examples=len(bench.y),
        training_examples=len(bench.training),
        model=model_name(bench.model),
    )
    if not path.is_file():
        return new
    old = CompressionStudy.load(path)
    same = (old.model, old.examples, old.training_examples) == (
        new.model, new.examples, new.training_examples,
    )  # fmt: skip
    return old if same else new


def _keep_best_file(bench: Bench, study: CompressionStudy, folder: Path) -> None:
    """Write the smallest Deep Compression file that loses at most a point, or the most accurate."""
    made = [p for p in study.points if p.technique == "Deep Compression" and p.label in bench.files]
    if not made:
        return
    enough = study.float_point.accuracy - 0.01
    good = [point for point in made if point.accuracy >= enough - 1e-9]
    best = min(good, key=lambda p: p.stored_bytes) if good else max(made, key=lambda p: p.accuracy)
    path, data = folder / FILE_NAME, bench.files[best.label]
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    figures = {
        "made_of": study.model,
        "label": best.label,
        "accuracy": round(best.accuracy, 4),
        "float32_accuracy": round(study.float_point.accuracy, 4),
        "examples": study.examples,
        "bytes": len(data),
        "float32_bytes": study.float_point.stored_bytes,
        "times_smaller": round(study.float_point.stored_bytes / len(data), 2),
    }
    with replacing(path.with_suffix(".json")) as temporary:
        temporary.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _with_sweeps(bench: Bench, study: CompressionStudy, folder: Path) -> CompressionStudy:
    """Add what the explorers look up, measured on some of the test pictures."""
    x, y = bench.x[:SWEEP_PICTURES], bench.y[:SWEEP_PICTURES]
    options = {"progress": bench.progress, "cache": False}
    study = dataclasses.replace(
        study,
        sensitivity=measure_sensitivity(bench.model, x, y, **options),
        sweep=sweep_deep_compression(bench.model, x, y, **options),
    )
    study.save(folder / STUDY_NAME)
    return study


def load_study(*, origin: str | None = None) -> CompressionStudy:
    """The learner's own study if there is one, else the bundled one."""
    return CompressionStudy.load(_find(STUDY_NAME, origin))


def deep_compression_file(*, origin: str | None = None) -> Path:
    """The learner's own Deep Compression file if there is one, else the bundled one."""
    return _find(FILE_NAME, origin)


def _find(name: str, origin: str | None) -> Path:
    folders = {"yours": paths.work_dir() / "checkpoints", "reference": checkpoints.REFERENCE}
    for folder in folders.values() if origin is None else [folders[origin]]:
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"there is no {name}; make it with `tinylab train vww-compress`")
