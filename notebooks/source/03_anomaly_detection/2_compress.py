# %% [markdown]
# # Anomaly detection 2: compress
#
# In this class you build a small compiler: it takes your autoencoder apart, makes it integer, and ends
# as a C program that runs on a chip and gives the right answer to the last bit.
#
# **You will be able to**
#
# - fold a batch norm, and find a mistake in the folding that no ordinary test shows;
# - compute a dense layer in integers, and say why an anomaly score is harder to quantize than a class;
# - decide where on the device the score is computed;
# - plan an arena, generate C, add an operator of your own, and count the instructions that an emulated Cortex-M4 executes;
# - say when a neural processing unit is no faster than a smaller one.
#
# Time: two classes (50 minutes each), with a marked stop between them. The whole notebook runs
# in under a minute on two processor cores.

# %%
import importlib.util
from collections import Counter
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
from IPython.display import display
from scipy.stats import spearmanr

from tinylab import cost, data
from tinylab.compress.quantization.anomaly_study import measure_scores
from tinylab.course import Ledger, check
from tinylab.data import machines
from tinylab.data.machines import flat_windows, representative_windows
from tinylab.deploy import litert, micro, npu
from tinylab.deploy.codegen import convert
from tinylab.deploy.emulator import Emulator, fit_waits
from tinylab.deploy.keras_graph import from_keras
from tinylab.explore.compress.anomaly_bit_width import score_quantization_explorer
from tinylab.explore.compress.arena import arena_explorer
from tinylab.explore.widget.predict import Prediction
from tinylab.graph import count, read_tflite
from tinylab.graph.evaluate import evaluate
from tinylab.graph.memory import plan
from tinylab.graph.operators import operator_kinds, trial_operators
from tinylab.graph.operators.elementwise.functions.table import real_table, table_operator
from tinylab.graph.passes import PASSES, optimize
from tinylab.models import checkpoints
from tinylab.scoring import anomaly
from tinylab.scoring.verdicts import compare_statistic
from tinylab.signal.log_mel import AD

# %% [markdown]
# **Whose data?** Leave the next cell as it is for the built-in set. For sounds of your machine put
# the path of a folder in place of `None` (`path/normal/DAY_1.wav`, and a folder for each fault), here
# and in the other notebooks of this application; nothing else has to change.

# %%
data.use("anomaly_detection", None)

# %% [markdown]
# ## What the compiler sees
#
# A compiler for networks reads a **graph**: operators, and the tensors between them. Here is yours, just
# as Keras holds it.

# %%
checkpoint = checkpoints.load("anomaly_detection", "train")
print(checkpoint)
graph = from_keras(checkpoint.model)
print(f"{len(graph.ops)} operators:", dict(Counter(op.kind for op in graph.ops)))

# %% [markdown]
# ## Fold
#
# At inference a batch norm does the same calculation for every input:
#
# $$y = \gamma\,\frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta$$
#
# After a dense layer $x = Wu + b$ that is another dense layer, with other weights and another bias. So
# the norm can be **folded** away, at no cost and no loss.

# %% exercise="folded_layer"
def folded_layer(weights, bias, gamma, beta, mean, variance, epsilon):
    """Weights and bias of one dense layer that does what a dense layer and its batch norm did.

    weights : float array (inputs, units); bias, gamma, beta, mean, variance : float arrays (units,)
    epsilon : float
    Returns (weights, bias) of the same shapes. Example: with weights [[1.]], bias [3.], gamma [2.],
    beta [1.], mean [1.], variance [4.] and epsilon 0.0 it is ([[1.]], [3.]).
    Write it yourself: fold.folded_weights of tinylab.compress may not be called.
    """
    # solution
    scale = gamma / np.sqrt(variance + epsilon)
    return weights * scale, (bias - mean) * scale + beta
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Put W u + b in place of x in the formula, and collect what belongs to u. What is left over is the new
# bias.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("folded_layer", folded_layer)

# %% [markdown]
# ### The dropped bias
#
# The anomaly detector that MLPerf Tiny published was converted by a program that folded the norm but forgot
# the layer's own bias $b$. On a published recording the model scores 9.4913 with the biases and 9.7071
# without. Why did no test notice?
#
# Try it: set the biases of all layers that have a norm to zero, and compare the outputs before and after.
# First on a new model, then on yours.

