"""Post-training quantization, simulated: a trained Keras model takes quantized values only.

Everything still computes in float, but weights and activations only take values that the integers
can represent, so any width and any scheme can be tried. `tinylab.deploy.litert.convert` makes the
real thing, for the one scheme that LiteRT runs.
"""

import keras
import numpy as np
from keras import ops

from tinylab.compress.quantization.bias_correction import output_shift
from tinylab.compress.quantization.clipping import calibrate
from tinylab.compress.quantization.quantize import (
    QuantizationParameters,
    quantization_parameters,
    sqnr_dB,
)
from tinylab.compress.quantization.schemes import QuantizedKernel, Scheme, quantize_kernel
from tinylab.models.surgery.blocks import Block, fresh_copy, with_quantizers
from tinylab.models.surgery.fold import folded_weights

__all__ = ["PostTrainingQuantizer", "SimulatedActivation", "quantize_model"]


def quantize_model(
    model: keras.Model,
    scheme: Scheme,
    weight_bits: int = 8,
    activation_bits: int = 8,
    *,
    calibration: np.ndarray,
) -> keras.Model:
    """Copy of a trained model with quantized weights and activations, batch norm folded.

    Parameters
    ----------
    model : keras.Model
        Of the layers that `tinylab.compress.quantization.qat.quantization_aware` takes.
    scheme : Scheme
        One of `tinylab.compress.quantization.schemes.SCHEMES`, or your own.
    weight_bits, activation_bits : int
        2 to 16.
    calibration : ndarray, shape (examples, ...)
        Typical inputs, 100 or so, from which the ranges of the activations are measured.

    Returns
    -------
    keras.Model
    """
    quantizer = PostTrainingQuantizer(model, calibration)
    quantizer.apply(scheme, weight_bits, activation_bits)
    return quantizer.model


@keras.saving.register_keras_serializable(package="tinylab")
class SimulatedActivation(keras.layers.Layer):
    """Passes values through until it is given quantization parameters, then fake-quantizes them."""

    def build(self, input_shape):
        def constant(name, value):
            start = keras.initializers.Constant(value)
            return self.add_weight(name=name, shape=(), initializer=start, trainable=False)

        self.scale, self.zero_point = constant("scale", 0.0), constant("zero_point", 0.0)
        self.minimum, self.maximum = constant("minimum", -128.0), constant("maximum", 127.0)

    def set_parameters(self, parameters: QuantizationParameters) -> None:
        """Quantize from now on as `parameters` say."""
        self.scale.assign(parameters.scale)
        self.zero_point.assign(parameters.zero_point)
        self.minimum.assign(parameters.minimum)
        self.maximum.assign(parameters.maximum)

    def call(self, x):
        off = ops.equal(self.scale, 0.0)
        scale = ops.where(off, 1.0, self.scale)
        integers = ops.clip(ops.round(x / scale) + self.zero_point, self.minimum, self.maximum)
        return ops.where(off, x, (integers - self.zero_point) * scale)


class PostTrainingQuantizer:
    """One model under many schemes: folds and calibrates once, then `apply` changes weights in
    place.

    Parameters
    ----------
    model : keras.Model
    calibration : ndarray, shape (examples, ...)

    Attributes
    ----------
    model : keras.Model
        The simulation; in float until `apply` is called.
    weight_bytes : int
        Bytes that the weights take under the scheme last applied.
    weight_sqnr_dB : float
        Signal to quantization noise ratio over all weights together.
    """

    def __init__(self, model: keras.Model, calibration: np.ndarray):
        self._layers: list[tuple[keras.Layer, np.ndarray, np.ndarray]] = []
        self.model = with_quantizers(
            fresh_copy(model),
            self._folded_block,
            lambda name: SimulatedActivation(name=name),
            name=f"{model.name}_quantized",
        )
        self._quantizers = [x for x in self.model.layers if isinstance(x, SimulatedActivation)]
        self._found: dict[tuple[str, int], list[QuantizationParameters]] = {}
        self._watch(calibration)
        self.weight_bytes = sum(4 * (kernel.size + bias.size) for _, kernel, bias in self._layers)
        self.weight_sqnr_dB = float("inf")

    def apply(self, scheme: Scheme, weight_bits: int, activation_bits: int = 8) -> None:
        """Quantize weights and activations as the scheme says, starting from the float values."""
        for quantizer, parameters in zip(
            self._quantizers,
            self._activation_parameters(scheme.clipping, activation_bits),
            strict=True,
        ):
            quantizer.set_parameters(parameters)
        results = []
        for (layer, kernel, bias), input_mean in zip(self._layers, self._input_means, strict=True):
            depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
            result = quantize_kernel(kernel, weight_bits, scheme, depthwise=depthwise)
            if scheme.bias_correction:
                bias = bias - output_shift(kernel, result.values, input_mean, depthwise=depthwise)
            layer.set_weights([result.values, bias])
            results.append(result)
        self._account(results)

    def _activation_parameters(self, clipping: str, bits: int) -> list[QuantizationParameters]:
        """One for each quantizer; measured once, because many schemes share them."""
        key = clipping, bits
        if key not in self._found:
            ranges = [calibrate(seen, clipping, bits=bits) for seen in self._seen]
            self._found[key] = [quantization_parameters(*ends, bits=bits) for ends in ranges]
        return self._found[key]

    def _folded_block(self, block: Block, inputs):
        """A copy of the block as one layer, remembered with its float weights."""
        kernel, bias = folded_weights(block)
        config = block.layer.get_config() | {"use_bias": True, "activation": block.activation}
        layer = block.layer.__class__.from_config(config)
        outputs = layer(inputs)
        layer.set_weights([kernel, bias])
        self._layers.append((layer, kernel, bias))
        return outputs

    def _watch(self, calibration: np.ndarray) -> None:
        """Run the float model on the calibration inputs; keep what quantizers and layers see."""
        watched = [q.input for q in self._quantizers] + [
            layer.input for layer, _, _ in self._layers
        ]
        seen = keras.Model(self.model.inputs[0], watched)(np.asarray(calibration, np.float32))
        seen = [np.asarray(values) for values in seen]
        self._seen, inputs = seen[: len(self._quantizers)], seen[len(self._quantizers) :]
        self._input_means = [x.mean(axis=tuple(range(x.ndim - 1))) for x in inputs]

    def _account(self, results: list[QuantizedKernel]) -> None:
        self.weight_bytes = sum(result.stored_bytes for result in results)
        before = np.concatenate([kernel.ravel() for _, kernel, _ in self._layers])
        after = np.concatenate([result.values.ravel() for result in results])
        self.weight_sqnr_dB = sqnr_dB(before, after)
