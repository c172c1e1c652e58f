"""Channel pruning: remove filters from a chain of convolutions, which leaves a smaller network.

Removing a filter removes its output channel, and with it a slice of every layer up to and including
the next one that mixes channels: batch norm and depthwise convolution lose an entry, the next
pointwise convolution or dense layer one row of inputs. The result is an ordinary Keras model with
fewer multiply-accumulates, which any runtime executes faster.
"""

from collections.abc import Callable, Mapping

import keras
import numpy as np

from tinylab.models.surgery.blocks import Block, copy_layer, find_blocks, fresh_copy, rebuild
from tinylab.models.surgery.fold import folded_weights

__all__ = ["CRITERIA", "channel_scores", "shrink_channels"]

CRITERIA = ("l1", "batch_norm", "random")
MIXERS = (keras.layers.Conv2D, keras.layers.Dense)  # each output sums over all input channels
_CHANNELWISE = (
    keras.layers.Activation,
    keras.layers.AveragePooling2D,
    keras.layers.Dropout,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.GlobalMaxPooling2D,
    keras.layers.MaxPooling2D,
    keras.layers.ReLU,
    keras.layers.Softmax,
    keras.layers.SpatialDropout2D,
    keras.layers.ZeroPadding2D,
)


def shrink_channels(
    model: keras.Model,
    keep: float | Mapping[str, float],
    *,
    criterion: str = "l1",
    multiple: int = 1,
    seed: int = 0,
) -> keras.Model:
    """A new model with only the highest-scored channels of each convolution.

    Parameters
    ----------
    model : keras.Model
        A chain (every layer has one input): Conv2D, DepthwiseConv2D with multiplier 1, batch norm,
        activations, pooling, dropout, flattening, Dense. The output layer keeps its units.
    keep : float or mapping of layer name to float
        Share of the output channels of each Conv2D to keep, above 0, at most 1; layers that are
        left out of a mapping keep all. Depthwise convolutions follow the layer before them.
    criterion : {"l1", "batch_norm", "random"}
        See `channel_scores`.
    multiple : int
        Round the channels kept up to a multiple of this; kernels often work on 4 or 8 at a time.
    seed : int
        For the criterion "random".

    Returns
    -------
    keras.Model
        Not compiled; its layers have the old names.

    Raises
    ------
    ValueError
        If a layer does not belong into such a chain, or a share is out of range.
    """
    model = fresh_copy(model)
    scores = channel_scores(model, criterion, seed=seed)
    chosen = _chosen(model, scores, keep, multiple)
    last = [layer.name for layer in model.layers if isinstance(layer, MIXERS)][-1]
    present = np.arange(model.inputs[0].shape[-1])  # channels that the current tensor still has

    def build(layer, inputs):
        nonlocal present
        if isinstance(inputs, (list, tuple)):
            raise ValueError(f"layer {layer.name!r} joins branches; channels are removed in chains")
        if isinstance(layer, MIXERS):
            kept = chosen[layer.name] if layer.name in chosen and layer.name != last else None
            outputs = _sliced_mixer(layer, inputs, present, kept)
            present = np.arange(layer.kernel.shape[-1]) if kept is None else kept
            return outputs
        if isinstance(layer, keras.layers.Flatten):
            places = int(np.prod(layer.input.shape[1:-1]))
            present = (np.arange(places)[:, None] * layer.input.shape[-1] + present).ravel()
        return _sliced_follower(layer, inputs, present)

    return rebuild(model, build)


