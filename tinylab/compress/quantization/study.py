"""Measure the accuracy and the bytes of a trained model at every bit width under every scheme."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from tqdm.auto import tqdm

from tinylab.cache import fingerprint, remembered
from tinylab.compress.quantization.results import QuantizationResults, QuantizationRow
from tinylab.compress.quantization.schemes import SCHEMES, Scheme
from tinylab.scoring.classification import predicted_classes, require_examples
from tinylab.scoring.verdicts import compare

if TYPE_CHECKING:
    import keras

__all__ = ["BitWidthSettings", "measure_bit_widths"]

BITS = (2, 3, 4, 5, 6, 7, 8)
# Part of the name of cached results: to be raised when the same inputs would give other rows.
VERSION = 2


@dataclass(frozen=True)
class BitWidthSettings:
    """Which bit widths and schemes to measure.

    Attributes
    ----------
    bits : sequence of int
        Widths of the weights.
    schemes : sequence of Scheme
    activation_bits : int
    progress : bool
        Show a progress bar.
    cache : bool
        Keep the result in the work folder, and take it from there if model, data and options are
        the same.
    """

    bits: Sequence[int] = BITS
    schemes: Sequence[Scheme] = SCHEMES
    activation_bits: int = 8
    progress: bool = True
    cache: bool = True

    @property
    def combinations(self) -> list[tuple[Scheme, int]]:
        """Every scheme with every bit width."""
        return [(scheme, int(width)) for scheme in self.schemes for width in self.bits]

    @property
    def measured(self) -> tuple:
        """What decides the result: the part of a cached result's name."""
        return tuple(self.bits), tuple(self.schemes), self.activation_bits


def measure_bit_widths(
    model: "keras.Model",
    x: np.ndarray,
    y: np.ndarray,
    calibration: np.ndarray,
    settings: BitWidthSettings = BitWidthSettings(),
) -> QuantizationResults:
    """Measure a classifier's accuracy and bytes at every bit width under every scheme.

    Parameters
    ----------
    model : keras.Model
        Of the layers that `tinylab.compress.quantization.qat.quantization_aware` takes.
    x : ndarray, shape (examples, ...)
    y : ndarray of int, shape (examples,)
        Class indices.
    calibration : ndarray, shape (examples, ...)
        Typical inputs, none of them in `x`.
    settings : BitWidthSettings

    Returns
    -------
    QuantizationResults

    Raises
    ------
    ValueError
        If `x` and `y` are empty or differ in length, or two schemes share a name.
    """
    x, y = np.asarray(x, np.float32), np.asarray(y)
    require_examples(x, y)
    if len({scheme.name for scheme in settings.schemes}) != len(settings.schemes):
        raise ValueError("the schemes must have names of their own")

    def measure() -> QuantizationResults:
        return _measure(model, x, y, calibration, settings)

    if not settings.cache:
        return measure()
    options = *settings.measured, model.to_json(), VERSION
    name = fingerprint((*model.get_weights(), x, y, np.asarray(calibration, np.float32)), options)
    return remembered(f"quantization_{name}", measure, QuantizationResults)


def _measure(model, x, y, calibration, settings: BitWidthSettings) -> QuantizationResults:
    from tinylab.compress.quantization.ptq import PostTrainingQuantizer

    quantizer = PostTrainingQuantizer(model, calibration)
    whole, float_bytes = _right(quantizer.model, x, y), quantizer.weight_bytes
    rows = []
    bar = tqdm(
        settings.combinations, desc="quantizing", unit="model", disable=not settings.progress
    )
    for scheme, width in bar:
        quantizer.apply(scheme, width, settings.activation_bits)
        right = _right(quantizer.model, x, y)
        rows.append(
            QuantizationRow(
                scheme.name,
                width,
                int(settings.activation_bits),
                float(right.mean()),
                quantizer.weight_bytes,
                quantizer.weight_sqnr_dB,
                compare(right, whole),
            )
        )
    return QuantizationResults(tuple(rows), float(whole.mean()), float_bytes, len(y))


def _right(model, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which examples the model answers correctly, bool (examples,)."""
    return predicted_classes(model.predict(x, batch_size=250, verbose=0)) == y
