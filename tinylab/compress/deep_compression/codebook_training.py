"""Fine-tune shared weights: the codebooks of a model become what is trained.

The kernel of every layer is looked up in its codebook, so the gradient of a shared value is the sum
of the gradients of all weights that share it, as Han, Mao & Dally (2016) have it; weights pruned to
zero stay zero.
"""

from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from tinylab.compress.deep_compression.weight_sharing import SharedWeights, share_weights
from tinylab.models.surgery.blocks import LINEAR_LAYERS, copy_layer, fresh_copy, rebuild

__all__ = [
    "SharedKernel",
    "cluster_model",
    "shared_weights_of",
    "with_codebooks",
    "without_codebooks",
]


class SharedKernel(keras.layers.Layer):
    """A convolution or dense layer whose kernel is looked up in a trainable codebook.

    Parameters
    ----------
    layer : keras.Layer
        A fresh layer of the kind to compute with; it gets the name of this one.
    shared : SharedWeights
        Codebook and indices to start from.
    """

    def __init__(self, layer: keras.Layer, shared: SharedWeights):
        super().__init__(name=layer.name)
        self.layer, self.pruned = layer, shared.pruned
        self.layer.trainable = False  # its own kernel only says which shape is wanted
        self._start = shared

    def build(self, input_shape):
        self.layer.build(input_shape)
        first = int(self.pruned)  # a pruned kernel's zero is no variable
        values = self._start.codebook[first:]
        self.codebook = self.add_weight(
            name="codebook",
            shape=values.shape,
            initializer=lambda shape, dtype: ops.convert_to_tensor(values, dtype),
        )
        self.indices = ops.convert_to_tensor(self._start.indices.astype(np.int32))
        if self.layer.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=self.layer.bias.shape, initializer="zeros"
            )

    def call(self, x):
        values = ops.convert_to_tensor(self.codebook)
        if self.pruned:
            values = ops.concatenate([ops.zeros((1,), values.dtype), values])
        weights = [ops.take(values, self.indices)]
        if self.layer.use_bias:
            weights.append(ops.convert_to_tensor(self.bias))
        outputs, _ = self.layer.stateless_call([], weights, x)
        return outputs

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def shared(self) -> SharedWeights:
        """Codebook and indices as they are now; values that have become equal are merged."""
        values = np.asarray(self.codebook)
        if self.pruned:
            values = np.concatenate([np.zeros(1, np.float32), values])
        return _tidy(values, self._start.indices, self.pruned)


def cluster_model(
    model: keras.Model, clusters: int | Mapping[str, int], *, initialization: str = "linear"
) -> dict[str, SharedWeights]:
    """Shared weights of every kernel of a model.

    Parameters
    ----------
    model : keras.Model
        With batch norm folded in (`tinylab.models.surgery.fold`): folding would multiply every
        channel by a number of its own, and no two weights would share a value any more.
    clusters : int or mapping of layer name to int
        Layers that are left out of a mapping keep their weights to themselves.
    initialization : {"linear", "density", "random"}
        See `tinylab.compress.deep_compression.weight_sharing.initial_centroids`.

    Returns
    -------
    dict of layer name to SharedWeights
    """
    if any(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers):
        raise ValueError("fold the batch norm first: tinylab.models.surgery.fold.fold_batch_norm")
    layers = {layer.name: layer for layer in model.layers if isinstance(layer, LINEAR_LAYERS)}
    counts = clusters if isinstance(clusters, Mapping) else dict.fromkeys(layers, clusters)
    unknown = sorted(set(counts) - set(layers))
    if unknown:
        raise ValueError(f"there is no kernel named {unknown[0]!r}; there are {', '.join(layers)}")
    return {
        name: share_weights(np.asarray(layers[name].kernel), count, initialization=initialization)
        for name, count in counts.items()
    }


def with_codebooks(model: keras.Model, shared: Mapping[str, SharedWeights]) -> keras.Model:
    """Copy of a model that learns its codebooks and biases, instead of its weights.

    Parameters
    ----------
    model : keras.Model
        With batch norm folded in.
    shared : mapping of layer name to SharedWeights
        From `cluster_model`.
    """

    def build(layer, inputs):
        if layer.name not in shared:
            return copy_layer(layer, inputs)
        wrapper = SharedKernel(type(layer).from_config(layer.get_config()), shared[layer.name])
        outputs = wrapper(inputs)
        if layer.use_bias:
            wrapper.bias.assign(layer.bias)
        return outputs

    return rebuild(fresh_copy(model), build)


def shared_weights_of(model: keras.Model) -> dict[str, SharedWeights]:
    """Codebooks and indices of a model from `with_codebooks`, as they are now."""
    return {layer.name: layer.shared() for layer in model.layers if isinstance(layer, SharedKernel)}


def without_codebooks(model: keras.Model) -> keras.Model:
    """A plain model with the weights that a model from `with_codebooks` has learned."""

    def build(layer, inputs):
        if not isinstance(layer, SharedKernel):
            return copy_layer(layer, inputs)
        plain = type(layer.layer).from_config(layer.layer.get_config() | {"trainable": True})
        outputs = plain(inputs)
        weights = [layer.shared().kernel]
        plain.set_weights(weights + ([np.asarray(layer.bias)] if plain.use_bias else []))
        return outputs

    return rebuild(model, build)


def _tidy(values: np.ndarray, indices: np.ndarray, pruned: bool) -> SharedWeights:
    """The same kernel with a rising codebook without repetitions, zero first where pruned."""
    first = int(pruned)
    codebook, merged = np.unique(values[first:], return_inverse=True)
    new_index = np.concatenate([np.zeros(first, np.int64), merged + first])
    codebook = np.concatenate([values[:first], codebook]).astype(np.float32)
    return SharedWeights(codebook, new_index[indices].astype(np.uint8), pruned)
