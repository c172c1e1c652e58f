"""Small inputs for the explorers of compression: results as its studies give them."""

from functools import cache

import numpy as np

from tests.explore.frozen_inputs.train import alarms
from tinylab.compress.deep_compression.results import (
    DeepCompressionResults,
    DeepCompressionRow,
    FileSize,
)
from tinylab.compress.pruning.results import LayerSensitivity, SensitivityResults
from tinylab.compress.quantization.anomaly_results import ScoreResults, ScoreRow
from tinylab.compress.quantization.results import QuantizationResults, QuantizationRow
from tinylab.compress.results import CompressionResults, StudyPoint
from tinylab.scoring.verdicts import Verdict


@cache
def quantization_results() -> QuantizationResults:
    def accuracy(bits, better):
        return 0.9 - (0.7 - 0.2 * better) * 2.0 ** (2 - bits)

    def change(bits):
        difference = accuracy(bits, 0) - 0.91
        return Verdict(difference, difference - 0.03, difference + 0.03, 600)

    rows = [
        QuantizationRow(
            scheme, bits, 8, accuracy(bits, better), 2800 * bits + 900, 6.0 * bits, change(bits)
        )
        for better, scheme in enumerate(("per tensor", "per channel"))
        for bits in (2, 4, 8)
    ]
    return QuantizationResults(tuple(rows), 0.91, 90416, 600)


@cache
def score_results() -> ScoreResults:
    labels, scores, _ = alarms()
    rng = np.random.default_rng(5)
    rows = tuple(
        ScoreRow(
            scheme,
            bits,
            0.9 - 0.2 / bits - 0.1 * worse,
            tuple(scores + noise),
            1000 * bits,
            6.0 * bits,
        )
        for worse, scheme in enumerate(("per channel", "per tensor"))
        for bits in (3, 4, 8)
        for noise in [rng.uniform(0, 20 * (1 + worse) / bits, 80)]
    )
    return ScoreResults(rows, 0.9, tuple(scores), 4000, tuple(labels.tolist()))


@cache
def sensitivity():
    rows = [
        LayerSensitivity(
            f"block{i}_pointwise", "Conv2D", 100 * i, (0.9, 0.9 - 0.02 * i, 0.9 - 0.1 * i)
        )
        for i in (1, 2, 3)
    ]
    return SensitivityResults(tuple(rows), (0.3, 0.6, 0.9), (0.88, 0.8, 0.52), 0.91, 300)


@cache
def deep_compression_results():
    def row(sparsity, bits):
        kept = 10_000 * (1 - sparsity)
        sizes = [
            FileSize(
                gap, int(kept * gap / 8), int(kept * bits / 8), 900, int(500 * sparsity) >> gap
            )
            for gap in (2, 4, 8)
        ]
        accuracy = 0.9 - 0.3 * sparsity**2 - 2.0 ** (-2 * bits)
        return DeepCompressionRow(
            sparsity, bits, accuracy, tuple(sizes), int(kept * bits / 8 + 800)
        )

    rows = tuple(row(sparsity, bits) for sparsity in (0.0, 0.5, 0.9) for bits in (2, 4, 6))
    return DeepCompressionResults(rows, 0.91, 40_000, 300)


@cache
def compression_study():
    points = (
        StudyPoint("quantization", "float32", 400_000, 0.91, 1000, 0, True),
        StudyPoint("quantization", "int8", 110_000, 0.905, 1000, 0, True),
        StudyPoint("fewer channels", "half", 100_000, 0.87, 300, 3, True),
        StudyPoint("Deep Compression", "60% zeros", 40_000, 0.9, 1000, 6),
        StudyPoint("low rank", "half the energy", 15_000, 0.6, 500, 2, True),
    )
    return CompressionResults(points, 500, 2000, "model")
