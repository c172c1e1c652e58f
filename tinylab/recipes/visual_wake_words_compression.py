"""The compression study: make the reference person detector smaller in many ways, and measure each.

`tinylab train vww-compress` runs `train_study`. Everything starts from the trained float model,
learns from the training scenes alone, and is measured on the test scenes after being read back from
the file whose bytes are counted.
"""

import dataclasses
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import keras

from tinylab import paths
from tinylab.compress.deep_compression.file_format import decode_model
from tinylab.compress.deep_compression.study import measure_deep_compression
from tinylab.compress.low_rank.factorize import factorize
from tinylab.compress.pruning.channels import shrink_channels
from tinylab.compress.pruning.prune import (
    MaskKeeper,
    Pruner,
    PruningSchedule,
    kernels_of,
    n_of_m_masks,
)
from tinylab.compress.pruning.study import measure_sensitivity
from tinylab.compress.results import CompressionResults, StudyPoint
from tinylab.files import replacing
from tinylab.models import checkpoints
from tinylab.models.networks.mobilenet import mobilenet_v1
from tinylab.models.surgery.blocks import fresh_copy
from tinylab.models.surgery.fold import fold_batch_norm
from tinylab.models.tuning import Trial, best_of, tried
from tinylab.recipes.compression_workbench import (
    APPLICATION,
    VALUE_BITS,
    CompressionRecipe,
    Workbench,
    is_pointwise,
    make_workbench,
    model_name,
)
from tinylab.recipes.figures import DeepCompressionFigures, plain
from tinylab.recipes.visual_wake_words import evaluate_on_real_pictures

__all__ = [
    "FILE_NAME",
    "PARTS",
    "STUDY_NAME",
    "deep_compression_file",
    "load_study",
    "train_study",
]

FILE_NAME = f"{APPLICATION}_deep_compression.tldc"
STUDY_NAME = f"{APPLICATION}_compress_study.json"
SWEEP_PICTURES = 200
LOW_RANK_ENERGY = 0.8
TEMPERATURE = 2.0  # while the learning rate is chosen
TUNING_SEED = 100  # of no student that is compared


def schedule(model: keras.Model, sparsity: float) -> PruningSchedule:
    """Prune the pointwise layers and leave the others, few weights that suffer from it, whole."""
    return PruningSchedule(dict.fromkeys(kernels_of(model, is_pointwise), sparsity))


def baseline(workbench: Workbench) -> Iterator[StudyPoint]:
    """The float model, its int8 program, and as a control the float model trained on."""
    yield workbench.plain_point("quantization", "float32", workbench.model)
    yield from workbench.int8("quantization", "int8", workbench.model)
    profile = workbench.recipe.pruning
    longer, trials = workbench.tuned(lambda: fresh_copy(workbench.model), profile)
    yield workbench.plain_point(
        "quantization", "float32, trained on", longer, profile.epochs, trials
    )


def pruning(workbench: Workbench) -> Iterator[StudyPoint]:
    """Pruned by schedule; each then with shared values, which makes it Deep Compression."""
    profile = workbench.recipe.pruning
    for sparsity in workbench.recipe.sparsities:
        model, trials = workbench.tuned(
            lambda: fresh_copy(workbench.model),
            profile,
            lambda model, sparsity=sparsity: [Pruner(schedule(model, sparsity))],
        )
        folded, zeros = fold_batch_norm(model), f"{sparsity:.0%} zeros"
        yield workbench.coded_point("pruning", zeros, folded, epochs=profile.epochs, trials=trials)
        for bits in workbench.recipe.value_bits:
            label = f"{zeros}, {bits} bits"
            yield workbench.shared_point("Deep Compression", label, model, bits, profile.epochs)


def patterns(workbench: Workbench) -> Iterator[StudyPoint]:
    """Two of every four weights."""
    profile = workbench.recipe.repair
    model, trials = workbench.tuned(
        lambda: fresh_copy(workbench.model),
        profile,
        lambda model: [MaskKeeper(n_of_m_masks(model))],
    )
    folded = fold_batch_norm(model)
    yield workbench.coded_point("pruning", "2:4", folded, epochs=profile.epochs, trials=trials)


