# %% [markdown]
# # Keyword spotting 2: compress
#
# In this class you turn the weights of your model from 32-bit floats into integers of 8 bits and
# fewer, by hand first, and find out how far down you can go.
#
# **You will be able to**
#
# - quantize and dequantize numbers, and choose scale and zero point;
# - say when a scale for each channel helps, and when clipping helps;
# - train a model so that it still works with 3-bit weights;
# - convert a model to int8, and show that it is really made of integers.
#
# Time: one class (60 minutes). The whole notebook runs in about a minute on two processor cores.

# %%
import numpy as np

from tinylab.compress.quantization import quantize
from tinylab.compress.quantization.bit_allocation import allocate_bits
from tinylab.compress.quantization.qat import quantization_aware
from tinylab.compress.quantization.study import measure_bit_widths
from tinylab.course import Ledger, check
from tinylab.data import speech
from tinylab.deploy import litert
from tinylab.explore.compress.bit_width import bit_width_explorer
from tinylab.explore.compress.clipping import clipping_explorer
from tinylab.explore.widget.predict import Prediction
from tinylab.graph import count, read_tflite
from tinylab.models import checkpoints
from tinylab.models.surgery.fold import fold_batch_norm
from tinylab.models.training import TrainingProfile, train
from tinylab.scoring import classification as metrics
from tinylab.signal.mfcc import mfcc

# %% [markdown]
# ## From floats to integers
#
# An **affine** quantizer stores a real number $r$ as an integer $q$:
#
# $$r = \text{scale} \cdot (q - \text{zero point})$$
#
# The scale is the step between two neighbouring numbers, the zero point the integer that stands for
# zero. Zero must be exact: padding and ReLU write it everywhere.

# %% exercise="affine_quantize"
def affine_quantize(x, scale, zero_point):
    """Quantize real numbers to int8.

    x : float32 array of any shape; scale : float > 0; zero_point : int in -128..127
    Returns an int8 array of the shape of x. Example: affine_quantize(np.array([0.5]), 0.25, 3)
    is [5].
    Write it yourself: quantize.quantize may not be called.
    """
    # solution
    q = np.round(np.asarray(x) / scale) + zero_point
    return np.clip(q, -128, 127).astype(np.int8)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Divide, round, shift, and only then cut to the range.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("affine_quantize", affine_quantize)

# %% [markdown]
# Where do scale and zero point come from? From the range of the values. It is stretched to include
# zero if need be, then laid onto the integers from -128 to 127.

# %% exercise="scale_and_zero_point"
def scale_and_zero_point(low, high):
    """Parameters that map low to -128 and high to 127, after widening the range to include 0.

    low, high : floats, low < high
    Returns (scale : float, zero_point : int). Example: scale_and_zero_point(0.0, 25.5) is
    (0.1, -128).
    Write it yourself: quantize.quantization_parameters may not be called.
    """
    # solution
    low, high = min(low, 0.0), max(high, 0.0)
    scale = (high - low) / 255
    return scale, int(round(-128 - low / scale))
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# There are 255 steps between the lowest and the highest integer. Which integer does 0 land on, if low
# lands on -128?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("scale_and_zero_point", scale_and_zero_point)

# %% [markdown]
# ## How much is lost?
#
# Rounding adds noise. Compare its power with the power of the signal, in decibels, and you have the
# **signal-to-quantization-noise ratio**.

# %% exercise="sqnr_dB"
def sqnr_dB(x, approximation):
    """Signal-to-quantization-noise ratio in decibels.

    x, approximation : float arrays of the same shape, not equal
    Returns a float: 10 log10 of the mean of x**2 over the mean squared difference.
    Example: sqnr_dB(np.array([1., -1.]), np.array([0.9, -0.9])) is 20.0.
    Write it yourself: quantize.sqnr_dB may not be called.
    """
    # solution
    noise = np.mean((x - approximation) ** 2)
    return float(10 * np.log10(np.mean(x**2) / noise))
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Power is the mean of the squares. The noise is the difference between the two.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("sqnr_dB", sqnr_dB)

# %% [markdown]
# Now your own model. Its batch normalization is folded into the convolutions first: what a device
# stores is the product of both.

