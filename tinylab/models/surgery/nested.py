"""Models inside models, and separable convolutions: taken apart into one plain network.

Transfer learning puts a whole network into another as one layer; what works layer by layer
(folding, pruning, quantization, adaptation) needs the layers themselves.
"""

import keras

__all__ = ["flattened"]

_TAKEN_APART = (keras.Model, keras.layers.SeparableConv2D)


def flattened(model: keras.Model) -> keras.Model:
    """The same network with the layers of inner models in its own row.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, as its inner models are. It is never changed.

    Returns
    -------
    keras.Model
        `model` itself if there is nothing to take apart; else a new one with the same weights. An
        inner layer whose name is taken gets its model's name in front; a SeparableConv2D `x`
        becomes `x_depthwise` and `x`.

    Raises
    ------
    ValueError
        A layer is used more than once, or an inner model is written as a class of its own.
    """
    if not any(isinstance(layer, _TAKEN_APART) for layer in model.layers):
        return model
    inputs = [keras.Input(batch_shape=t.shape, dtype=t.dtype, name=t.name) for t in model.inputs]
    outputs = _walk(model, inputs, set())
    ends = [tensors[0] if len(tensors) == 1 else tensors for tensors in (inputs, outputs)]
    return keras.Model(*ends, name=model.name)


def _walk(model: keras.Model, inputs: list, taken: set[str]) -> list:
    """The outputs of a model's copied layers on new inputs."""
    new = dict(zip(map(id, model.inputs), inputs, strict=True))
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        node = _place(layer, new)
        if isinstance(layer, keras.Model):
            outputs = _walk(layer, [new[id(t)] for t in node.input_tensors], taken)
        else:
            sources = keras.tree.map_structure(lambda t: new.get(id(t), t), node.arguments.args)
            outputs = [_copied(layer, sources, _free_name(layer.name, model.name, taken))]
        new |= dict(zip(map(id, node.output_tensors), outputs, strict=True))
    return [new[id(tensor)] for tensor in model.outputs]


def _place(layer: keras.Layer, new: dict):
    """The call of a layer in this network; Keras has no public way to ask for it, and a layer's
    `input` is that of its first call anywhere."""
    if isinstance(layer, keras.Model) and not getattr(layer, "inputs", None):
        raise ValueError(
            f"the inner model {layer.name!r} is a class of its own: build it as keras.Sequential "
            "or keras.Model(inputs, outputs)"
        )
    calls = [n for n in layer._inbound_nodes if all(id(t) in new for t in n.input_tensors)]
    if len(calls) != 1:
        raise ValueError(
            f"layer {layer.name!r} is used more than once; each layer must have one place"
        )
    return calls[0]


def _free_name(name: str, model: str, taken: set[str]) -> str:
    if name in taken:
        name = f"{model}_{name}"
    taken.add(name)
    return name


def _copied(layer: keras.Layer, arguments: tuple, name: str):
    if isinstance(layer, keras.layers.SeparableConv2D):
        return _depthwise_then_pointwise(layer, arguments[0], name)
    copy = layer.__class__.from_config(layer.get_config() | {"name": name})
    outputs = copy(*arguments)
    copy.set_weights(layer.get_weights())
    return outputs


def _depthwise_then_pointwise(layer: keras.layers.SeparableConv2D, inputs, name: str):
    depthwise = keras.layers.DepthwiseConv2D(
        layer.kernel_size,
        strides=layer.strides,
        padding=layer.padding,
        dilation_rate=layer.dilation_rate,
        depth_multiplier=layer.depth_multiplier,
        use_bias=False,
        name=f"{name}_depthwise",
    )
    pointwise = keras.layers.Conv2D(
        layer.filters, 1, use_bias=layer.use_bias, activation=layer.activation, name=name
    )
    outputs = pointwise(depthwise(inputs))
    first, *rest = layer.get_weights()
    depthwise.set_weights([first])
    pointwise.set_weights(rest)
    return outputs
