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
# Time: one class (60 minutes). The whole notebook runs in under a minute on two processor cores.

# %%
import numpy as np

from tinylab import data
from tinylab.compress.quantization import quantize
from tinylab.compress.quantization.aciq import best_fit
from tinylab.compress.quantization.bit_allocation import allocate_bits
from tinylab.compress.quantization.clipping import calibrate
from tinylab.compress.quantization.clipping_noise import clipping_noise, noise_curve
from tinylab.compress.quantization.ptq import quantize_model
from tinylab.compress.quantization.qat import quantization_aware
from tinylab.compress.quantization.schemes import SCHEMES
from tinylab.compress.quantization.study import measure_bit_widths
from tinylab.course import Ledger, check
from tinylab.data import speech
from tinylab.deploy import litert
from tinylab.explore.compress.bit_width import bit_width_explorer
from tinylab.explore.compress.clipping import clipping_explorer
from tinylab.explore.widget.predict import Prediction
from tinylab.graph import count, read_tflite
from tinylab.models import checkpoints
from tinylab.models.surgery.equalization import equalize_channels
from tinylab.models.surgery.fold import fold_batch_norm
from tinylab.models.training import TrainingProfile, train
from tinylab.scoring.verdicts import compare
from tinylab.signal.mfcc import mfcc

# %% [markdown]
# **Whose data?** Leave the next cell as it is for the built-in set. For your recordings of words put
# the path of a folder in place of `None` (`path/WORD/NAME_1.wav`, a folder for each word), here and
# in the other notebooks of this application; nothing else has to change.

# %%
data.use("keyword_spotting", None)

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

# %% claims=true
ratio = {}
for bits in (8, 6):
    parameters = quantize.quantization_parameters(*ends, bits=bits)
    ratio[bits] = quantize.sqnr_dB(weights, quantize.fake_quantize(weights, parameters))
assert 5 < (ratio[8] - ratio[6]) / 2 < 7, "about six decibels a bit"

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

# %% claims=true
assert largest.max() > 2 * largest.min(), "a bit or more is lost on the smallest channel"

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
# smallest. For two common shapes, the bell of Gauss and the pointed one of Laplace, that threshold follows
# from a formula (Banner et al. 2019). Which of the two fits better is decided by likelihood. Find the
# threshold by hand first.

# %%
pointwise = np.asarray(folded.get_layer("block2_pointwise").get_weights()[0])
clipping_explorer(pointwise, what="weights of block 2, pointwise")

# %% [markdown]
# At 8 bits clipping gains almost nothing: the steps are small already. At 3 bits it gains a lot, and the
# formula, which knows only the shape, finds most of that. Where a layer has neither shape, no formula helps;
# then `calibrate(method="aciq")` takes the tails of the values themselves.

# %% claims=true
assert best_fit(pointwise)[0] == "gauss"
for bits, share in ((8, 0.8), (3, 0.4)):
    whole, least, by_formula = (
        clipping_noise(pointwise, end, bits).total_error
        for end in (
            np.abs(pointwise).max(),
            noise_curve(pointwise, bits).best_threshold,
            calibrate(pointwise, "aciq_gauss", bits=bits, symmetric=True).high,
        )
    )
    assert least > share * whole if bits == 8 else least < share * whole
assert whole - by_formula > 0.8 * (whole - least), "at 3 bits"

# %% [markdown]
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
print("channels of each width: " + ", ".join(f"{n} of {b} bits" for b, n in zip(widths, channels)))

# %% claims=true
assert bits.sum() <= 4 * len(bits) and len(widths) > 1

# %% [markdown]
# ## The whole model, at every width
#
# Noise in a layer need not mean wrong answers. The next cell quantizes all weights of your
# model in each scheme and at each width, its activations to 8 bits, and measures the accuracy on 360
# **validation** clips: something is to be chosen here, and the test clips are for the end. Each width answers
# the same clips as the float model. So what counts is on how many the two differ, and the explorer says
# whether that could be chance.

# %%
guess = Prediction(
    "With a scale for each channel: down to how many bits can no loss be shown?", unit="bits"
)
guess

# %%
training = speech.load("train", per_class=120)
validation = speech.load("validation", per_class=30)
x_train, x_validation = (
    mfcc(clips.waveforms)[..., np.newaxis] for clips in (training, validation)
)
results = measure_bit_widths(
    checkpoint.model, x_validation, validation.labels, x_train[:200]
)
bit_width_explorer(results).behind(guess)

