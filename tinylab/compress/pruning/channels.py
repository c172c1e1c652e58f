"""Channel pruning: remove filters of convolutions, which leaves a smaller network.

Removing a filter removes its output channel, and with it a slice of every layer up to and including
the next one that mixes channels: batch norm and depthwise convolution lose an entry, the next
pointwise convolution or dense layer one row of inputs. The result is an ordinary Keras model with
fewer multiply-accumulates, which any runtime executes faster.
"""

import warnings
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
_JOINTS = (
    keras.layers.Add,
    keras.layers.Average,
    keras.layers.Concatenate,
    keras.layers.Maximum,
    keras.layers.Multiply,
    keras.layers.Subtract,
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
        Of Conv2D, DepthwiseConv2D with multiplier 1, batch norm, activations, pooling, dropout,
        flattening, Dense, and joints of branches (Add, Concatenate, ...). The output layer keeps
        its units, and a convolution whose channels meet others in a joint keeps its channels, which
        a warning says.
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
        If a layer is of another kind, or a share is out of range; or if `keep` names a layer that
        must keep its channels.
    """
    model = fresh_copy(model)
    scores = channel_scores(model, criterion, seed=seed)
    whole = _meeting_others(model)
    chosen = _chosen(model, scores, _allowed(keep, scores, whole), multiple)
    present = {id(t): np.arange(t.shape[-1]) for t in model.inputs}  # channels still there

    def build(layer, inputs):
        if isinstance(layer, _JOINTS):
            present[id(layer.output)] = np.arange(layer.output.shape[-1])
            return copy_layer(layer, inputs)
        here = present[id(layer.input)]
        if isinstance(layer, MIXERS):
            kept = chosen.get(layer.name)
            after = np.arange(layer.kernel.shape[-1]) if kept is None else kept
            present[id(layer.output)] = after
            return _sliced_mixer(layer, inputs, here, kept)
        if isinstance(layer, keras.layers.Flatten):
            places = int(np.prod(layer.input.shape[1:-1]))
            here = (np.arange(places)[:, None] * layer.input.shape[-1] + here).ravel()
        present[id(layer.output)] = here
        return _sliced_follower(layer, inputs, here)

    return rebuild(model, build)


def _meeting_others(model: keras.Model) -> dict[str, str]:
    """Convolutions whose channels reach a joint or the model's output, and what they reach."""
    makers: dict[int, str | None] = {id(t): None for t in model.inputs}
    reached: dict[str, str] = {}

    def note(tensors, where: str) -> None:
        reached.update((makers[id(t)], where) for t in tensors if makers[id(t)] is not None)

    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        if isinstance(layer, _JOINTS):
            note(keras.tree.flatten(layer.input), f"meet others in {layer.name!r}")
            makers[id(layer.output)] = None
        elif isinstance(layer, MIXERS):
            makers[id(layer.output)] = layer.name
        else:
            makers[id(layer.output)] = makers[id(keras.tree.flatten(layer.input)[0])]
    note(model.outputs, "are the model's outputs")
    return reached


def _allowed(keep, scores: dict[str, np.ndarray], whole: dict[str, str]) -> dict[str, float]:
    """The shares by layer, without the layers that keep their channels."""
    if not isinstance(keep, Mapping):
        joined = [name for name, where in whole.items() if name in scores and where[:4] == "meet"]
        if joined and keep < 1:
            warnings.warn(
                f"these layers keep all channels, which meet others: {', '.join(joined)}",
                stacklevel=3,
            )
        return {name: keep for name in scores if name not in whole}
    for name in keep:
        if whole.get(name, "").startswith("meet"):
            raise ValueError(
                f"the channels of {name!r} {whole[name]}, so all of them must stay: leave it out "
                "of keep"
            )
    return {name: share for name, share in keep.items() if name not in whole}


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
            f"layer {layer.name!r} is a {type(layer).__name__}; channels are removed in networks of"
            " convolutions, batch norm, activations, pooling, flattening, joints and dense layers"
        )
    copy = type(layer).from_config(layer.get_config())
    outputs = copy(inputs)
    copy.set_weights(
        [np.take(w, present, axis=axis) for w, axis in zip(layer.get_weights(), axes, strict=False)]
    )
    return outputs