# %%
guess = Prediction(
    "A test folds a freshly made model, without the biases, and compares its outputs before and"
    " after. Does it notice?",
    choices={
        "yes": "a fresh layer's bias is zero, so nothing changes when it is dropped",
        "no": "the biases are not all zero here, so dropping them shows",
    },
)
guess


# %%
def without_biases(graph):
    """The graph with zero in place of every bias that a batch norm follows."""
    normed = {op.inputs[0] for op in graph.ops if op.kind == "batch_normalization"}
    biases = {op.inputs[2] for op in graph.ops if op.outputs[0] in normed}
    tensors = [
        replace(tensor, data=np.zeros_like(tensor.data)) if index in biases else tensor
        for index, tensor in enumerate(graph.tensors)
    ]
    return replace(graph, tensors=tuple(tensors))


fresh = from_keras(keras.models.clone_model(checkpoint.model))
healthy = machines.load("test", limit=1)
windows = flat_windows(healthy.log_mel[:1])[:10]
for name, whole in (("a fresh model", fresh), ("your model", graph)):
    before, after = evaluate(whole, windows), evaluate(without_biases(whole), windows)
    print(f"{name}: outputs differ by up to {np.abs(before - after).max():.2g} dB")
before, after = evaluate(fresh, windows), evaluate(without_biases(fresh), windows)
guess.reveal("no" if np.abs(before - after).max() < 1e-6 else "yes")

# %% claims=true
assert np.abs(before - after).max() == 0
before, after = evaluate(graph, windows), evaluate(without_biases(graph), windows)
assert 0 < np.abs(before - after).max() < 0.5, "small in the trained model"

# %% [markdown]
# A fresh layer's bias is zero, so a test with fresh weights cannot see whether it was dropped. Even in your
# trained model it is small, and that has a reason: the norm subtracts the mean, and with it the bias,
# so the bias has *no gradient* at all. Only rounding errors change it: Adam, which scales every gradient to
# the same size, makes steps of them.
#
# A **differential test** compares two programs that should do the same, on inputs and weights that
# leave nothing at zero. With random weights the mistake cannot hide:

# %%
rng = np.random.default_rng(0)


def randomised(tensor):
    """The constant with random numbers in it, none of them zero; variances stay positive."""
    if tensor.data is None:
        return tensor
    values = rng.normal(0, 0.3, tensor.shape)
    values = np.abs(values) + 0.1 if "variance" in tensor.name else values
    return replace(tensor, data=values.astype(np.float32))


random_graph = replace(graph, tensors=tuple(randomised(tensor) for tensor in graph.tensors))
noise = rng.normal(size=(10, 640)).astype(np.float32)
right, wrong = evaluate(random_graph, noise), evaluate(without_biases(random_graph), noise)
share = np.abs(right - wrong).max() / np.abs(right).max()
print(f"random weights: outputs differ by up to {share:.0%} of the largest")

# %% claims=true
assert share > 0.05

# %% [markdown]
# ## Fuse
#
# A ReLU after a layer only limits numbers that are in a register already. As an operator of its own it
# would write them to memory and read them back. So it is **fused** into the layer. A pass of the compiler
# has a pattern to look for and a rule to rewrite it; passes are applied until none matches any more.

# %%
result = optimize(graph)
print(dict(Counter(applied.name for applied in result.applied)))
small = result.graph
print(f"{len(graph.ops)} operators became {len(small.ops)}")
difference = np.abs(evaluate(graph, windows) - evaluate(small, windows)).max()
print(f"outputs differ by up to {difference:.1g} dB")

# %% claims=true
assert len(small.ops) == 10 and difference < 1e-3

# %% [markdown]
# A rule that is right nearly always is a mistake in the compiler. Each pass therefore says where it must not
# be used:

# %%
for rule in PASSES[2:4]:
    print(f"{rule.name}: {rule.unsafe}\n")

