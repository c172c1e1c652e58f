"""A detector's scores at each bit width and scheme, as plain data that the explorer looks up."""

from dataclasses import dataclass

from tinylab.compress.quantization.results import RowsByScheme

__all__ = ["ScoreResults", "ScoreRow"]


@dataclass(frozen=True)
class ScoreRow:
    """One combination, measured.

    Parameters
    ----------
    scheme : str
    weight_bits : int
    auc : float
        Mean over the machines.
    scores : tuple of float
        Of each recording, dB squared.
    weight_bytes : int
        Packed weights, scales and biases.
    weight_sqnr_dB : float
        Signal to quantization noise ratio over all weights.
    """

    scheme: str
    weight_bits: int
    auc: float
    scores: tuple[float, ...]
    weight_bytes: int
    weight_sqnr_dB: float


@dataclass(frozen=True)
class ScoreResults(RowsByScheme):
    """All combinations of a study, and the float model they come from.

    `labels` are 0 (normal) or 1 (anomalous), one for each recording.
    """

    rows: tuple[ScoreRow, ...]
    float_auc: float
    float_scores: tuple[float, ...]
    float_bytes: int
    labels: tuple[int, ...]
