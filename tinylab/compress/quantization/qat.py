"""Quantization-aware training: make of a float model one that rounds like its int8 program.

Train the result for a few epochs at a small learning rate as any Keras model, then
`tinylab.deploy.litert.convert(model, "int8")` needs no representative data: the ranges are in the
model.

Batch norm is folded before the weights are quantized, so that training sees the weights that will
be stored. Its statistics are those of the float model and stay fixed (Krishnamoorthi 2018, section
3.2.2, "freezing"): gamma and the bias go on learning, and can make up for what the statistics would
have done.
"""

import keras
import numpy as np

from tinylab.compress.quantization.qat_layers import (
    ActivationQuantizer,
    QuantizedConv2D,
    QuantizedDense,
    QuantizedDepthwiseConv2D,
    QuantizedLinear,
)
from tinylab.compress.quantization.quantize import LARGEST_BITS, SMALLEST_BITS
from tinylab.models.surgery.blocks import Block, fresh_copy, with_quantizers
from tinylab.models.surgery.fold import batch_norm_weights

__all__ = [
    "calibrate_activations",
    "check_convertible",
    "is_quantization_aware",
    "quantization_aware",
]


def quantization_aware(
    model: keras.Model,
    weight_bits: int = 8,
    activation_bits: int = 8,
    *,
    calibration: np.ndarray | None = None,
) -> keras.Model:
    """Copy of a trained model that computes with quantized weights and activations.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, of Conv2D, DepthwiseConv2D and Dense layers, each with a batch
        norm and a ReLU or ReLU6 if need be, and of layers without weights (pooling, reshaping,
        dropout, softmax, add).
    weight_bits : int
        2 to 16. LiteRT stores 8 and 4 bits; one scale per output channel, one in all for Dense.
    activation_bits : int
        2 to 16. LiteRT programs need 8.
    calibration : ndarray, shape (examples, ...), or None
        Typical inputs, from which the ranges of the activations are set at once. Without them the
        first training batch sets the ranges, and until then the model is of no use.

    Returns
    -------
    keras.Model
        Not compiled; starts from the weights of `model`.

    Raises
    ------
    ValueError
        If a width is out of range or a layer cannot be quantized; the layer is named.
    """
    for bits in (weight_bits, activation_bits):
        if not SMALLEST_BITS <= bits <= LARGEST_BITS:
            raise ValueError(f"bits must be from {SMALLEST_BITS} to {LARGEST_BITS}, not {bits}")
    quantized = with_quantizers(
        fresh_copy(model),
        lambda block, inputs: _quantized_block(block, inputs, weight_bits),
        lambda name: ActivationQuantizer(activation_bits, name=name),
        name=f"{model.name}_{weight_bits}bit",
    )
    if calibration is not None:
        calibrate_activations(quantized, calibration)
    return quantized


def calibrate_activations(model: keras.Model, x: np.ndarray, batch_size: int = 100) -> None:
    """Set every activation range to its extremes over the inputs `x`, shape (examples, ...)."""
    quantizers = activation_quantizers(model)
    probe = keras.Model(model.inputs[0], [quantizer.input for quantizer in quantizers])
    # From the input on, because a range that is still empty turns all that follows into zeros.
    for index, quantizer in enumerate(quantizers):
        batches = (x[start : start + batch_size] for start in range(0, len(x), batch_size))
        seen = [np.asarray(keras.tree.flatten(probe(batch))[index]) for batch in batches]
        quantizer.set_range(min(s.min() for s in seen), max(s.max() for s in seen))


def is_quantization_aware(model: keras.Model) -> bool:
    """Whether the model has quantized layers of this module."""
    return any(isinstance(layer, QuantizedLinear) for layer in model.layers)


def check_convertible(model: keras.Model) -> None:
    """Raise a ValueError that says why, if the model cannot become an int8 program."""
    quantizers = activation_quantizers(model)
    if not all(quantizer.is_calibrated for quantizer in quantizers):
        raise ValueError(
            "the activations of this quantization-aware model have no ranges yet; train it, or "
            "call calibrate_activations(model, typical_inputs)"
        )
    widths = {quantizer.bits for quantizer in quantizers}
    if widths != {8}:
        raise ValueError(f"int8 programs have 8-bit activations; this model has {sorted(widths)}")
    widest = max(layer.weight_bits for layer in model.layers if isinstance(layer, QuantizedLinear))
    if widest > 8:
        raise ValueError(f"int8 programs have weights of at most 8 bits; this model has {widest}")


def activation_quantizers(model: keras.Model) -> list[ActivationQuantizer]:
    """The model's activation quantizers, from the input on."""
    return [layer for layer in model.layers if isinstance(layer, ActivationQuantizer)]


def _quantized_block(block: Block, inputs, weight_bits: int):
    """Outputs of a quantized layer with the block's weights."""
    options = {
        "name": block.layer.name,
        "weight_bits": weight_bits,
        "activation": block.activation,
        "epsilon": None if block.batch_norm is None else block.batch_norm.epsilon,
    }
    quantized = _quantized_layer(block.layer, options)
    outputs = quantized(inputs)
    _start_from(quantized, block)
    return outputs


def _quantized_layer(layer, options: dict) -> QuantizedLinear:
    if isinstance(layer, keras.layers.Dense):
        return QuantizedDense(layer.units, **options)
    options |= {name: getattr(layer, name) for name in ("strides", "padding", "dilation_rate")}
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return QuantizedDepthwiseConv2D(
            layer.kernel_size, depth_multiplier=layer.depth_multiplier, **options
        )
    return QuantizedConv2D(layer.filters, layer.kernel_size, **options)


def _start_from(quantized: QuantizedLinear, block: Block) -> None:
    """Copy a block's weights; layer bias, beta and mean become one bias and one mean."""
    quantized.kernel.assign(block.layer.kernel)
    bias = (
        np.asarray(block.layer.bias)
        if block.layer.use_bias
        else np.zeros(quantized.bias.shape, np.float32)
    )
    if block.batch_norm is None:
        quantized.bias.assign(bias)
        return
    gamma, beta, mean, variance = batch_norm_weights(block.batch_norm)
    quantized.bias.assign(beta)
    quantized.gamma.assign(gamma)
    quantized.mean.assign(mean - bias)
    quantized.variance.assign(variance)
