"""Low-rank factorization: replace the wide layers of a Keras model by chains of thin ones.

A pointwise convolution or dense layer becomes two by singular value decomposition, a full
convolution three by Tucker decomposition, wherever that saves weights. The result is an ordinary
model, to be fine-tuned, quantized and deployed like any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np

from tinylab.compress.low_rank.arithmetic import (
    break_even_rank,
    rank_for_energy,
    svd_factors,
    tucker2_break_even,
    tucker2_factors,
)
from tinylab.models.surgery.blocks import copy_layer, fresh_copy, rebuild

__all__ = ["Factorization", "factorize", "factorize_to"]


@dataclass(frozen=True)
class Factorization:
    """What was done to one layer.

    Parameters
    ----------
    layer : str
    ranks : tuple of int
        One for singular values, two (inputs, outputs) for Tucker; empty where the layer stayed.
    weights_before, weights_after : int
        Of the kernels.
    """

    layer: str
    ranks: tuple[int, ...]
    weights_before: int
    weights_after: int


def factorize(
    model: keras.Model, energy: float = 0.95, *, skip: tuple[str, ...] = ()
) -> tuple[keras.Model, tuple[Factorization, ...]]:
    """Replace layers by low-rank chains that keep a share of their kernels' energy.

    Parameters
    ----------
    model : keras.Model
        Batch norms and activations may follow the layers; they stay where they are.
    energy : float
        Share of the squared singular values to keep, above 0, at most 1.
    skip : tuple of str
        Names of layers to leave alone.

    Returns
    -------
    keras.Model
        Not compiled. The last layer of each chain has the old name, so what follows still finds it.
    tuple of Factorization
        One for each layer with a kernel, from the input on, but for depthwise convolutions, which
        have no rank to lower; those that are neither Conv2D nor Dense stay as they are.
    """
    if not 0 < energy <= 1:
        raise ValueError(f"energy is a share above 0, at most 1, not {energy}")
    done = []

    def build(layer, inputs):
        factors = None
        if isinstance(layer, (keras.layers.Conv2D, keras.layers.Dense)):
            factors = None if layer.name in skip else _factors(layer, energy)
            done.append(_account(layer, factors))
        elif hasattr(layer, "kernel") and not isinstance(layer, keras.layers.DepthwiseConv2D):
            done.append(_account(layer, None))
        return copy_layer(layer, inputs) if factors is None else _chain(layer, factors, inputs)

    return rebuild(fresh_copy(model), build), tuple(done)


def factorize_to(
    model: keras.Model, ranks: Mapping[str, int]
) -> tuple[keras.Model, tuple[Factorization, ...]]:
    """Replace pointwise convolutions and dense layers by two thin ones of given ranks.

    Parameters
    ----------
    model : keras.Model
    ranks : mapping of str to int
        By layer name; layers that are not named stay as they are.

    Returns
    -------
    As `factorize`.

    Raises
    ------
    ValueError
        If a name is not that of a dense layer or a convolution of one pixel.
    """
    wanted, done = dict(ranks), []

    def build(layer, inputs):
        factors = None
        if isinstance(layer, (keras.layers.Conv2D, keras.layers.Dense)):
            if layer.name in wanted:
                factors = _svd_kernels(layer, wanted.pop(layer.name))
            done.append(_account(layer, factors))
        return copy_layer(layer, inputs) if factors is None else _chain(layer, factors, inputs)

    thin = rebuild(fresh_copy(model), build)
    if wanted:
        raise ValueError(f"no dense or convolution layer is called {', '.join(wanted)}")
    return thin, tuple(done)


def _svd_kernels(layer, rank: int) -> list[np.ndarray]:
    kernel = np.asarray(layer.kernel)
    if kernel.ndim == 4 and kernel.shape[:2] != (1, 1):
        raise ValueError(f"{layer.name} covers more than one pixel: it has no single rank")
    lead = (1,) * (kernel.ndim - 2)
    factors = svd_factors(kernel.reshape(kernel.shape[-2:]), rank)
    return [factor.reshape(*lead, *factor.shape) for factor in factors]


def _factors(layer, energy: float) -> list[np.ndarray] | None:
    """Kernels of the chain, from the input on; None where it would not be smaller."""
    kernel = np.asarray(layer.kernel)
    if kernel.ndim == 4 and kernel.shape[:2] != (1, 1):
        in_rank, out_rank = (_unfolded_rank(kernel, axis, energy) for axis in (2, 3))
        if layer.groups != 1 or not tucker2_break_even(kernel.shape, in_rank, out_rank):
            return None
        compress, core, expand = tucker2_factors(kernel, in_rank, out_rank)
        return [compress[None, None], core, expand[None, None]]
    matrix = kernel.reshape(kernel.shape[-2:])
    rank = rank_for_energy(matrix, energy)
    if rank > break_even_rank(*matrix.shape):
        return None
    return _svd_kernels(layer, rank)


def _unfolded_rank(kernel: np.ndarray, axis: int, energy: float) -> int:
    return rank_for_energy(np.moveaxis(kernel, axis, 0).reshape(kernel.shape[axis], -1), energy)


def _chain(layer, factors: list[np.ndarray], inputs):
    """The factors as layers: only the last has bias and activation, the core has the strides."""
    widest = max(range(len(factors)), key=lambda index: np.prod(factors[index].shape[:-2]))
    outputs = inputs
    for index, factor in enumerate(factors):
        last = index == len(factors) - 1
        config = layer.get_config()
        config["units" if isinstance(layer, keras.layers.Dense) else "filters"] = factor.shape[-1]
        if not last:
            config |= {
                "name": f"{layer.name}_rank{index + 1}",
                "use_bias": False,
                "activation": "linear",
            }
        if isinstance(layer, keras.layers.Conv2D):
            config["kernel_size"] = factor.shape[:2]
            if index != widest:
                config |= {"strides": (1, 1), "dilation_rate": (1, 1)}
        part = type(layer).from_config(config)
        outputs = part(outputs)
        bias = [np.asarray(layer.bias)] if last and layer.use_bias else []
        part.set_weights([factor, *bias])
    return outputs


def _account(layer, factors: list[np.ndarray] | None) -> Factorization:
    before = int(np.prod(layer.kernel.shape))
    if factors is None:
        return Factorization(layer.name, (), before, before)
    ranks = tuple(factor.shape[-1] for factor in factors[:-1])
    return Factorization(layer.name, ranks, before, sum(factor.size for factor in factors))