# %% [markdown]
# ## Integers
#
# Stored as int8, a layer's input is $s_x (q_x - z_x)$ and its weights are $s_w q_w$, with a scale $s_w$ for each
# unit. The product needs integers only:
#
# $$q_y = z_y + \mathrm{round}\left(\frac{s_x s_w}{s_y}\left(\sum (q_x - z_x)\,q_w + q_b\right)\right)$$

# %% exercise="int8_dense"
def int8_dense(x, x_zero_point, weights, bias, multipliers, y_zero_point):
    """A dense layer in integers.

    x : int8 array (examples, inputs); x_zero_point, y_zero_point : ints
    weights : int8 array (inputs, units); bias : int32 array (units,)
    multipliers : float array (units,), input scale * weight scale / output scale of each unit
    Returns an int8 array (examples, units): sum, times multiplier, rounded, plus y_zero_point, cut
    to -128..127. Example: for x [[3]], x_zero_point 1, weights [[10]], bias [4], multipliers [0.5]
    and y_zero_point -2 it is [[10]].
    """
    # solution
    sums = (x.astype(np.int32) - x_zero_point) @ weights.astype(np.int32) + bias
    return np.clip(np.round(sums * multipliers) + y_zero_point, -128, 127).astype(np.int8)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# int8 times int8 does not fit into int8, and numpy will not warn you. Cast first, clip last.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("int8_dense", int8_dense)

# %% [markdown]
# One float is left: the multiplier. A small chip has no floats, so it is stored as an integer mantissa
# $m$ and a shift $k$, with $M \approx m \cdot 2^{k-31}$ (Jacob et al. 2018).

# %% exercise="fixed_point"
def fixed_point(multiplier):
    """Mantissa and shift of a positive number: multiplier = mantissa * 2**(shift - 31).

    multiplier : float > 0
    Returns (mantissa, shift), ints with 2**30 <= mantissa < 2**31. Example: fixed_point(0.75) is
    (1610612736, 0).
    Write it yourself: fixed_point.quantize_multiplier of tinylab.graph may not be called.
    """
    # solution
    fraction, shift = np.frexp(multiplier)
    mantissa = int(round(float(fraction) * 2**31))
    if mantissa == 2**31:
        return 2**30, int(shift) + 1
    return mantissa, int(shift)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `np.frexp(x)` gives a fraction in 0.5..1 and an exponent, with x = fraction * 2**exponent. Rounding may
# lift a fraction just below 1 to 1.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("fixed_point", fixed_point)

# %% [markdown]
# ## Why a score is harder than a class
#
# A classifier asks which output is largest, and a little rounding seldom changes that. An anomaly score
# *adds the rounding up*: every value that comes out a little wrong counts as if the machine were a
# little strange. So healthy recordings score higher than in float, and a threshold that was chosen in
# float raises false alarms.

# %%
part = machines.load("test", limit=20)
representative = representative_windows()
results = measure_scores(
    checkpoint.model, part.log_mel, part.labels, part.machines, representative
)
score_quantization_explorer(results).set(bits=4, scheme="per tensor")

# %% claims=true
rows = {(row.scheme, row.weight_bits): row for row in results.rows}
assert abs(rows["per tensor", 8].auc - results.float_auc) < 0.01
assert rows["per tensor", 3].auc < rows["per channel", 3].auc

# %% [markdown]
# At 8 bits hardly anything changes. Go down to 4 and 3 bits with one scale for each tensor: the healthy
# scores rise first, then the AUC falls. With a scale for each unit (*per channel*) the same bits do much
# better, because after folding each unit's weights contain the scale of its own norm:

# %%
layer = small.tensors[small.ops[1].inputs[1]].data  # (units, inputs)
largest = np.abs(layer).max(axis=1)
print("largest weight of a unit in the second layer:", end=" ")
print(f"from {largest.min():.3f} to {largest.max():.3f}")

# %% claims=true
assert largest.max() > 2 * largest.min()

# %% [markdown]
# ## Convert
#
# The converter of LiteRT folds, fuses and quantizes in one step, with a scale for each unit. It measures
# the ranges of all tensors on *representative* windows, which are healthy ones, because there are no others.

