"""Hand-over between notebooks: the learner's own model if there is one, else the bundled one.

A checkpoint is a model file (`.keras`, or `.tflite` once it is converted) and a `.json` of its
figures beside it. The learner's lie in the work folder, the bundled ones in `reference/` here.
What was adapted is saved twice: "adapt" is the Keras model, "deploy" the program made of it.
"""

import itertools
import json
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tinylab import paths
from tinylab.data.own.chosen import OwnSet, aside, own_set
from tinylab.files import read_text, replacing

__all__ = ["APPLICATIONS", "STAGES", "Checkpoint", "load", "load_metrics", "save"]

APPLICATIONS = ("keyword_spotting", "visual_wake_words", "anomaly_detection", "heartbeat")
STAGES = ("early", "train", "compress", "adapt", "deploy")
REFERENCE = Path(__file__).resolve().parent / "reference"
_SUFFIXES = (".keras", ".tflite")
_UNKNOWN = (KeyError, TypeError, ValueError)  # what Keras says of layers that it does not know


@dataclass(frozen=True)
class Checkpoint:
    """A model handed over from an earlier stage.

    Attributes
    ----------
    model : keras.Model or bytes
        Bytes if it is a converted model (`.tflite`).
    application, stage : str
    origin : str
        "yours" (made in your notebooks) or "reference" (bundled).
    path : Path
    metrics : dict
        The figures saved with it.
    """

    model: Any = field(repr=False)
    application: str
    stage: str
    origin: str
    path: Path
    metrics: dict

    def __str__(self) -> str:
        owner = "your own model" if self.origin == "yours" else "the bundled reference model"
        if "fitted_to" in self.metrics:
            owner += f" with a last layer fitted to {self.metrics['fitted_to']}"
        text = f"{self.application}, stage {self.stage}: {owner}"
        if "auc" in self.metrics:
            return f"{text}, AUC {self.metrics['auc']:.3f} when it was saved"
        accuracy = self.metrics.get("accuracy")
        return text if accuracy is None else f"{text}, accuracy {accuracy:.1%} when it was saved"


def save(
    model,
    application: str,
    stage: str,
    *,
    metrics: dict | None = None,
    directory: str | Path | None = None,
) -> Path:
    """Write a model and its figures; what was there before is replaced.

    A model of a set of your own (`tinylab.data.use`) is kept under that set's name.

    Parameters
    ----------
    model : keras.Model or bytes
        A Keras model is saved without its optimizer; bytes are written as `.tflite`.
    application, stage : str
        Any name that is an identifier, such as "keyword_spotting" or "my_motor", and one of
        `STAGES`.
    metrics : dict, optional
        Plain numbers and strings; `accuracy` (or `auc`) is shown when the model is loaded.
    directory : path, optional
        Default: the learner's work folder.

    Returns
    -------
    Path of the model file.
    """
    _check_names(application, stage)
    folder = Path(directory) if directory is not None else _own_folder()
    converted = isinstance(model, (bytes, bytearray))
    own = own_set(application)
    name = own.key if own else application
    path = folder / f"{name}_{stage}{'.tflite' if converted else '.keras'}"
    labels = {"labels": list(own.names)} if own and own.names else {}
    text = json.dumps(labels | (metrics or {}), indent=2) + "\n"
    with replacing(path) as temporary:
        if converted:
            temporary.write_bytes(model)
        else:
            from tinylab.models.portable import leave_defaults_out  # imports Keras

            _without_optimizer(model).save(temporary)
            leave_defaults_out(temporary)
        # Whoever is interrupted here has a model without figures, never with another model's.
        path.with_suffix(".json").unlink(missing_ok=True)
    for suffix in _SUFFIXES:
        if suffix != path.suffix:
            path.with_suffix(suffix).unlink(missing_ok=True)
    with replacing(path.with_suffix(".json")) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def load(application: str, *stages: str, origin: str | None = None) -> Checkpoint:
    """Load the learner's own model if it exists, else the bundled reference.

    With a set of your own (`tinylab.data.use`) it is the model of that set; else the bundled one
    with a last layer for your labels, fitted to your training split, and a sentence says so.

    Parameters
    ----------
    application : str
    stages : one or more of `STAGES`
        The first that there is: `load("keyword_spotting", "deploy", "compress")` takes what was
        adapted, or what was compressed if that class was left out.
    origin : {"yours", "reference"}, optional
        Insist on one of the two.

    Raises
    ------
    FileNotFoundError
        When there is neither.
    ValueError
        The file is damaged.
    """
    stage, path, origin = _find(application, stages, origin)
    own = own_set(application)
    if own and own.names and origin == "reference":
        return _bundled_for(own, stage, path)
    model = _read_tflite(path) if path.suffix == ".tflite" else read_keras(path)
    return Checkpoint(model, application, stage, origin, path, _read_metrics(path))


