"""Bit width x scheme for an anomaly detector: a trained autoencoder in, its scores under each out.

A classifier's accuracy forgives rounding that leaves the largest output the largest; a
reconstruction error adds the rounding up. So what is kept here is the score of every recording.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from tqdm.auto import tqdm

from tinylab.cache import fingerprint, remembered
from tinylab.compress.quantization.anomaly_results import ScoreResults, ScoreRow
from tinylab.compress.quantization.schemes import SCHEMES, Scheme

if TYPE_CHECKING:
    import keras

__all__ = ["sweep_scores"]

BITS = (3, 4, 5, 6, 7, 8)
# Part of the name of a cached sweep: to be raised when the same inputs would give other rows.
VERSION = 1


def sweep_scores(
    model: "keras.Model",
    log_mel: np.ndarray,
    labels: np.ndarray,
    machines: np.ndarray,
    calibration: np.ndarray,
    *,
    bits: Sequence[int] = BITS,
    schemes: Sequence[Scheme] = SCHEMES[:2],
    activation_bits: int = 8,
    progress: bool = True,
    cache: bool = True,
) -> ScoreResults:
    """Measure an autoencoder's scores and AUC at every bit width under every scheme.

    Parameters
    ----------
    model : keras.Model
    log_mel, labels, machines : array (n, frames, 128), (n,), (n,)
        Test recordings.
    calibration : array (windows, 640)
        Typical windows, none of them of the test recordings.
    bits, schemes, activation_bits, progress, cache
        As in `tinylab.compress.quantization.study.sweep_quantization`.

    Returns
    -------
    ScoreResults
    """
    labels, machines = np.asarray(labels), np.asarray(machines)

    def measure() -> ScoreResults:
        return _measure(
            model, log_mel, labels, machines, calibration, bits, schemes, activation_bits, progress
        )

    if not cache:
        return measure()
    options = tuple(bits), tuple(schemes), activation_bits, model.to_json(), VERSION
    arrays = (*model.get_weights(), log_mel, labels, machines, np.asarray(calibration, np.float32))
    return remembered(f"scores_{fingerprint(arrays, options)}", measure, ScoreResults)


def _measure(
    model, log_mel, labels, machines, calibration, bits, schemes, activation_bits, progress
) -> ScoreResults:
    from tinylab.compress.quantization.ptq import PostTrainingQuantizer
    from tinylab.scoring import anomaly

    quantizer = PostTrainingQuantizer(model, calibration)

    def scored() -> tuple[float, tuple[float, ...]]:
        scores = anomaly.score_recordings(
            lambda x: quantizer.model.predict(x, batch_size=4096, verbose=0), log_mel
        )
        return anomaly.report(labels, scores, machines).auc, tuple(scores.tolist())

    float_bytes, (float_auc, float_scores) = quantizer.weight_bytes, scored()
    rows = []
    combinations = [(scheme, width) for scheme in schemes for width in bits]
    for scheme, width in tqdm(combinations, desc="quantizing", unit="model", disable=not progress):
        quantizer.apply(scheme, width, activation_bits)
        area, scores = scored()
        sizes = (quantizer.weight_bytes, quantizer.weight_sqnr_dB)
        rows.append(ScoreRow(scheme.name, int(width), area, scores, *sizes))
    known = tuple(int(label) for label in labels)
    return ScoreResults(tuple(rows), float_auc, float_scores, float_bytes, known)