# %%
program = litert.convert(checkpoint.model, "int8", representative_dataset=representative)
runner = litert.LiteRTModel(program)
ends = runner.input_details, runner.output_details
for name, end in zip(("input", "output"), ends):
    low, high = (end.scale * (q - end.zero_point) for q in (-128, 127))
    print(f"{name:<6} {low:6.1f} to {high:5.1f} dB in steps of {end.scale:.3f} dB")

# %% [markdown]
# What is louder than the range is cut off. That happens to few values of a healthy recording. And of a faulty
# one?

# %%
test = machines.load("test")


def by_recording(measure):
    """What `measure` says of each window, averaged over each recording of the test split."""
    parts = np.array_split(test.log_mel, min(10, len(test)))  # for the memory's sake
    return np.concatenate(
        [measure(flat_windows(part)).reshape(len(part), -1).mean(axis=1) for part in parts]
    )


ends_reached = by_recording(
    lambda x: np.mean(np.isin(runner.quantize_input(x), (-128, 127)), axis=1)
)
for label, name in enumerate(("healthy", "faulty")):
    cut = ends_reached[test.labels == label].mean()
    print(f"{name}: {cut:.2%} of the values lie at an end of the range")

# %% claims=true
assert ends_reached[test.labels == 1].mean() > 3 * ends_reached[test.labels == 0].mean()
assert ends_reached[test.labels == 0].mean() < 0.01

# %% [markdown]
# ## Where to put the score
#
# The chip has to compare what went in with what came out. There are three possibilities.
#
# - **Outside, in float**: turn both back into decibels, then square. Needs floats.
# - **Outside, in integers**: bring the output to the input's scale, subtract, square, and add up in 32
#   bits.
# - **Inside the network**: make the error another operator, with an int8 result like any other.

# %% exercise="integer_score"
def integer_score(x, y, scale):
    """Mean squared error of two int8 windows that share scale and zero point, in dB squared.

    x, y : int8 arrays (640,); scale : float, dB for one step
    Returns a float. Example: for x [5, 7], y [5, 5] and scale 0.5 it is 0.5.
    Write it yourself: anomaly.window_errors may not be called.
    """
    # solution
    difference = x.astype(np.int32) - y.astype(np.int32)
    return float(np.mean(difference**2) * scale**2)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# The zero points cancel. How far apart can two int8 numbers be, and how large is the square of that?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("integer_score", integer_score)

# %% [markdown]
# The third way, built and converted like the rest:

# %%
error = keras.ops.square(checkpoint.model.input - checkpoint.model.output)
error = keras.ops.mean(error, axis=-1, keepdims=True)
with_score = keras.Model(checkpoint.model.input, error, name="with_score")
inside = litert.LiteRTModel(
    litert.convert(with_score, "int8", representative_dataset=representative)
)
top = inside.output_details
highest = top.scale * (127 - top.zero_point)
print(f"its largest score: {highest:.1f} dB squared, in steps of {top.scale:.2f}")

# %%
def outside_in_integers(x):
    """Squared steps between what goes in and what comes out, brought to the input's scale."""
    stored = runner.quantize_input(x)
    real = runner.dequantize_output(runner.predict_quantized(stored))
    copies = runner.quantize_input(real)
    return np.mean((stored.astype(np.int32) - copies) ** 2, axis=1) * ends[0].scale ** 2


window_scores = {
    "float model": lambda x: anomaly.window_errors(
        x, checkpoint.model.predict(x, batch_size=4096, verbose=0)
    ),
    "int8, score outside in float": lambda x: anomaly.window_errors(x, runner.predict(x)),
    "int8, score outside in integers": outside_in_integers,
    "int8, score inside": lambda x: inside.predict(x)[:, 0],
}
scores = {name: by_recording(measure) for name, measure in window_scores.items()}
faulty = test.labels == 1
rows = []
for name, score in scores.items():
    report = anomaly.report(test.labels, score, test.machines)
    rows.append(
        {
            "score": name,
            "AUC": report.auc,
            "pAUC": report.pauc,
            "largest": score.max(),
            "follows the severity": spearmanr(score[faulty], test.severity[faulty]).statistic,
        }
    )