# %%
fewest = {scheme: results.fewest_bits(scheme) for scheme in results.schemes}
for scheme, bits in fewest.items():
    print(f"{scheme}: {'always a loss' if bits is None else f'no loss shown down to {bits} bits'}")
guess.reveal(fewest["per channel"])

# %% claims=true
assert results.examples == 360
assert results.row("per tensor", 4).change.outcome == "worse", "4 bits a tensor fail"
assert fewest["per channel"] > 3 and results.row("per channel", 3).change.outcome == "worse"

# %% [markdown]
# That is **post-training quantization**: no training, only arithmetic. Below some number of bits it
# fails. Better schemes lower that number, but each has its end.
#
# ## Or move the ranges (homework, if time is short)
#
# Some chips know only one scale for a whole layer, and there small channels were lost. But who says that they must be
# small? A ReLU passes factors through: $\text{relu}(s x) = s\,\text{relu}(x)$ for any $s > 0$. So you may divide all
# weights and the bias that *write* a channel by $s$, if you multiply all weights of the next layer that *read* it by
# $s$. The answers stay. **Cross-layer equalization** (Nagel et al. 2019) takes the $s$ with which both layers give
# the channel the same range,
#
# $$s = \sqrt{\text{range where it is written} \,/\, \text{range where it is read}}$$
#
# and goes through the network until nothing changes any more. It needs no examples and no training.

# %%
per_tensor = SCHEMES[0]
plain = results.row(per_tensor.name, 4).accuracy
equalization = Prediction(
    f"One scale for a layer, 4 bits: {plain:.0%} right. With equalized channels?", unit="%"
)
equalization

# %%
equalized = equalize_channels(checkpoint.model)
for name, model in (("as trained", folded), ("equalized", equalized)):
    ranges = np.abs(model.get_layer("block1_depthwise").get_weights()[0]).max(axis=(0, 1)).ravel()
    print(f"block 1, depthwise, {name}: largest weight of a channel", end=" ")
    print(f"{ranges.min():.3f} to {ranges.max():.3f}")
in_floats = [model.predict(x_validation, verbose=0) for model in (folded, equalized)]
print(f"in floats the two differ by {np.abs(in_floats[0] - in_floats[1]).max():.0e} at most")

right_at_4 = {}
for name, model in (("as trained", folded), ("equalized", equalized)):
    quantized = quantize_model(model, per_tensor, 4, calibration=x_train[:200])
    answers = quantized.predict(x_validation, verbose=0).argmax(axis=1)
    right_at_4[name] = answers == validation.labels
recovered = compare(right_at_4["equalized"], right_at_4["as trained"])
print(recovered.sentence("at 4 bits equalized", "as trained"))
in_float = in_floats[0].argmax(axis=1) == validation.labels
print(compare(right_at_4["equalized"], in_float).sentence("at 4 bits equalized", "float32"))
equalization.reveal(round(100 * right_at_4["equalized"].mean(), 1))

# %% claims=true
assert np.abs(in_floats[0] - in_floats[1]).max() < 1e-4
assert np.isclose(right_at_4["as trained"].mean(), plain, atol=0.01)
assert recovered.outcome == "better" and recovered.difference > 0.05
at_3 = quantize_model(equalized, per_tensor, 3, calibration=x_train[:200])
assert (at_3.predict(x_validation, verbose=0).argmax(axis=1) == validation.labels).mean() < 0.6

# %% [markdown]
# Same network, same bits, same scheme: only the factors between the layers were chosen better. How much of the loss is
# left, the second sentence says. Try 3 bits in the cell above: that is where only training helps.
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
    low, high : floats, the range of the quantizer, both ends included
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
untrained = aware.predict(x_validation, verbose=0).argmax(axis=1) == validation.labels
train(aware, x_train, training.labels, profile=profile)
trained = aware.predict(x_validation, verbose=0).argmax(axis=1) == validation.labels
print(f"3-bit weights: {untrained.mean():.1%} right before, {trained.mean():.1%} after training")
gain = compare(trained, untrained)
print(gain.sentence("trained with the noise", "rounded afterwards"))

# %% claims=true
assert gain.outcome == "better" and gain.difference > 0.1

