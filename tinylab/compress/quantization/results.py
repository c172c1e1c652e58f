"""Accuracy and bytes at each bit width and scheme, as plain data that the explorers look up."""

from dataclasses import dataclass
from typing import Any

from tinylab.scoring.verdicts import Verdict

__all__ = ["QuantizationResults", "QuantizationRow", "RowsByScheme"]


@dataclass(frozen=True)
class QuantizationRow:
    """One combination, measured.

    Parameters
    ----------
    scheme : str
    weight_bits, activation_bits : int
    accuracy : float
        Share of the examples classified correctly, 0 to 1.
    weight_bytes : int
        Packed weights, scales and biases.
    weight_sqnr_dB : float
        Signal to quantization noise ratio over all weights.
    change : Verdict
        Of the accuracy against the float model on the same examples, pair by pair.
    """

    scheme: str
    weight_bits: int
    activation_bits: int
    accuracy: float
    weight_bytes: int
    weight_sqnr_dB: float
    change: Verdict


class RowsByScheme:
    """Looks up the rows of a study, each of a scheme and a bit width."""

    @property
    def schemes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.scheme for row in self.rows))

    @property
    def bits(self) -> tuple[int, ...]:
        return tuple(sorted({row.weight_bits for row in self.rows}))

    def row(self, scheme: str, weight_bits: int) -> Any:
        """The row of one combination; a KeyError names the ones there are."""
        for row in self.rows:
            if (row.scheme, row.weight_bits) == (scheme, weight_bits):
                return row
        raise KeyError(
            f"no row for {scheme!r} at {weight_bits} bits; schemes {self.schemes}, bits {self.bits}"
        )


@dataclass(frozen=True)
class QuantizationResults(RowsByScheme):
    """All combinations of a study, and the float model they come from."""

    rows: tuple[QuantizationRow, ...]
    float_accuracy: float
    float_bytes: int
    examples: int

    def fewest_bits(self, scheme: str) -> int | None:
        """The smallest width from which on no loss against float shows; None if all lose."""
        fewest = None
        for bits in reversed(self.bits):
            if self.row(scheme, bits).change.outcome == "worse":
                break
            fewest = bits
        return fewest