pd.DataFrame(rows).round(3)

# %%
for name, score in scores.items():
    if name != "float model":
        change = compare_statistic(anomaly.auc, test.labels, score, scores["float model"])
        print(change.sentence(name, "float", scale=1000, unit="thousandths of AUC"))

# %% claims=true
by_name = {row["score"]: row for row in rows}
areas = [row["AUC"] for row in rows]
assert max(areas) - min(areas) < 0.01
assert by_name["int8, score inside"]["largest"] < 0.6 * by_name["float model"]["largest"]

# %% [markdown]
# Compare the columns. The AUC only asks which recordings score higher, and for that all three are good enough: eight bits
# cost this model a few thousandths at most. The largest score shows something else. An int8 result ends where the
# representative windows ended, and they were healthy: inside the network no score can be larger, however bad
# the fault. To watch a fault grow you need the sum of squares in 32 bits. It costs 640 more
# multiply-accumulates.
#
# ## Keep the program
#
# The first class ends with an int8 program, scored outside in integers.

# %%
report = anomaly.report(
    test.labels, scores["int8, score outside in integers"], test.machines
)
figures = {"auc": report.auc, "pauc": report.pauc, "examples": len(test.labels)}
checkpoints.save(program, "anomaly_detection", "compress", metrics=figures)
print(f"saved: {len(program):,} bytes, {report}")

# %% [markdown]
# ## Stop here: the end of the first class
#
# The second class takes the program to a chip. Coming back another day? *Run > Run All Cells* works as always; or run the
# first two cells of code, imports and whose data, and then go on with the next one.

# %%
handed_over = checkpoints.load("anomaly_detection", "compress")
print(handed_over)
program, test = handed_over.model, machines.load("test")
runner = litert.LiteRTModel(program)

# %% [markdown]
# ## Plan the memory
#
# The int8 graph has ten layers in a row. While one runs, its input and its output must be in memory, and
# nothing else.

# %%
integers = read_tflite(program)
footprint = count(integers)
print(f"{len(integers.ops)} operators, {footprint.macs:,} MACs,", end=" ")
print(f"{footprint.weight_bytes:,} bytes of weights")
everything = sum(t.stored_bytes for t in integers.tensors if not t.is_constant)
print(f"all activations together: {everything:,} bytes")

# %%
bytes_needed = Prediction(
    "How many bytes of memory do the activations need at least?", unit="bytes"
)
bytes_needed

# %% exercise="place_buffers"
def place_buffers(buffers):
    """Offsets in one block of memory, so that buffers alive at the same time do not overlap.

    buffers : list of (size, first, last): bytes, and the first and last operator that uses it, both
    included
    Returns a list of offsets, one for each buffer, in the order given. Place the largest buffer
    first, and each at the lowest offset that is free while it lives.
    Example: place_buffers([(100, 0, 1), (20, 1, 2), (100, 2, 3)]) is [0, 100, 0].
    Write it yourself: plan and planners.greedy_by_size of tinylab.graph.memory may not be called.
    """
    # solution
    offsets = [0] * len(buffers)
    placed = []
    for i in sorted(range(len(buffers)), key=lambda i: -buffers[i][0]):
        size, first, last = buffers[i]
        meets = [j for j in placed if buffers[j][1] <= last and first <= buffers[j][2]]
        offset = 0
        for j in sorted(meets, key=lambda j: offsets[j]):
            if offset + size <= offsets[j]:
                break
            offset = max(offset, offsets[j] + buffers[j][0])
        offsets[i] = offset
        placed.append(i)
    return offsets
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Go through the buffers from the largest to the smallest. Collect those already placed that live at the
# same time, in the order of their offsets, and walk up: the first gap that is wide enough is yours.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("place_buffers", place_buffers)

# %%
memory = plan(integers)
bytes_needed.reveal(memory.arena_bytes)

# %%
arena_explorer(integers).behind(bytes_needed)

# %% claims=true
assert memory.arena_bytes == 640 + 128

