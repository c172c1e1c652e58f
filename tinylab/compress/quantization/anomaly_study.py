"""Measure the scores of an anomaly detector at every bit width under every scheme.

A classifier's accuracy forgives rounding that leaves the largest output the largest; a
reconstruction error adds the rounding up. So what is kept here is the score of every recording.
"""

from typing import TYPE_CHECKING

import numpy as np
from tqdm.auto import tqdm

from tinylab.cache import fingerprint, remembered
from tinylab.compress.quantization.anomaly_results import ScoreResults, ScoreRow
from tinylab.compress.quantization.schemes import SCHEMES
from tinylab.compress.quantization.study import BitWidthSettings

if TYPE_CHECKING:
    import keras

__all__ = ["measure_scores"]

SETTINGS = BitWidthSettings(bits=(3, 4, 5, 6, 8), schemes=SCHEMES[:2])
# Part of the name of cached results: to be raised when the same inputs would give other rows.
VERSION = 1


def measure_scores(
    model: "keras.Model",
    log_mel: np.ndarray,
    labels: np.ndarray,
    machines: np.ndarray,
    calibration: np.ndarray,
    settings: BitWidthSettings = SETTINGS,
) -> ScoreResults:
    """Measure an autoencoder's scores and AUC at every bit width under every scheme.

    Parameters
    ----------
    model : keras.Model
    log_mel, labels, machines : array (n, frames, 128), (n,), (n,)
        Test recordings.
    calibration : array (windows, 640)
        Typical windows, none of them of the test recordings.
    settings : tinylab.compress.quantization.study.BitWidthSettings

    Returns
    -------
    ScoreResults
    """
    labels, machines = np.asarray(labels), np.asarray(machines)

    def measure() -> ScoreResults:
        return _measure(model, log_mel, labels, machines, calibration, settings)

    if not settings.cache:
        return measure()
    options = *settings.measured, model.to_json(), VERSION
    arrays = (*model.get_weights(), log_mel, labels, machines, np.asarray(calibration, np.float32))
    return remembered(f"scores_{fingerprint(arrays, options)}", measure, ScoreResults)


def _measure(
    model, log_mel, labels, machines, calibration, settings: BitWidthSettings
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
    bar = tqdm(
        settings.combinations, desc="quantizing", unit="model", disable=not settings.progress
    )
    for scheme, width in bar:
        quantizer.apply(scheme, width, settings.activation_bits)
        area, scores = scored()
        sizes = (quantizer.weight_bytes, quantizer.weight_sqnr_dB)
        rows.append(ScoreRow(scheme.name, width, area, scores, *sizes))
    known = tuple(int(label) for label in labels)
    return ScoreResults(tuple(rows), float_auc, float_scores, float_bytes, known)