def channel_scores(
    model: keras.Model, criterion: str = "l1", *, seed: int = 0
) -> dict[str, np.ndarray]:
    """How much each output channel of each Conv2D seems to matter, by layer name.

    Parameters
    ----------
    model : keras.Model
        From `tinylab.models.surgery.blocks.fresh_copy`, or never called on another input.
    criterion : {"l1", "batch_norm", "random"}
        "l1": sum of the magnitudes of the filter with its batch norm folded in (Li et al. 2017);
        "batch_norm": magnitude of the batch norm's gamma (Liu et al. 2017), "l1" where there is
        none; "random": the control, to see what the other two are worth.

    Returns
    -------
    dict of layer name to ndarray of float64, shape (channels,)
    """
    if criterion not in CRITERIA:
        raise ValueError(f"criterion must be one of {', '.join(CRITERIA)}, not {criterion!r}")
    rng = np.random.default_rng(seed)
    blocks, _ = find_blocks(model)
    rules: Mapping[str, Callable[[Block], np.ndarray]] = {
        "l1": _l1,
        "batch_norm": _gamma,
        "random": lambda block: rng.random(block.layer.filters),
    }
    return {
        name: np.asarray(rules[criterion](block), np.float64)
        for name, block in blocks.items()
        if isinstance(block.layer, keras.layers.Conv2D)
    }


def _l1(block: Block) -> np.ndarray:
    kernel, _ = folded_weights(block)
    return np.abs(kernel).sum(axis=(0, 1, 2))


def _gamma(block: Block) -> np.ndarray:
    if block.batch_norm is None or not block.batch_norm.scale:
        return _l1(block)
    return np.abs(np.asarray(block.batch_norm.gamma))


def _chosen(model, scores, keep, multiple: int) -> dict[str, np.ndarray]:
    """Indices of the channels that stay, rising, by layer name."""
    if multiple < 1:
        raise ValueError(f"multiple must be at least 1, not {multiple}")
    shares = keep if isinstance(keep, Mapping) else dict.fromkeys(scores, keep)
    unknown = sorted(set(shares) - set(scores))
    if unknown:
        raise ValueError(f"there is no convolution {unknown[0]!r}; there are {', '.join(scores)}")
    chosen = {}
    for name, share in shares.items():
        if not 0 < share <= 1:
            raise ValueError(f"keep is a share above 0, at most 1, not {share}")
        channels = len(scores[name])
        wanted = -(-max(1, round(share * channels)) // multiple) * multiple
        best = np.argsort(-scores[name], kind="stable")[: min(wanted, channels)]
        chosen[name] = np.sort(best)
    return chosen


def _sliced_mixer(layer, inputs, present: np.ndarray, kept: np.ndarray | None):
    """A Conv2D or Dense on the inputs that are left, with the outputs that are kept."""
    kernel = np.take(np.asarray(layer.kernel), present, axis=-2)
    weights, config = [kernel], layer.get_config()
    if layer.use_bias:
        weights.append(np.asarray(layer.bias))
    if kept is not None:
        weights = [np.take(array, kept, axis=-1) for array in weights]
        config |= {"filters": len(kept)}
    copy = type(layer).from_config(config)
    outputs = copy(inputs)
    copy.set_weights(weights)
    return outputs


def _sliced_follower(layer, inputs, present: np.ndarray):
    """A layer that keeps channels apart, with the entries of the channels that are left."""
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        if layer.depth_multiplier != 1:
            raise ValueError(f"layer {layer.name!r} has depth_multiplier {layer.depth_multiplier}")
        axes = [2, 0]  # of kernel (height, width, channels, 1) and bias (channels,)
    elif isinstance(layer, keras.layers.BatchNormalization):
        axes = [0] * len(layer.weights)
    elif isinstance(layer, (*_CHANNELWISE, keras.layers.Flatten)):
        return copy_layer(layer, inputs)
    else:
        raise ValueError(
            f"layer {layer.name!r} is a {type(layer).__name__}; channels are removed in chains of"
            " convolutions, batch norm, activations, pooling, flattening and dense layers"
        )
    copy = type(layer).from_config(layer.get_config())
    outputs = copy(inputs)
    copy.set_weights(
        [np.take(w, present, axis=axis) for w, axis in zip(layer.get_weights(), axes, strict=False)]
    )
    return outputs