# %% [markdown]
# A chain of layers is the easy case: the first two tensors decide, 640 bytes in and 128 out. Branches make
# it hard; for finding the smallest plan no quick method is known then.
#
# ## Generate C
#
# What is left is a list of calls with known addresses. The code generator writes one C function for each
# kernel, the weights as constant tables, and this. How fast it will be is decided inside those functions: the
# same network on the same core differs many times over between one library of **kernels** and another
# (Alizadeh et al. 2021).

# %%
plain = convert(integers, kernels="plain", name="detector")
body = plain.sources["detector.c"].split("void detector_invoke(void)")[1]
print("void detector_invoke(void)" + body[:620].rsplit("\n", 1)[0] + "\n    ...")

# %% [markdown]
# ## Add an operator
#
# A compiler is never complete: somebody's model has an operator that it does not know. Let it forget one,
# and give it a small network that bends its values with tanh.

# %%
keras.utils.set_random_seed(0)
bent = keras.Sequential(
    [keras.Input((640,)), keras.layers.Dense(12, activation="tanh"), keras.layers.Dense(4)]
)
bent_program = litert.convert(bent, "int8", representative_dataset=representative_windows())
bent_graph = read_tflite(bent_program)
print(f"the compiler knows {len(operator_kinds())} kinds of operators")
with trial_operators(without=["tanh"]):
    unknown = {op.kind for op in bent_graph.ops} - set(operator_kinds())
print(f"now unknown, so that the network would be refused: {', '.join(unknown)}")

# %% [markdown]
# The chip has no tanh, and needs none. An int8 input has 256 values. So whatever a function of one number
# costs, a compiler computes its 256 answers ahead of time, and the chip looks them up. What the answers are,
# follows from the scales and zero points of both ends.

# %% exercise="tanh_table"
def tanh_table(x_scale, x_zero_point, y_scale, y_zero_point):
    """The int8 answers of tanh to all int8 inputs.

    x_scale, y_scale : floats > 0; x_zero_point, y_zero_point : ints; real = scale * (stored - zero)
    Returns an int8 array (256,): the first entry answers the stored value -128, the last one 127.
    Example: tanh_table(0.5, 0, 0.25, 10) begins with 6, which is -1 in steps of 0.25, and ends with
    14. Write it yourself: table.real_table of tinylab.graph.operators may not be called.
    """
    # solution
    steps = np.tanh(x_scale * (np.arange(-128, 128) - x_zero_point)) / y_scale
    return np.clip(np.round(steps) + y_zero_point, -128, 127).astype(np.int8)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Three steps: `np.arange(-128, 128)` to real numbers with the input's scale and zero point; through the function;
# to stored numbers with the output's. Round, then clip, then cast.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("tanh_table", tanh_table)

# %% [markdown]
# All that the compiler knows about an operator is one **record**: the rule for its shape, whether it may
# overwrite its input, its answer in numpy, and its call in C. `table_operator` makes such a record from a
# table and from the function on real numbers. Here the table is the library's. When your check is green, put
# yours in its place: `tanh_table(before.scale, before.zero_point, after.scale, after.zero_point)`,
# with `before = reader.affine(reader.tensor(0))` and `after = reader.affine(reader.result())`.

# %%
def answers(reader):
    """The 256 answers, for the scales and zero points that the compiler reads."""
    return real_table(np.tanh)(reader)


with trial_operators(table_operator("tanh", answers, np.tanh)):
    compiled = convert(bent_program, kernels="dsp", name="bent")
bent_runner = litert.LiteRTModel(bent_program, exact=True)
stored = bent_runner.quantize_input(flat_windows(test.log_mel[:1])[:10])
same = np.array_equal(
    compiled.predict_quantized(stored).reshape(len(stored), -1),
    bent_runner.predict_quantized(stored),
)
print("calls:", ", ".join(call.function for _, call in compiled.all_calls()))
print(f"C with the new operator and LiteRT agree to the last bit: {same}")

# %% claims=true
assert same and "nn_lookup" in [call.function for _, call in compiled.all_calls()]


def own_answers(reader):
    before, after = reader.affine(reader.tensor(0)), reader.affine(reader.result())
    return tanh_table(before.scale, before.zero_point, after.scale, after.zero_point)


