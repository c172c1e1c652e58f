"""Combinations: steps of compression in any order, each order coded and measured.

A step is a function from a model to a model, so an order is a list of names. What comes out is
written to a file, and judged by the file's bytes and the answers of the model read back from it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from tinylab.compress.deep_compression.file_format import decode_model, encode_model
from tinylab.compress.deep_compression.weight_sharing import exactly_shared, share_weights
from tinylab.compress.pruning.prune import kernels_of, prune, sparsity_of
from tinylab.compress.quantization.quantize import fake_quantize, quantization_parameters
from tinylab.models.scores import scores_of
from tinylab.models.surgery.blocks import fresh_copy
from tinylab.models.surgery.fold import fold_batch_norm
from tinylab.scoring.classification import predicted_classes

__all__ = ["ORDERS", "Order", "compare_orders", "quantize_kernels", "share_kernels", "steps"]

ORDERS = (
    ("fold", "prune"),
    ("prune", "fold"),
    ("fold", "prune", "share"),
    ("fold", "share", "prune"),
    ("fold", "prune", "quantize"),
    ("fold", "quantize", "prune"),
)


@dataclass(frozen=True)
class Order:
    """One order of steps, measured.

    Parameters
    ----------
    steps : tuple of str
    right : bool array (examples,)
        Which examples the model read back from its file answers rightly.
    stored_bytes : int
    sparsity : float
        Share of the weights that are zero in the end.
    """

    steps: tuple[str, ...]
    right: np.ndarray
    stored_bytes: int
    sparsity: float

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return float(self.right.mean())

    def __str__(self) -> str:
        return (
            f"{', then '.join(self.steps)}: {self.accuracy:.1%} right, {self.stored_bytes:,} bytes,"
            f" {self.sparsity:.0%} zeros"
        )


def steps(
    *, sparsity: float, bits: int, scope: str = "layer"
) -> dict[str, Callable[[keras.Model], keras.Model]]:
    """The steps by name: "fold", "prune", "share" and "quantize".

    Parameters
    ----------
    sparsity : float
        For "prune", of every kernel.
    bits : int
        For "share" and "quantize": a kernel gets at most 2**bits - 1 values and zero.
    scope : {"layer", "model"}
        For "prune", see `tinylab.compress.pruning.masks.model_masks`.
    """
    return {
        "fold": fold_batch_norm,
        "prune": lambda model: prune(model, sparsity, scope=scope),
        "share": lambda model: share_kernels(model, 2**bits - 1),
        "quantize": lambda model: quantize_kernels(model, bits),
    }


def compare_orders(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    orders: Sequence[Sequence[str]] = ORDERS,
    sparsity: float = 0.6,
    bits: int = 4,
) -> tuple[Order, ...]:
    """Take the steps in each order, write the file, read it back, and measure.

    Parameters
    ----------
    model : keras.Model
        A classifier; it stays as it is.
    x : ndarray, shape (examples, ...)
    y : ndarray of int, shape (examples,)
    orders : sequence of sequences of str
        Each with "fold" in it, unless the model has no batch norm.
    sparsity, bits
        See `steps`.
    """
    known = steps(sparsity=sparsity, bits=bits)
    unknown = sorted({name for order in orders for name in order} - set(known))
    if unknown:
        raise ValueError(f"there is no step {unknown[0]!r}; there are {', '.join(known)}")
    made = {(): model}  # orders that begin alike share what they begin with

    def after(order: tuple[str, ...]) -> keras.Model:
        if order not in made:
            made[order] = known[order[-1]](after(order[:-1]))
        return made[order]

    return tuple(_measure(tuple(order), after(tuple(order)), x, y) for order in orders)


def share_kernels(model: keras.Model, clusters: int) -> keras.Model:
    """Copy of a model whose kernels take few values, by k-means; zeros stay zeros."""
    return _changed(model, lambda kernel: share_weights(kernel, clusters).kernel)


def quantize_kernels(model: keras.Model, bits: int) -> keras.Model:
    """Copy of a model whose kernels are rounded to 2**bits - 1 evenly spaced values.

    Symmetric, one scale for each kernel, so that zero stays zero and the values fit in a codebook.
    """

    def rounded(kernel: np.ndarray) -> np.ndarray:
        limit = float(np.abs(kernel).max())
        return fake_quantize(
            kernel, quantization_parameters(-limit, limit, bits=bits, symmetric=True)
        )

    return _changed(model, rounded)


def _changed(model: keras.Model, change: Callable[[np.ndarray], np.ndarray]) -> keras.Model:
    copy = fresh_copy(model)
    for name, kernel in kernels_of(copy).items():
        copy.get_layer(name).kernel.assign(change(kernel))
    return copy


def _measure(order: tuple[str, ...], model: keras.Model, x, y) -> Order:
    shared = {name: exactly_shared(kernel) for name, kernel in kernels_of(model).items()}
    file = encode_model(model, {name: kernel for name, kernel in shared.items() if kernel})
    decoded = decode_model(file.data)
    scores = scores_of(decoded, np.asarray(x, np.float32))
    right = predicted_classes(scores) == np.asarray(y)
    return Order(order, right, len(file.data), sparsity_of(decoded))