# %%
checkpoint = checkpoints.load("keyword_spotting", "train")
print(checkpoint)
folded = fold_batch_norm(checkpoint.model)
weights = np.asarray(folded.get_layer("block1_depthwise").get_weights()[0])
for bits in (8, 6, 4, 3):
    ends = float(weights.min()), float(weights.max())
    parameters = quantize.quantization_parameters(*ends, bits=bits)
    noisy = quantize.fake_quantize(weights, parameters)
    print(f"{bits} bits: {quantize.sqnr_dB(weights, noisy):5.1f} dB")

# %% [markdown]
# About six decibels for each bit: one bit more halves the step, and half the step is a quarter of the
# noise power. Four bits are not enough for the depthwise layer. Why?
#
# ## A scale for every channel
#
# Look at the largest weight of each channel. A channel of small weights that shares its scale with a
# channel of large ones gets few of the integers.

# %%
largest = np.abs(weights).max(axis=(0, 1)).ravel()
print(f"largest weight of a channel: from {largest.min():.3f} to {largest.max():.3f}")

# %% exercise="per_channel_scales"
def per_channel_scales(weights):
    """Symmetric int8 scale of each output channel: zero point 0, integers -127..127.

    weights : float array (..., channels)
    Returns a float array (channels,), 1 for a channel of zeros.
    Example: per_channel_scales(np.array([[1.27, -2.54]])) is [0.01, 0.02].
    Write it yourself: quantize.quantization_parameters may not be called.
    """
    # solution
    largest = np.abs(weights).reshape(-1, weights.shape[-1]).max(axis=0)
    return np.where(largest > 0, largest / 127, 1.0)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `reshape(-1, channels)` puts everything but the channels into one axis. Then take the largest
# magnitude along it.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("per_channel_scales", per_channel_scales)

# %% [markdown]
# ## To clip or not to clip
#
# A range that holds every value spends integers on a few outliers. Cut them off, and all others are
# rounded more finely, but those few are badly wrong. Somewhere in between the total error is
# smallest. For a bell-shaped distribution that threshold follows from a formula (Banner et al. 2019);
# find it by hand first.

# %%
pointwise = np.asarray(folded.get_layer("block2_pointwise").get_weights()[0])
clipping_explorer(pointwise, what="weights of block 2, pointwise")

# %% [markdown]
# At 8 bits clipping gains almost nothing: the steps are small already. At 3 bits it gains a lot.
#
# ## Bits where they are needed
#
# If channels differ, why should all get the same number of bits? Banner et al. ask how to share a fixed
# number of levels so that the total error is least. The answer: in proportion to the 2/3 power of each
# channel's range.

# %% exercise="optimal_levels"
def optimal_levels(ranges, average_bits):
    """Share n * 2**average_bits levels among n channels, by the 2/3 power of their ranges.

    ranges : float array (n,), all > 0; average_bits : number
    Returns a float array (n,) that adds up to n * 2**average_bits.
    Example: optimal_levels(np.array([1., 1.]), 3) is [8., 8.].
    Write it yourself: bit_allocation.optimal_levels may not be called.
    """
    # solution
    powers = ranges ** (2 / 3)
    return powers / powers.sum() * len(ranges) * 2.0**average_bits
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# First the share of each channel, which adds up to one; then times all the levels there are.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("optimal_levels", optimal_levels)

# %%
bits = allocate_bits(largest, 4)
widths, channels = np.unique(bits, return_counts=True)
print("bits of the channels of the depthwise layer:")
print(", ".join(f"{n} channels {b} bits" for b, n in zip(widths, channels)))

# %% [markdown]
# ## The whole model, at every width
#
# Noise in a layer need not mean wrong answers. The next cell quantizes all weights of your
# model in each scheme and at each width, its activations to 8 bits, and measures the accuracy on 360
# test clips.

# %%
guess = Prediction("Down to how many bits does your model lose less than 2 points?", unit="bits")
guess

# %%
training = speech.load("train", per_class=120)
test = speech.load("test", per_class=30)
x_train, x_test = (mfcc(clips.waveforms)[..., np.newaxis] for clips in (training, test))
results = measure_bit_widths(checkpoint.model, x_test, test.labels, x_train[:200])
bit_width_explorer(results)