with trial_operators(table_operator("tanh", own_answers, np.tanh)):
    own = convert(bent_program, kernels="dsp").predict_quantized(stored)
assert np.array_equal(own.ravel(), bent_runner.predict_quantized(stored).ravel())

# %% [markdown]
# ## On a chip that is not there
#
# Compiled for a Cortex-M4, and executed instruction by instruction on an emulated one, first with plain C
# kernels, then with kernels that use `SMLAD`, one instruction for two multiply-accumulates.

# %%
per_mac = Prediction(
    "How many instructions does the plain C need for each MAC?", unit="instructions"
)
per_mac

# %%
few = runner.quantize_input(flat_windows(test.log_mel[::80])[::60])
chips = {
    kernels: Emulator(convert(integers, kernels=kernels)).run(few) for kernels in ("plain", "dsp")
}
clock_MHz = cost.board(cost.default_board()).clock_max.value
on_chip = pd.DataFrame(
    {
        kernels: {
            "instructions": f"{chip.instructions:,}",
            "for each MAC": f"{chip.instructions / footprint.macs:.2f}",
            f"ms at {clock_MHz:.0f} MHz (modelled)": f"{chip.latency_ms(clock_MHz):.2f}",
            "and its range": " to ".join(f"{end:.2f}" for end in chip.latency_range_ms(clock_MHz)),
            "flash, bytes": f"{chip.total_flash_bytes:,}",
            "arena, bytes": f"{chip.arena_bytes:,}",
            "stack, bytes": f"{chip.stack_bytes:,}",
        }
        for kernels, chip in chips.items()
    }
)
display(on_chip)
per_mac.reveal(chips["plain"].instructions / footprint.macs)

# %%
for kernels, chip in chips.items():
    print(f"{kernels}: from emulated cycles to a real chip {chip.cycle_factor}")
print(f"cycles that an instruction waits there: {fit_waits()}")
exact = litert.LiteRTModel(program, exact=True).predict_quantized(few)
same = all(np.array_equal(chip.outputs, exact) for chip in chips.values())
print(f"the chip and LiteRT agree to the last bit: {same}")

# %% claims=true
assert same
assert chips["dsp"].latency_range_ms(clock_MHz)[1] < 500 * AD.frame_step / AD.sample_rate_Hz
assert chips["dsp"].instructions < 0.5 * chips["plain"].instructions

# %% [markdown]
# A new window is due with every frame. What is left of that time is for the front end, or for sleep;
# above 100 % nothing is left, and the device falls behind.

# %%
due_ms = 1000 * AD.frame_step / AD.sample_rate_Hz
for kernels, chip in chips.items():
    busy = chip.latency_ms(clock_MHz) / due_ms
    print(f"{kernels}: busy for {busy:.0%} of the {due_ms:.0f} ms from one window to the next")

# %% [markdown]
# ## Others who do the same
#
# **TensorFlow Lite Micro** does not generate code: it carries an interpreter that reads the model on the
# chip. That is convenient, a model can be replaced without a new program, and it has a price in memory:
# the interpreter keeps records of every tensor and operator in RAM.

# %%
if importlib.util.find_spec("tflite_micro") is None:
    print("TensorFlow Lite Micro has no package for this computer; the comparison is left out")
else:
    interpreted = micro.run(program, few)
    off = np.abs(interpreted.outputs.astype(int) - exact.astype(int))
    print(f"TFLM: {interpreted.activation_bytes:,} bytes of activations, as planned here", end=" ")
    print(f"and {interpreted.persistent_bytes:,} of records (on a 64-bit computer)")
    print(f"its outputs differ from LiteRT's by up to {off.max()} step,", end=" ")
    print(f"in {np.mean(off > 0):.2%} of the values")
    twice = Emulator(convert(integers, kernels="dsp", rounding="double")).run(few).outputs
    same = np.array_equal(twice, interpreted.outputs)
    print(f"generated C that rounds twice, as TFLM does, agrees with it: {same}")

# %% [markdown]
# A **neural processing unit** is a second processor that does nothing but multiply and add: 128 or 256
# times in one cycle. Its compiler predicts what this model would take.