def channels(workbench: Workbench) -> Iterator[StudyPoint]:
    """A smaller network of the half of the channels that matter most, plain and coded."""
    profile = workbench.recipe.repair
    small, trials = workbench.tuned(lambda: shrink_channels(workbench.model, 0.5), profile)
    label = "half of the channels"
    yield workbench.plain_point("fewer channels", label, small, profile.epochs, trials)
    yield from workbench.int8("combination", f"{label}, int8", small, profile.epochs)
    folded = fold_batch_norm(small)
    label = f"{label}, {VALUE_BITS} bits"
    yield workbench.coded_point(
        "combination", label, folded, workbench.codebooks(folded), profile.epochs
    )


def low_rank(workbench: Workbench) -> Iterator[StudyPoint]:
    """Thin chains in place of wide layers."""
    profile = workbench.recipe.repair
    thin, trials = workbench.tuned(lambda: factorize(workbench.model, LOW_RANK_ENERGY)[0], profile)
    label = f"{LOW_RANK_ENERGY:.0%} of the energy"
    yield workbench.plain_point("low rank", label, thin, profile.epochs, trials)


def distillation(workbench: Workbench) -> Iterator[StudyPoint]:
    """A network of half the width, with labels alone and with the float model as its teacher.

    Each with settings of its own, chosen on validation pictures, and then several times: seed by
    seed both begin with the same weights and see the same pictures.
    """
    recipe = workbench.recipe
    seeds = range(workbench.seed, workbench.seed + recipe.students)
    for label, teacher in (
        ("half width, no teacher", None),
        ("half width, distilled", workbench.model),
    ):
        trials, rate, temperature = _student_settings(workbench, teacher)
        points = [
            workbench.plain_point(
                "distillation",
                label,
                _student(workbench, seed, teacher, rate, temperature),
                recipe.student.epochs,
            )
            for seed in seeds
        ]
        accuracies = tuple(point.accuracy for point in points)
        mean = round(sum(accuracies) / len(accuracies), 4)
        yield dataclasses.replace(points[0], accuracy=mean, accuracies=accuracies, trials=trials)


def _student_settings(
    workbench: Workbench, teacher: keras.Model | None
) -> tuple[tuple[Trial, ...], float, float]:
    """What was tried, the learning rate, and the teacher's temperature, chosen in turn."""

    def validated(rate: float, temperature: float) -> float:
        student = _student(workbench, TUNING_SEED, teacher, rate, temperature)
        return workbench.validation_accuracy(student)

    recipe = workbench.recipe
    rates = tried("learning rate", recipe.student_rates, lambda one: validated(one, TEMPERATURE))
    rate = best_of(rates)
    if teacher is None:
        return rates, rate, TEMPERATURE
    temperatures = tried("temperature", recipe.temperatures, lambda one: validated(rate, one))
    return (*rates, *temperatures), rate, best_of(temperatures)


def _student(
    workbench: Workbench,
    seed: int,
    teacher: keras.Model | None,
    rate: float,
    temperature: float,
) -> keras.Model:
    keras.utils.set_random_seed(seed)
    bench = dataclasses.replace(workbench, seed=seed)
    profile = dataclasses.replace(workbench.recipe.student, learning_rate=rate)
    student = mobilenet_v1(width=0.125)
    return bench.tune(student, profile, teacher=teacher, temperature=temperature)


PARTS: Mapping[str, Callable[[Workbench], Iterator[StudyPoint]]] = MappingProxyType(
    {
        "baseline": baseline,
        "pruning": pruning,
        "patterns": patterns,
        "channels": channels,
        "low_rank": low_rank,
        "distillation": distillation,
    }
)