# %%
best = results.schemes[-1]
good = [b for b in results.bits if results.float_accuracy - results.row(best, b).accuracy < 0.02]
guess.reveal(min(good))

# %% [markdown]
# That is **post-training quantization**: no training, only arithmetic. Below some number of bits it
# fails. Better schemes lower that number, but only by a little.
#
# ## Train with the noise
#
# The next step is to round the weights already while the model trains: **quantization-aware training**.
# There is an obstacle: rounding is a staircase, and the gradient of a staircase is zero almost
# everywhere. The **straight-through estimator** takes the gradient as if nothing were rounded. Only
# beyond the range of the quantizer is the gradient zero.

# %% exercise="straight_through"
def straight_through(x, upstream, low, high):
    """Gradient of fake quantization by the straight-through estimator.

    x, upstream : float arrays of the same shape, the input and the gradient that arrives
    low, high : floats, the range of the quantizer
    Returns a float array of that shape. Example: straight_through(np.array([0.2, 9.]),
    np.array([5., 5.]), -1.0, 1.0) is [5., 0.].
    """
    # solution
    inside = (x >= low) & (x <= high)
    return upstream * inside
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# A comparison gives an array of True and False, and True counts as 1 when you multiply.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("straight_through", straight_through)

# %% [markdown]
# Three bits without training, then three bits with a few passes of it. The model starts from your
# trained weights; batch normalization is folded while it trains, so that what is rounded is what will
# be stored.

# %%
profile = TrainingProfile(epochs=4, batch_size=50, learning_rate=1e-3)
aware = quantization_aware(checkpoint.model, weight_bits=3, calibration=x_train[:200])
untrained = metrics.accuracy(test.labels, aware.predict(x_test, verbose=0))
train(aware, x_train, training.labels, profile=profile)
trained = metrics.accuracy(test.labels, aware.predict(x_test, verbose=0))
print(f"3-bit weights: {untrained:.1%} before, {trained:.1%} after training with the noise")

# %% [markdown]
# ## For real: int8
#
# So far floats stood in for integers. A device computes with integers, and LiteRT (formerly TensorFlow Lite)
# makes the program: 8 bits for weights and activations, 32 for sums. It asks for a few typical inputs,
# the *representative dataset*, to measure the ranges of the activations.

# %%
sizes = {}
for precision in ("float32", "float16", "dynamic_range", "int8"):
    examples = x_train[:200] if precision == "int8" else None
    program = litert.convert(checkpoint.model, precision, representative_dataset=examples)
    accuracy = litert.evaluate(program, x_test, test.labels).accuracy
    sizes[precision] = program
    print(f"{precision:<14} {len(program) / 1000:6.1f} kB   {accuracy:.1%}")

# %% [markdown]
# Do not take that on trust. Look inside: every tensor of the int8 program must hold integers.

# %%
graph = read_tflite(sizes["int8"])
kinds = sorted({tensor.dtype for tensor in graph.tensors})
print(f"{len(graph.ops)} operators, types of the tensors: {', '.join(kinds)}")
print(f"{count(graph).weight_bytes:,} bytes of weights, in a file of {len(sizes['int8']):,}")

# %% [markdown]
# ## Keep it

# %%
accuracy = litert.evaluate(sizes["int8"], x_test, test.labels).accuracy
checkpoints.save(sizes["int8"], "keyword_spotting", "compress", metrics={"accuracy": accuracy})
footprint = count(graph)
Ledger("keyword_spotting").record(
    stage="compress",
    accuracy=accuracy,
    flash_bytes=len(sizes["int8"]),
    ram_bytes=footprint.peak_activation_bytes,
    macs=footprint.macs,
)

# %% [markdown]
# A quarter of the flash for almost the same answers. **Next:** `3_adapt`, where the model learns a
# word it has never heard.
#
# **References**
#
# - Jacob et al. 2018, *Quantization and Training of Neural Networks for Efficient
#   Integer-Arithmetic-Only Inference*
# - Banner et al. 2019, *Post Training 4-bit Quantization of Convolutional Networks for
#   Rapid-Deployment*
# - Bengio et al. 2013, *Estimating or Propagating Gradients Through Stochastic Neurons* (the
#   straight-through estimator)