def load_metrics(application: str, *stages: str, origin: str | None = None) -> dict:
    """The figures of the model that `load` would return, without loading it; of a bundled model
    those on the built-in set."""
    return _read_metrics(_find(application, stages, origin)[1])


def _own_folder() -> Path:
    return paths.work_dir() / "checkpoints"


def _check_names(application: str, stage: str) -> None:
    if not str(application).isidentifier():
        raise ValueError(
            f"application must be a name of letters, digits and _ such as {APPLICATIONS[0]!r} or "
            f"'my_motor', got {application!r}"
        )
    if stage not in STAGES:
        raise ValueError(f"stage must be one of {STAGES}, got {stage!r}")


def _find(application: str, stages: tuple[str, ...], origin: str | None) -> tuple[str, Path, str]:
    if not stages:
        raise ValueError(f"name the stage to load, one of {STAGES}")
    for stage in stages:
        _check_names(application, stage)
    folders = {"yours": _own_folder(), "reference": REFERENCE}
    if origin is not None and origin not in folders:
        raise ValueError(f"origin must be 'yours' or 'reference', got {origin!r}")
    own = own_set(application)
    names = {"yours": own.key if own else application, "reference": application}
    for name in folders if origin is None else (origin,):
        for stage, suffix in itertools.product(stages, _SUFFIXES):
            path = folders[name] / f"{names[name]}_{stage}{suffix}"
            if path.is_file():
                if own and own.names and name == "yours":
                    _check_labels(own, path)
                return stage, path, name
    wanted = " or ".join(repr(stage) for stage in stages)
    raise FileNotFoundError(
        f"there is no {origin or 'saved or bundled'} model of stage {wanted} for {application};"
        f" run that stage's notebook first, it saves one"
    )


def _check_labels(own: OwnSet, path: Path) -> None:
    """A model of other labels would call your examples by wrong names."""
    labels = read_figures(path.with_suffix(".json")).get("labels", [])
    if own.application != "anomaly_detection" and tuple(labels[: len(own.names)]) != own.names:
        raise ValueError(
            f"{path.name} answers {', '.join(labels) or 'unknown labels'}, and {own.title} has "
            f"{', '.join(own.names)}: run 1_train with this folder again, or move the file away"
        )


def _bundled_for(own: OwnSet, stage: str, path: Path) -> Checkpoint:
    """The bundled model, made to answer the labels of a set of one's own."""
    application = own.application
    if application == "anomaly_detection":
        aside(application, f"{path.name} is the bundled model, trained on the built-in machines")
        model = _read_tflite(path) if path.suffix == ".tflite" else read_keras(path)
        return Checkpoint(model, application, stage, "reference", path, _read_metrics(path))
    if path.suffix == ".tflite":
        raise FileNotFoundError(
            f"there is no converted model of {own.title} yet, and the bundled one answers other "
            "labels: run the notebooks of this folder before this one, with the same data.use"
        )
    from tinylab.models.stand_in import fit_last_layer  # imports Keras

    model, figures = fit_last_layer(own, read_keras(path))
    figures = _read_metrics(path) | figures | {"labels": list(own.names)}
    return Checkpoint(model, application, stage, "reference", path, figures)


def _read_metrics(path: Path) -> dict:
    return read_figures(path.with_suffix(".json"))


def read_figures(path: Path) -> dict:
    """The figures in a file, none if there is no such file; a ValueError if it is damaged."""
    try:
        text = read_text(path)
        figures = {} if text is None else json.loads(text)
    except ValueError:
        figures = None
    if not isinstance(figures, dict):
        raise _damaged(path)
    return figures


def read_keras(path: Path):
    """The model of a `.keras` file, which is a zip file; a ValueError if it is damaged."""
    if not zipfile.is_zipfile(path):
        raise _damaged(path)
    import keras  # here, so that the figures can be read without it

    try:
        return keras.saving.load_model(path, compile=False)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, *_UNKNOWN) as error:
        raise _damaged(path) from error


def _read_tflite(path: Path) -> bytes:
    """The content of a converted model; half of one would end the process that runs it."""
    from tinylab.graph.reader import read_tflite

    content = path.read_bytes()
    try:
        read_tflite(content)
    except ValueError as error:
        raise _damaged(path, str(error)) from error
    return content


def _damaged(path: Path, why: str = "") -> ValueError:
    """What to do about a file that cannot be read: nothing is thrown away unasked."""
    if path.parent == REFERENCE:
        return ValueError(f"{path} is damaged: restore it from the repository.")
    why = f" ({why})" if why else ""
    return ValueError(
        f"{path} is damaged, or of another version{why}: run the notebook that saved it again, or"
        " move the file away to go on with the bundled model."
    )


def _without_optimizer(model):
    """A copy that was never compiled, because Keras would save the optimizer's state too."""
    if not model.compiled:
        return model
    bare = type(model).from_config(model.get_config())
    bare.set_weights(model.get_weights())
    return bare
