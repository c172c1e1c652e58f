"""Fine-tuning on a few examples: a model and 5-20 clips in, a model that fits a new user out.

What it costs is part of the answer: each result carries the accuracy on the new examples, what was
forgotten of the old ones, and the memory bill.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from tqdm.auto import tqdm

from tinylab.adapt.fine_tuning.memory_bill import MemoryBill, memory_bill
from tinylab.adapt.fine_tuning.new_class import add_class
from tinylab.adapt.fine_tuning.results import EpochPoint, FineTuningResults, ScopeRow
from tinylab.adapt.fine_tuning.scopes import SCOPES
from tinylab.adapt.fine_tuning.scopes import scopes as all_scopes
from tinylab.adapt.fine_tuning.trainer import LEARNING_RATES, ScopeTrainer
from tinylab.cache import fingerprint, remembered

__all__ = [
    "SCOPES",
    "EpochPoint",
    "FineTuningResults",
    "FinetuneResult",
    "MemoryBill",
    "ScopeRow",
    "add_class",
    "finetune",
    "memory_bill",
    "sweep_scopes",
]


@dataclass(frozen=True)
class FinetuneResult(ScopeRow):
    """One adaptation: its measurements, how long it took, and the adapted model."""

    seconds: float
    model: keras.Model


def finetune(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    new: tuple[np.ndarray, np.ndarray],
    old: tuple[np.ndarray, np.ndarray],
    scope: str = "last_layer",
    epochs: int = 20,
    batch_size: int = 5,
    optimizer: str = "sgd",
    learning_rate: float | None = None,
    curve_points: int = 10,
    seed: int = 0,
) -> FinetuneResult:
    """Train the weights of `scope` on a few examples, and measure what was gained and lost.

    The layers below the lowest trained one run once; only what lies above is trained.

    Parameters
    ----------
    model : keras.Model
        Classifier whose output is softmax probabilities. It is copied, never changed.
    x : array (n, ...), float32
        New examples, as the model takes them.
    y : array (n,), integers
        Their classes.
    new, old : tuple of arrays
        `(x, y)` to measure on: the new speaker's or word's other clips, and the old ones.
    scope : str
        See `tinylab.adapt.fine_tuning.scopes.selection`.
    epochs, batch_size : int
        Passes over the examples, and examples per step (the last step of a pass may have fewer).
    optimizer : {"sgd", "momentum", "adam"}
        Plain gradient descent keeps no state, and is what `tinylab.adapt.on_device.program` runs.
        Momentum is 0.9.
    learning_rate : float, optional
        Default: by optimizer and scope, `tinylab.adapt.fine_tuning.trainer.LEARNING_RATES`.
    curve_points : int
        How many times to measure after the start, evenly spread over the epochs.
    seed : int
        Order of the examples.

    Returns
    -------
    FinetuneResult

    Raises
    ------
    ValueError
        Unknown scope or optimizer, no examples, or labels outside the model's classes.
    """
    _check(model, (x, y), new, old)
    memory = memory_bill(model, scope, batch_size=min(batch_size, len(x)), optimizer=optimizer)
    start = time.perf_counter()
    trainer = ScopeTrainer(
        model, scope, new=new, old=old, optimizer=optimizer, learning_rate=learning_rate
    )
    curve = trainer.fit(
        x, y, epochs=epochs, batch_size=batch_size, curve_points=curve_points, seed=seed
    )
    seconds = time.perf_counter() - start
    return FinetuneResult(scope, len(x), curve, memory, seconds, trainer.model)


def sweep_scopes(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    new: tuple[np.ndarray, np.ndarray],
    old: tuple[np.ndarray, np.ndarray],
    scopes: Sequence[str] | None = None,
    examples: Sequence[int] | None = None,
    epochs: int = 20,
    batch_size: int = 5,
    optimizer: str = "sgd",
    learning_rate: float | None = None,
    curve_points: int = 5,
    seed: int = 0,
    cache: bool = True,
    progress: bool = True,
) -> FineTuningResults:
    """Measure every scope with several numbers of examples.

    Parameters
    ----------
    model, x, y, new, old, epochs, batch_size, optimizer, learning_rate, curve_points, seed
        As for `finetune`.
    scopes : sequence of str, optional
        Default: all that the model has (`tinylab.adapt.fine_tuning.scopes.scopes`).
    examples : sequence of int, optional
        Each takes that many of the first of `x`, so put them in an order whose every beginning is
        fair. Default: all of them.
    cache : bool
        Keep the outcome in the learner's work folder, and answer from there when the same
        model, examples and settings come again.
    progress : bool
        Show a progress bar.

    Returns
    -------
    FineTuningResults
        Numbers only, no models.
    """
    scopes = all_scopes(model) if scopes is None else tuple(scopes)
    examples = (len(x),) if examples is None else tuple(examples)
    _check(model, (x, y), new, old)
    if not all(0 < count <= len(x) for count in examples):
        raise ValueError(f"examples={examples}: pass numbers from 1 to {len(x)}")
    settings = {"optimizer": optimizer, "learning_rate": learning_rate}
    course = {
        "epochs": epochs,
        "batch_size": batch_size,
        "curve_points": curve_points,
        "seed": seed,
    }

    def measure() -> FineTuningResults:
        rows = []
        with tqdm(total=len(scopes) * len(examples), unit="run", disable=not progress) as bar:
            for scope in scopes:
                bar.set_description(scope)
                trainer = ScopeTrainer(model, scope, new=new, old=old, **settings)
                bill = memory_bill(model, scope, batch_size=batch_size, optimizer=optimizer)
                for count in examples:
                    curve = trainer.fit(x[:count], y[:count], **course)
                    needed = bill.with_settings(batch_size=min(batch_size, count))
                    rows.append(ScopeRow(scope, count, curve, needed))
                    bar.update()
        return FineTuningResults(tuple(rows))

    if not cache:
        return measure()
    inputs = [*model.get_weights(), x, y, *new, *old]
    options = [model.to_json(), LEARNING_RATES, scopes, examples, settings, course]
    return remembered(f"scopes-{fingerprint(inputs, options)}", measure, FineTuningResults)


def _check(model: keras.Model, examples: tuple, new: tuple, old: tuple) -> None:
    classes = model.output_shape[-1]
    for name, (x, y) in {"examples": examples, "new": new, "old": old}.items():
        if len(x) == 0 or len(x) != len(y):
            raise ValueError(
                f"{name}: {len(x)} clips and {len(y)} labels; pass as many of each, at least 1"
            )
        if np.min(y) < 0 or np.max(y) >= classes:
            raise ValueError(
                f"{name}: labels must lie in 0..{classes - 1}; use add_class for a new word"
            )
