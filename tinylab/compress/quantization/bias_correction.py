"""Correct the mean after quantization, in the weights or in the biases.

Rounding the few weights of a channel shifts their mean, and with it every output of the channel.
There are two cures: put the statistics of the weights right (Banner et al. 2019,
"Bias-Correction"), or take the shift that is to be expected out of the bias (Nagel et al. 2019,
section 4.2, with measured input means).
"""

import numpy as np

__all__ = ["bias_correction", "output_shift"]


def bias_correction(
    weights: np.ndarray, quantized: np.ndarray, axis: int | None = -1
) -> np.ndarray:
    """Quantized weights with the mean and the spread of the float ones, channel by channel.

    After Banner et al. 2019, "Bias-Correction": w <- xi (w_q + mu) with mu = E(w) - E(w_q) and
    ``xi = |w - E(w)| / |w_q - E(w_q)|``, here about the channel's own mean so that both
    are met exactly. On a device xi goes into the channel's scale; mu needs one more multiplication
    per channel.

    Parameters
    ----------
    weights, quantized : ndarray of float, one shape
        Before and after fake quantization.
    axis : int or None
        The channel axis; None corrects the tensor as a whole.

    Returns
    -------
    ndarray of float32, shape of `weights`
    """
    weights, quantized = _checked(weights, quantized)
    others = (
        None if axis is None else tuple(i for i in range(weights.ndim) if i != axis % weights.ndim)
    )
    mean = weights.mean(axis=others, keepdims=True)
    deviation = quantized - quantized.mean(axis=others, keepdims=True)
    spread = np.sqrt(np.sum((weights - mean) ** 2, axis=others, keepdims=True))
    quantized_spread = np.sqrt(np.sum(deviation**2, axis=others, keepdims=True))
    ratio = np.divide(
        spread, quantized_spread, out=np.ones_like(spread), where=quantized_spread > 0
    )
    return (mean + ratio * deviation).astype(np.float32)


def output_shift(
    weights: np.ndarray, quantized: np.ndarray, input_mean: np.ndarray, *, depthwise: bool = False
) -> np.ndarray:
    """Expected shift of a layer's outputs because its weights were quantized; subtract it from the
    bias.

    E[(w_q - w) x] = sum over the kernel of (w_q - w) E[x] (Nagel et al. 2019, eq. 17), with E[x]
    measured for every input channel; the zeros of the padding are left out of account.

    Parameters
    ----------
    weights, quantized : ndarray of float
        Kernel before and after fake quantization: (height, width, inputs, outputs), or (inputs,
        outputs), or (height, width, channels, multiplier) if `depthwise`.
    input_mean : ndarray of float, shape (inputs,)
        Mean of each input channel over typical inputs.

    Returns
    -------
    ndarray of float32, shape (outputs,), or (channels * multiplier,)
    """
    weights, quantized = _checked(weights, quantized)
    input_mean = np.asarray(input_mean, dtype=np.float64)
    if input_mean.shape != (weights.shape[-2],):
        raise ValueError(
            f"input_mean must have one entry per input channel, {weights.shape[-2]}, "
            f"not shape {input_mean.shape}"
        )
    error = (quantized - weights).reshape(-1, *weights.shape[-2:]).sum(axis=0)
    if depthwise:
        return (error * input_mean[:, None]).ravel().astype(np.float32)
    return (input_mean @ error).astype(np.float32)


def _checked(weights, quantized) -> tuple[np.ndarray, np.ndarray]:
    weights, quantized = np.asarray(weights, np.float64), np.asarray(quantized, np.float64)
    if weights.shape != quantized.shape or weights.size == 0:
        raise ValueError(
            f"weights and quantized must be of one shape and not empty, "
            f"not {weights.shape} and {quantized.shape}"
        )
    return weights, quantized
