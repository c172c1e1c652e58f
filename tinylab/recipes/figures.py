"""What the recipes measure of a bundled model, as plain data: written to JSON beside the model.

Shares, accuracies, areas and intervals lie in 0..1. A field that is None is left out of the JSON,
which is why `read_results` reads back every bundled file.
"""

import dataclasses
from dataclasses import dataclass

__all__ = [
    "AnomalyFigures",
    "DeepCompressionFigures",
    "ExitFigures",
    "ExitsFigures",
    "FewShotFigures",
    "HeartbeatFigures",
    "Int8Figures",
    "KeywordFigures",
    "MachineFigures",
    "PersonFigures",
    "RealExitFigures",
    "SetFigures",
    "UnseenFigures",
    "VoiceFigures",
    "plain",
]


@dataclass(frozen=True)
class VoiceFigures:
    """Accuracy on spoken clips, with the 95 % interval over the voices that say them.

    Clips of one voice are right or wrong together, so the interval is that of another draw of
    voices, not of clips.
    """

    accuracy: float
    low: float
    high: float
    clips: int
    voices: int


@dataclass(frozen=True)
class SetFigures:
    """A classifier on one test set: accuracy with its 95 % interval, and recall of each label.

    `examples` counts clips, `pictures` pictures, whichever the set has; `auc` is the area under the
    ROC curve of a two-class model; `by_engine` is the accuracy for each kind of synthesiser. Where
    examples come in groups `low` and `high` are left out, and the interval is that of `spoken`.
    """

    accuracy: float
    recall: dict[str, float]
    low: float | None = None
    high: float | None = None
    spoken: VoiceFigures | None = None
    examples: int | None = None
    pictures: int | None = None
    auc: float | None = None
    by_engine: dict[str, float] | None = None


@dataclass(frozen=True)
class UnseenFigures:
    """Once, on real examples that nobody had looked at while the model was made.

    They are not part of the workbook, and a new training cannot measure them. `reference_accuracy`
    and `reference_auc` are those of MLPerf Tiny's int8 model on the same examples.
    """

    accuracy: float
    low: float
    high: float
    examples: int
    reference_accuracy: float
    auc: float | None = None
    reference_auc: float | None = None


@dataclass(frozen=True)
class Int8Figures:
    """A classifier's int8 program: accuracy, test examples, and size of the file in bytes."""

    accuracy: float
    examples: int
    flash_bytes: int


@dataclass(frozen=True)
class KeywordFigures:
    """The reference keyword model: how it was trained, and what it answers on each test set."""

    profile: str
    seed: int
    training_examples: int
    training_voices: int
    training: dict
    dropout: tuple[float, ...]
    weight_decay: float
    validation_accuracy: float
    accuracy: float
    tests: dict[str, SetFigures]
    unseen: UnseenFigures | None = None
    disturbance: dict | None = None


@dataclass(frozen=True)
class PersonFigures:
    """The reference person detector: how it was trained, and what it answers on each test set."""

    profile: str
    seed: int
    training_pictures: int
    phases: tuple[dict, ...]
    minutes: float
    accuracy: float
    tests: dict[str, SetFigures]
    unseen: UnseenFigures | None = None


@dataclass(frozen=True)
class MachineFigures:
    """Area under the ROC curve for one machine: whole, and up to 10 % false alarms."""

    auc: float
    pauc: float


@dataclass(frozen=True)
class AnomalyFigures:
    """The reference anomaly detector on the test recordings, and how it was trained.

    The last fields say how it was trained (None for the int8 program), or the bytes of the program.
    Losses are mean squared errors of normalized log-mel features.
    """

    auc: float
    pauc: float
    recordings: int
    machines: dict[str, MachineFigures]
    auc_by_fault: dict[str, float]
    profile: str | None = None
    seed: int | None = None
    training: dict | None = None
    training_recordings: int | None = None
    training_windows: int | None = None
    loss: float | None = None
    validation_loss: float | None = None
    flash_bytes: int | None = None


@dataclass(frozen=True)
class ExitFigures:
    """One exit: its accuracy, calibration error before and after, and its temperature."""

    accuracy: float
    calibration_error: float
    calibrated_error: float
    temperature: float


@dataclass(frozen=True)
class RealExitFigures:
    """All exits on real photographs, at the threshold chosen on rendered scenes."""

    pictures: int
    auc: tuple[float, ...]
    exit_accuracy: tuple[float, ...]
    exit_rates: tuple[float, ...]
    accuracy: float


@dataclass(frozen=True)
class ExitsFigures:
    """The early exits on the test scenes, at a threshold in bits of entropy.

    `macs` are multiply-accumulates up to each exit, `mean_macs` the mean at that threshold, `saved`
    its share of the network's that is saved.
    """

    test_pictures: int
    exits: tuple[ExitFigures, ...]
    macs: tuple[int, ...]
    network_macs: int
    threshold_bits: float
    exit_rates: tuple[float, ...]
    accuracy: float
    network_accuracy: float
    mean_macs: int
    saved: float
    profile: str | None = None
    seed: int | None = None
    training: dict | None = None
    real_pictures: RealExitFigures | None = None


@dataclass(frozen=True)
class FewShotFigures:
    """The meta-learned start: its accuracy after five pictures, and the studies behind it.

    `few_shot` and `sparse_update` hold `FewShotResults` and `SparseUpdateResults`, rounded.
    """

    accuracy: float
    profile: str
    seed: int
    method: str
    scope: str
    few_shot: dict
    meta_training: dict[str, dict]
    sparse_update: dict | None = None


@dataclass(frozen=True)
class DeepCompressionFigures:
    """The bundled Deep Compression file beside the float model it was made of.

    By the accuracies on the validation scenes it was chosen; the other two are of the test scenes.
    """

    made_of: str
    label: str
    validation_accuracy: float
    float32_validation_accuracy: float
    accuracy: float
    float32_accuracy: float
    examples: int
    bytes: int
    float32_bytes: int
    times_smaller: float
    real_pictures: SetFigures | None = None


@dataclass(frozen=True)
class HeartbeatFigures:
    """The reference heart monitor in int8 on hidden patients, and how it was trained.

    Shares of the classes are in the order normal, atrial, ventricular. `low` and `high` are the
    95 % interval of `macro_f1` over patients, `validation_macro_f1` is of training patients that
    were held out. A network trained alike on a random split of the beats reaches
    `same_patients_macro_f1` on the rest of them, and `same_hidden_macro_f1` on hidden patients.
    """

    accuracy: float
    macro_f1: float
    low: float
    high: float
    recall: tuple[float, ...]
    precision: tuple[float, ...]
    flash_bytes: int
    arena_bytes: int
    energy_uJ: float
    profile: str | None = None
    seed: int | None = None
    training: dict | None = None
    patients: int | None = None
    beats: int | None = None
    validation_macro_f1: float | None = None
    float_macro_f1: float | None = None
    same_patients_macro_f1: float | None = None
    same_hidden_macro_f1: float | None = None


def plain(figures) -> dict:
    """The figures as JSON holds them: dicts, lists, numbers and strings, without what is None."""
    return _without_none(dataclasses.asdict(figures))


def _without_none(value):
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_without_none(item) for item in value]
    return value