# %%
doubled = Prediction(
    "The larger unit has twice as many multipliers. How many times faster is it for this model?",
    unit="times",
)
doubled

# %%
units = [npu.estimate(program, name) for name in ("ethos-u55-128", "ethos-u55-256")]
for unit in units:
    print(f"{unit.accelerator}: {unit.cycles:,} cycles, {unit.latency_ms:.2f} ms ({unit.kind})")
each = units[0].cycles / footprint.weight_bytes
print(f"weights: {footprint.weight_bytes:,} bytes; cycles for each byte: {each:.2f}")
doubled.reveal(units[0].cycles / units[1].cycles)

# %% claims=true
assert 0.9 < each < 1.3 and units[0].cycles == units[1].cycles

# %% [markdown]
# About one cycle for each byte of the weights: the unit waits for the flash. A dense layer uses each weight
# once, so its speed is that of the memory, and more multipliers are of no use. A convolution uses each
# weight at many places, and there they would be.

# %% [markdown]
# ## What have you learned?
#
# A letter for each question. The check says what is wrong with a wrong choice.
#
# **1.** The dropped bias was not noticed by a test with a fresh model because
#
# - a) folding is exact
# - b) a fresh bias is zero
# - c) int8 hides small errors
#
# **2.** A score of squared errors is harder to quantize than a class because
#
# - a) rounding only adds to it, while a class asks only which output is largest
# - b) its inputs are in decibels
# - c) it has more outputs
#
# **3.** In a chain of layers the arena must hold
#
# - a) the largest activation
# - b) all activations
# - c) the largest pair of neighbours
#
# **4.** Twice the multipliers bring nothing to this network because
#
# - a) its layers cannot be computed in parallel
# - b) each weight is used once, so the flash sets the pace
# - c) it is too small

# %% exercise="questions_ad_compress"
def questions_ad_compress():
    """The letters of your choices in order, "-" for an open one.

    Returns a str of 4 letters. Example: "----" leaves all open.
    """
    # solution
    return "bacb"
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Look again at *The dropped bias* (1); *Why a score is harder than a class* (2); *Plan the memory*
# (3); *Others who do the same* (4).
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("questions_ad_compress", questions_ad_compress)

# %% [markdown]
# ## Keep it
#
# The row of the ledger holds what was measured on the emulated chip: instructions, flash with code and
# weights, RAM with arena and stack.

# %%
best = chips["dsp"]
Ledger("anomaly_detection").record(
    stage="compress",
    made_from="train",
    accuracy=handed_over.metrics["auc"],
    test_set="test recordings",
    examples=handed_over.metrics.get("examples", handed_over.metrics.get("recordings")),
    weight_bytes=footprint.weight_bytes,
    file_bytes=len(program),
    flash_bytes=best.total_flash_bytes,
    ram_bytes=best.ram_bytes + best.stack_bytes,
    macs=footprint.macs,
    instructions=best.instructions,
    latency_ms=best.latency_ms(clock_MHz),
    board=f"emulated Cortex-M4 at {clock_MHz:.0f} MHz",
    kind="modelled",
)

# %% claims=true
whole = 4 * count(from_keras(checkpoint.model)).parameters
assert 0.25 < best.total_flash_bytes / whole < 0.3
assert best.ram_bytes + best.stack_bytes < 1024
assert abs(handed_over.metrics["auc"] - by_name["float model"]["AUC"]) < 0.01

# %% [markdown]
# With code and all, little more than a quarter of what the float32 weights alone took; under a kilobyte of RAM;
# and an AUC within a hundredth of the float model's. **Next:** `3_adapt`, where the machine grows old and
# raises false alarms.
#
# **References**
#
# - Jacob et al. 2018, *Quantization and Training of Neural Networks for Efficient
#   Integer-Arithmetic-Only Inference*
# - Alizadeh et al. 2021, as cited by the review, on kernels for small processors
# - Reddi et al. 2020, *MLPerf Inference Benchmark*
# - Banbury et al. 2021, *MLPerf Tiny Benchmark*
# - David et al. 2021, *TensorFlow Lite Micro: Embedded Machine Learning on TinyML Systems*
