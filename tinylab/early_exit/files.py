"""Trained exits on disk: heads, temperatures and figures, and which network they belong to."""

import json
from dataclasses import replace
from pathlib import Path

import keras

from tinylab import paths
from tinylab.cache import fingerprint
from tinylab.early_exit.network import EarlyExits, attach_exits, heads_together
from tinylab.files import replacing
from tinylab.models.checkpoints import REFERENCE, read_figures, read_keras
from tinylab.models.portable import leave_defaults_out

__all__ = ["load_exits", "save_exits"]

NAME = "visual_wake_words_exits"


def save_exits(
    exits: EarlyExits, *, metrics: dict | None = None, directory: str | Path | None = None
) -> Path:
    """Write the heads, their temperatures and figures, and which network they belong to.

    Parameters
    ----------
    directory : path, optional
        Default: the learner's work folder.
    """
    path = (
        paths.work_dir() / "checkpoints" if directory is None else Path(directory)
    ) / f"{NAME}.keras"
    bare = keras.models.clone_model(heads_together(exits))
    bare.set_weights(heads_together(exits).get_weights())
    with replacing(path) as temporary:
        bare.save(temporary)
        leave_defaults_out(temporary)
        # Whoever is interrupted here has heads of no network, never of another one.
        path.with_suffix(".json").unlink(missing_ok=True)
    notes = {
        "network": _identity(exits.model),
        "cuts": list(exits.cuts),
        "temperatures": [round(temperature, 4) for temperature in exits.temperatures],
        **(metrics or {}),
    }
    with replacing(path.with_suffix(".json")) as temporary:
        temporary.write_text(json.dumps(notes, indent=2) + "\n", encoding="utf-8")
    return path


def load_exits(model: keras.Model) -> EarlyExits:
    """The exits that were trained for this very network: the learner's own, else the bundled ones.

    Raises
    ------
    FileNotFoundError
        None were trained for it; the heads of one network are of no use to another.
    ValueError
        A file of them is damaged.
    """
    for folder in (paths.work_dir() / "checkpoints", REFERENCE):
        notes = folder / f"{NAME}.json"
        known = read_figures(notes)
        if known.get("network") == _identity(model):
            return _restored(model, known, read_keras(notes.with_suffix(".keras")))
    raise FileNotFoundError(
        "no exits were trained for this network: attach_exits, train_exits and calibrate_exits make"
        " them"
    )


def _restored(model: keras.Model, known: dict, stored: keras.Model) -> EarlyExits:
    filters = next(layer for layer in stored.layers if layer.name.endswith("_pointwise1")).filters
    exits = attach_exits(model, known["cuts"], filters=filters)
    heads_together(exits).set_weights(stored.get_weights())
    return replace(exits, temperatures=tuple(known["temperatures"]))


def _identity(model: keras.Model) -> str:
    return fingerprint(model.get_weights(), "network")