# %% [markdown]
# ## For real: int8
#
# So far floats stood in for integers. A device computes with integers, and LiteRT (formerly TensorFlow Lite)
# makes the program: 8 bits for weights and activations, 32 for sums. It asks for a few typical inputs,
# the *representative dataset*, to measure the ranges of the activations. Now the choice is made, and the
# test clips of the last class may speak.

# %%
test = speech.load("test", per_class=60)
x_test = mfcc(test.waveforms)[..., np.newaxis]
sizes, right = {}, {}
for precision in ("float32", "float16", "dynamic_range", "int8"):
    examples = x_train[:200] if precision == "int8" else None
    program = litert.convert(checkpoint.model, precision, representative_dataset=examples)
    answers = litert.LiteRTModel(program).predict(x_test).argmax(axis=1)
    sizes[precision], right[precision] = program, answers == test.labels
    print(f"{precision:<14} {len(program) / 1000:6.1f} kB   {right[precision].mean():.1%}")
change = compare(right["int8"], right["float32"])
print(change.sentence("int8", "float32"))

# %% [markdown]
# Do not take that on trust. Look inside: every tensor of the int8 program must hold integers.

# %%
graph = read_tflite(sizes["int8"])
kinds = sorted({tensor.dtype for tensor in graph.tensors})
print(f"{len(graph.ops)} operators, types of the tensors: {', '.join(kinds)}")
footprint = count(graph)
print(f"{footprint.weight_bytes:,} bytes of weights, in a file of {len(sizes['int8']):,};", end=" ")
print(f"with float32 weights the file has {len(sizes['float32']):,}")

# %% claims=true
assert set(kinds) <= {"int8", "int32"}
assert change.outcome != "worse" or change.difference > -0.02
assert 0.24 < footprint.weight_bytes / (4 * footprint.parameters) < 0.27, "weights: a quarter"
assert 0.45 < len(sizes["int8"]) / len(sizes["float32"]) < 0.55, "the file: half"

# %% [markdown]
# ## What have you learned?
#
# A letter for each question. The check says what is wrong with a wrong choice.
#
# **1.** One bit more for the weights. How much less noise?
#
# - a) that depends on the model
# - b) a quarter of the noise power
# - c) half the noise power
#
# **2.** A scale for each channel helps most if
#
# - a) the channels' ranges differ much
# - b) there are many weights
# - c) the weights have a large mean
#
# **3.** Why may it pay to clip large weights?
#
# - a) large weights matter less than small ones
# - b) it makes the file smaller
# - c) all others get a finer step
#
# **4.** The straight-through estimator
#
# - a) is the exact gradient of rounding
# - b) makes the forward pass a straight line
# - c) replaces a gradient that is zero almost everywhere by one that points somewhere

# %% exercise="questions_kws_compress"
def questions_kws_compress():
    """The letters of your choices in order, "-" for an open one.

    Returns a str of 4 letters. Example: "----" leaves all open.
    """
    # solution
    return "bacc"
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Look again at *How much is lost?* (1); *A scale for every channel* (2); *To clip or not to clip*
# (3); *Train with the noise* (4).
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("questions_kws_compress", questions_kws_compress)

# %% [markdown]
# ## Keep it

# %%
accuracy = float(right["int8"].mean())
figures = {"accuracy": accuracy, "examples": len(test)}
checkpoints.save(sizes["int8"], "keyword_spotting", "compress", metrics=figures)
Ledger("keyword_spotting").record(
    stage="compress",
    made_from="train",
    accuracy=accuracy,
    test_set="test clips",
    examples=len(test),
    weight_bytes=footprint.weight_bytes,
    file_bytes=len(sizes["int8"]),
    ram_bytes=footprint.peak_activation_bytes,
    macs=footprint.macs,
)

# %% [markdown]
# A quarter of the bytes for the weights, for almost the same answers. But the file is only half as large as
# the float32 one: biases, scales, names and the list of operators do not shrink. The smaller a model, the
# more they count. **Next:** `3_adapt`, where the model learns a word it has never heard.
#
# **References**
#
# - Jacob et al. 2018, *Quantization and Training of Neural Networks for Efficient
#   Integer-Arithmetic-Only Inference*
# - Banner et al. 2019, *Post Training 4-bit Quantization of Convolutional Networks for
#   Rapid-Deployment*
# - Nagel et al. 2019, *Data-Free Quantization Through Weight Equalization and Bias Correction*
# - Bengio et al. 2013, *Estimating or Propagating Gradients Through Stochastic Neurons* (the
#   straight-through estimator)