def train_study(
    profile: str | CompressionRecipe = "full",
    *,
    parts: tuple[str, ...] = tuple(PARTS),
    explorers: bool = True,
    seed: int = 0,
    directory: str | Path | None = None,
    origin: str | None = None,
    progress: bool = True,
) -> CompressionResults:
    """Compress the trained model in every way, measure, and write study and file after each part.

    Parameters
    ----------
    profile : {"quick", "full"} or CompressionRecipe
        Some minutes, or two hours, on two cores.
    parts : tuple of str
        Of `PARTS`. Points of other parts that an earlier call left in the directory stay, if they
        were made of the same float model.
    explorers : bool
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
    CompressionResults
        With `TINYLAB_REAL_DATA` set to the folder of the real pictures, the figures beside the file
        include those on them.
    """
    workbench = make_workbench(profile, seed=seed, origin=origin, progress=progress)
    unknown = sorted(set(parts) - set(PARTS))
    if unknown:
        raise ValueError(f"there is no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    folder = paths.work_dir() / "checkpoints" if directory is None else Path(directory)
    study = _begun(workbench, folder / STUDY_NAME)
    for part in parts:
        for point in PARTS[part](workbench):
            study = study.with_points([point])
        study.save(folder / STUDY_NAME)
        _keep_best_file(workbench, study, folder)
    return _with_explorer_results(workbench, study, folder) if explorers else study


def _begun(workbench: Workbench, path: Path) -> CompressionResults:
    """The study an earlier call began with the same model and pictures, or a new one."""
    new = CompressionResults(
        (workbench.plain_point("quantization", "float32", workbench.model),),
        examples=len(workbench.y),
        training_examples=len(workbench.training),
        model=model_name(workbench.model),
    )
    if not path.is_file():
        return new
    old = CompressionResults.load(path)
    same = (old.model, old.examples, old.training_examples) == (
        new.model,
        new.examples,
        new.training_examples,
    )
    return old if same else new


def _keep_best_file(workbench: Workbench, study: CompressionResults, folder: Path) -> None:
    """Write the smallest Deep Compression file that loses at most a point, or the most accurate.

    The loss that decides is that on the validation scenes; what is reported was measured on the
    test's.
    """
    made = [
        p for p in study.points if p.technique == "Deep Compression" and p.label in workbench.files
    ]
    if not made:
        return
    right = {
        p.label: workbench.validation_accuracy(decode_model(workbench.files[p.label])) for p in made
    }
    whole = workbench.validation_accuracy(workbench.model)
    good = [point for point in made if right[point.label] >= whole - 0.01 - 1e-9]
    best = (
        min(good, key=lambda p: p.stored_bytes) if good else max(made, key=lambda p: right[p.label])
    )
    path, data = folder / FILE_NAME, workbench.files[best.label]
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    real = os.environ.get("TINYLAB_REAL_DATA")
    figures = DeepCompressionFigures(
        made_of=study.model,
        label=best.label,
        validation_accuracy=round(right[best.label], 4),
        float32_validation_accuracy=round(whole, 4),
        accuracy=round(best.accuracy, 4),
        float32_accuracy=round(study.float_point.accuracy, 4),
        examples=study.examples,
        bytes=len(data),
        float32_bytes=study.float_point.stored_bytes,
        times_smaller=round(study.float_point.stored_bytes / len(data), 2),
        real_pictures=evaluate_on_real_pictures(decode_model(data), Path(real)) if real else None,
    )
    with replacing(path.with_suffix(".json")) as temporary:
        temporary.write_text(json.dumps(plain(figures), indent=2) + "\n", encoding="utf-8")


def _with_explorer_results(
    workbench: Workbench, study: CompressionResults, folder: Path
) -> CompressionResults:
    """Add what the explorers look up, measured on some of the test pictures."""
    x, y = workbench.x[:SWEEP_PICTURES], workbench.y[:SWEEP_PICTURES]
    options = {"progress": workbench.progress, "cache": False}
    study = dataclasses.replace(
        study,
        sensitivity=measure_sensitivity(workbench.model, x, y, **options),
        deep_compression=measure_deep_compression(workbench.model, x, y, **options),
    )
    study.save(folder / STUDY_NAME)
    return study


def load_study(*, origin: str | None = None) -> CompressionResults:
    """The learner's own study if there is one, else the bundled one."""
    return CompressionResults.load(_find(STUDY_NAME, origin))


def deep_compression_file(*, origin: str | None = None) -> Path:
    """The learner's own Deep Compression file if there is one, else the bundled one."""
    return _find(FILE_NAME, origin)


def _find(name: str, origin: str | None) -> Path:
    folders = {"yours": paths.work_dir() / "checkpoints", "reference": checkpoints.REFERENCE}
    for folder in folders.values() if origin is None else [folders[origin]]:
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"there is no {name}; make it with `tinylab train vww-compress`")
