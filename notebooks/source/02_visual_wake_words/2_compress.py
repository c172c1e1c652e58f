# %% [markdown]
# # Visual wake words 2: compress
#
# In this class you shrink your person detector to a small part of its bytes: you remove weights, let
# the others share a few values, code what is left, and write it all to a file whose bytes you count and
# whose answers you check.
#
# **You will be able to**
#
# - prune weights and channels, and say what each saves and what it does not;
# - share weights, and train values that are shared;
# - code a sparse layer with gaps and Huffman codes, and compare it with Shannon's limit;
# - name what distillation and low rank are good for;
# - combine the steps in the right order, and pick a model from a front of measured ones.
#
# Time: two classes (60 and 40 minutes), with a marked stop between them. The whole
# notebook runs in under a minute on two processor cores. A longer training was run beforehand by
# `tinylab train vww-compress`; its results lie beside the models.

# %%
import zlib

import numpy as np

from tinylab import data, paths
from tinylab.adapt.batch_statistics import with_batch_statistics
from tinylab.compress.deep_compression import huffman
from tinylab.compress.deep_compression.codebook_training import cluster_model
from tinylab.compress.deep_compression.file_format import decode_model, encode_model, float32_bytes
from tinylab.compress.deep_compression.relative_index import gaps_of
from tinylab.compress.deep_compression.study import measure_deep_compression
from tinylab.compress.deep_compression.weight_sharing import INITIALIZATIONS, share_weights
from tinylab.compress.low_rank.budget import factorize_within
from tinylab.compress.low_rank.factorize import factorize
from tinylab.compress.pruning import masks
from tinylab.compress.pruning.channels import shrink_channels
from tinylab.compress.pruning.prune import Pruner, kernels_of, prune, sparsity_of
from tinylab.compress.pruning.study import measure_sensitivity
from tinylab.compress.results import StudyPoint, pareto_front
from tinylab.compress.study import compare_orders
from tinylab.course import Ledger, check
from tinylab.data import people
from tinylab.data.pixels import inputs
from tinylab.deploy import litert
from tinylab.explore.compress.compression_pareto import pareto_explorer
from tinylab.explore.compress.deep_compression import deep_compression_explorer
from tinylab.explore.compress.sensitivity import sensitivity_explorer
from tinylab.explore.widget.predict import TIE, Prediction
from tinylab.graph import count, read_tflite
from tinylab.models import checkpoints
from tinylab.models.augmentation.pictures import LIGHT, disturber
from tinylab.models.scores import scores_of
from tinylab.models.size import folded_parameters, multiply_accumulates
from tinylab.models.surgery.blocks import fresh_copy
from tinylab.models.surgery.fold import fold_batch_norm
from tinylab.models.training import TrainingProfile, train
from tinylab.recipes import visual_wake_words_compression as recipe
from tinylab.recipes.compression_workbench import model_name
from tinylab.scoring import classification as metrics
from tinylab.scoring.verdicts import compare

# %% [markdown]
# **Whose data?** Leave the next cell as it is for the built-in set. For your pictures of two kinds
# put the path of a folder in place of `None` (`path/LABEL/NAME_1.png`, a folder for each of two
# labels), here and in the other notebooks of this application; nothing else has to change.

# %%
data.use("visual_wake_words", None)

# %% [markdown]
# ## What there is to shrink
#
# The model of the last class, with its batch normalization folded into the convolutions, because what a
# device stores is the product of both. Every accuracy below is that of the same 400 test pictures, so
# one picture is a quarter of a point.

# %%
checkpoint = checkpoints.load("visual_wake_words", "train")
print(checkpoint)
training, test = people.load("train", limit=400), people.load("test", limit=400)
pruned_today = data.file_name("visual_wake_words", "pruned_today.tldc")
x_test = inputs(test.images)


def which_are_right(model):
    """Which of the test pictures a model answers correctly."""
    return scores_of(model, test.images).argmax(axis=1) == test.labels


def right(model):
    """Share of the test pictures that a model answers correctly."""
    return float(which_are_right(model).mean())


def settle(model):
    """The model with its batch normalization measured anew, on a hundred pictures as they are."""
    return with_batch_statistics(model, inputs(training.images[:100]))


folded = fold_batch_norm(checkpoint.model)
whole = float32_bytes(checkpoint.model)
float_right = right(folded)
print(f"{folded_parameters(folded):,} parameters, {whole:,} bytes, {float_right:.1%} right")

# %% [markdown]
# Some results took longer to make than a class lasts. They were measured on the model that comes with
# the workbook; if you trained your own, the explorers below measure that one instead, on fewer pictures.

# %%
data.aside("visual_wake_words", "the list of models in the study was made of the bundled model")
study = recipe.load_study()
same = study.model == model_name(checkpoint.model)
print(f"{len(study.points)} models, tuned on {study.training_examples:,} pictures", end=" ")
print("after compression,")
print("each at the learning rate that answered most validation pictures,")
print(f"and measured on {study.examples:,} test pictures;", end=" ")
print(f"float32: {study.float_point.accuracy:.1%}")


def show(*techniques):
    """The study's models of some techniques."""
    for point in study.points:
        if point.technique in techniques:
            smaller = study.float_point.stored_bytes / point.stored_bytes
            size = f"{point.stored_bytes / 1000:6.1f} kB, {smaller:4.1f} x smaller"
            print(f"{point.label:<36}{size}, {point.accuracy:.1%} right, {point.epochs} epochs")

# %% claims=true
assert len(x_test) == 400

# %% [markdown]
# ## Most weights are small
#
# A weight near zero adds little to any sum. **Magnitude pruning** sets the smallest ones to zero. The
# share that goes is called **sparsity**.

# %% exercise="magnitude_mask"
def magnitude_mask(weights, sparsity):
    """Which weights stay when the smallest magnitudes are removed.

    weights : float array of any shape; sparsity : float, 0 to 1
    Returns a bool array of that shape: True stays; of n weights round(sparsity * n) go.
    Example: magnitude_mask(np.array([0.1, -3.0, 0.5, 2.0]), 0.5) is [False, True, False, True].
    Write it yourself: masks.magnitude_mask may not be called.
    """
    # solution
    mask = np.ones(weights.size, bool)
    order = np.argsort(np.abs(weights).ravel())
    mask[order[: round(sparsity * weights.size)]] = False
    return mask.reshape(weights.shape)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `np.argsort` of the flattened magnitudes lists the positions from the smallest weight to the largest.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("magnitude_mask", magnitude_mask)

# %%
guess = Prediction(
    "How many per cent of all weights can go at once before it loses 2 points?", unit="%"
)
guess

# %%
loses = {}
for percent in (10, 20, 30, 50):
    loses[percent] = float_right - right(prune(folded, percent / 100))
    print(f"{percent} % of every layer removed: {100 * loses[percent]:5.1f} points lost")
fine = [percent for percent, lost in loses.items() if lost < 0.02]
guess.reveal(max(fine, default=0))

# %% claims=true
assert loses[50] > 0.2 > loses[10]

# %% [markdown]
# That removed the same share from every layer. Do all layers tolerate it equally well? Prune one layer at a
# time, and see.

# %%
few = x_test[:150], test.labels[:150]
if same:
    sensitivity = study.sensitivity
else:
    sensitivity = measure_sensitivity(checkpoint.model, *few, sparsities=(0.5, 0.7, 0.9))
sensitivity_explorer(sensitivity)

# %% [markdown]
# Look for two things. Which layers suffer most: early or late ones, depthwise or pointwise? And where do
# most of the weights lie?

# %%
kernels = kernels_of(folded)
total = sum(kernel.size for kernel in kernels.values())
late = sum(kernels[f"block{block}_pointwise"].size for block in range(10, 14))
depthwise = sum(kernel.size for name, kernel in kernels.items() if "depthwise" in name)
print(f"of {total:,} weights the last four pointwise layers hold {late / total:.1%},", end=" ")
print(f"all depthwise layers {depthwise / total:.1%}")

# %% claims=true
assert late / total > 0.6 and depthwise / total < 0.1
tolerance = {layer.layer: np.mean(layer.accuracy) for layer in sensitivity.layers}
of_late = [tolerance[f"block{block}_pointwise"] for block in range(10, 14)]
assert min(of_late) > np.median(list(tolerance.values()))

# %% [markdown]
# The late pointwise layers tolerate pruning best, and they hold most of the weights. Pruning the early layers
# costs accuracy, whether depthwise or pointwise, and they hold few of the weights. So prune where it pays, and
# leave the other layers as they are: that is what a measured sensitivity is for.
#
# A simple way to do so is one threshold for the whole network instead of one share for every layer:

# %%
for percent in (50, 70, 80):
    lost = float_right - right(prune(folded, percent / 100, scope="model"))
    print(f"the smallest {percent} % of all weights removed: {100 * lost:5.1f} points lost")
for block in (3, 6, 9, 13):
    sizes = np.abs(kernels[f"block{block}_pointwise"])
    tiny = (sizes < sizes.max() / 1000).mean()
    print(f"block {block:>2}, pointwise: {tiny:4.0%} below a thousandth of the largest")

# %% claims=true
assert tiny > 0.5, "in the last blocks most weights were emptied by the training"

# %% [markdown]
# Training had begun the work: **weight decay**, a small penalty on every weight, brings the weights that the
# answer does not need close to zero. In the last blocks that is most of them. A network that was trained for a
# shorter time, or that needs all its weights, tolerates less.
#
# ## Prune while you train
#
# If many weights are removed at once, the answers get worse. If they are removed little by little, while the
# others learn to do their work, they hardly do. The usual schedule rises as a cubic: quickly while there is plenty to
# remove, slowly at the end (Zhu & Gupta 2017).

# %%
print("share of the training:", *(f"{step:5.0%}" for step in np.arange(0, 1.01, 0.125)))
rise = [masks.polynomial_sparsity(step, 0, 0.75, 0.5) for step in np.arange(0, 1.01, 0.125)]
print("sparsity:             ", *(f"{sparsity:5.0%}" for sparsity in rise))

# %% [markdown]
# Two passes over 400 pictures, half of every pointwise layer. Afterwards batch normalization measures its
# statistics anew: those of the training belong to weights that were still changing.

# %%
pruned = fresh_copy(checkpoint.model)
train(
    pruned,
    training.images,
    training.labels,
    profile=TrainingProfile(epochs=2, batch_size=50, learning_rate=3e-4),
    disturb=disturber(LIGHT),
    callbacks=[Pruner(recipe.schedule(pruned, 0.5), every=4)],
)
pointwise = kernels_of(folded, recipe.is_pointwise)
at_once = prune(folded, dict.fromkeys(pointwise, 0.5))
while_training = which_are_right(settle(pruned))
print(f"{sparsity_of(pruned):.0%} zeros: {while_training.mean():.1%} right,", end=" ")
print(f"{right(at_once):.1%} if removed at once")
gain = compare(while_training, which_are_right(at_once), groups=test.scenes)
print(gain.sentence("little by little", "at once"))

# %% claims=true
assert gain.outcome == "better"

# %% [markdown]
# What the prepared study reached, with more pictures. Among its models is a control: the float model
# trained on for as long without pruning. It shows how much of a gain is due to the additional training
# alone.

# %%
show("pruning", "quantization")

# %% [markdown]
# **2:4** keeps two of every four neighbouring weights, a pattern that some GPUs compute twice as fast. No
# microcontroller does. Nor does any compute faster for scattered zeros: they are multiplied like all
# other numbers. What they save is bytes, if the file is written for it.
#
# ## Few values are enough
#
# **Weight sharing** goes on from there. All weights of a layer take one of 32 values; the layer stores
# the values once, and for each weight an index of 5 bits. The values are found by k-means. Where it
# starts matters (Han, Mao & Dally 2016):

# %%
kernel = kernels["block9_pointwise"]
for start in INITIALIZATIONS:
    shared = share_weights(kernel, 31, initialization=start)
    error = np.sqrt(np.mean((shared.kernel - kernel) ** 2)) / kernel.std()
    largest = np.abs(shared.codebook).max() / np.abs(kernel).max()
    print(f"{start:<8} error {error:.3f} of the spread,", end=" ")
    print(f"largest value {largest:.0%} of the largest weight")

# %% [markdown]
# In the experiments of Han, Mao & Dally the linear start was best, and on this layer it leaves the least error,
# too: a start that is spread evenly over the range keeps values for the few large weights, which decide most.

# %% claims=true
errors = {
    start: np.mean((share_weights(kernel, 31, initialization=start).kernel - kernel) ** 2)
    for start in INITIALIZATIONS
}
assert min(errors, key=errors.get) == "linear"

# %% [markdown]
# Shared values can be trained. If a value moves, all its weights move; so its gradient is a sum.

# %% exercise="summed_gradient"
def summed_gradient(kernel_gradient, indices, clusters):
    """Gradient of the loss by each shared value.

    kernel_gradient : float array of any shape, the gradient by each weight
    indices : int array of that shape, which shared value each weight takes; clusters : int
    Returns a float array (clusters,), 0 for a value that no weight takes.
    Example: summed_gradient(np.array([1., 2., 4.]), np.array([0, 2, 0]), 3) is [5., 0., 2.].
    Write it yourself: weight_sharing.centroid_gradient may not be called.
    """
    # solution
    sums = np.zeros(clusters)
    np.add.at(sums, indices.ravel(), kernel_gradient.ravel())
    return sums
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# A loop over `range(clusters)` will do: pick the gradients where the index is k, and add them up.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("summed_gradient", summed_gradient)

# %% [markdown]
# ## Where are the weights that are left?
#
# A position in a kernel of 65,536 weights takes 16 bits: more than the value. The **gap** to the weight
# before takes few. If it is too wide, a **filler** is put in between: a stored zero.

# %% exercise="relative_index"
def relative_index(positions, bits):
    """Gaps between weights, with fillers where a gap is too wide.

    positions : int array (weights,), rising from 0 on; bits : int, width of a gap
    Returns an int array (entries,), each 0..2**bits - 1: zeros skipped before each entry. A filler
    skips 2**bits - 1 zeros and stores one itself, so it covers 2**bits positions.
    Example: relative_index(np.array([1, 4, 15]), 3) is [1, 2, 7, 2]; 7 is a filler.
    Write it yourself: relative_index.gaps_of may not be called.
    """
    # solution
    gaps, before, reach = [], -1, 2**bits
    for position in positions:
        fillers, rest = divmod(int(position) - before - 1, reach)
        gaps += [reach - 1] * fillers + [rest]
        before = int(position)
    return np.array(gaps, int)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# How many zeros lie between this weight and the one before? How often do 2**bits positions fit in?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("relative_index", relative_index)

# %%
ready = fold_batch_norm(pruned)
left = np.flatnonzero(kernels_of(ready)["block9_pointwise"])
for bits in (1, 2, 3, 4, 6, 8):
    coded = gaps_of(left, bits)
    size = coded.gaps.size * (bits + 5) / 8
    print(f"{bits} bits: {coded.fillers:5,} fillers, {size:,.0f} bytes with values of 5 bits")

# %% [markdown]
# ## Frequent symbols get short codes
#
# Small gaps are more frequent than wide ones, and values near zero more than large ones. A **Huffman code**
# gives frequent symbols few bits. It is built by merging the two rarest symbols into one, again and
# again, until one is left; each merge puts one more bit in front of every symbol below it.

# %% exercise="huffman_bits"
def huffman_bits(counts):
    """Bits that the best prefix code takes for all symbols together.

    counts : list of int, how often each symbol occurs (0: never)
    Returns an int. A symbol that is alone takes one bit each time.
    Example: huffman_bits([4, 2, 1, 1]) is 14: codes of 1, 2, 3 and 3 bits.
    Write it yourself: huffman.coded_bits and huffman.code_lengths may not be called.
    """
    # solution
    import heapq

    heap = [int(count) for count in counts if count]
    heapq.heapify(heap)
    bits = heap[0] if len(heap) == 1 else 0
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        bits += merged
        heapq.heappush(heap, merged)
    return bits
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Put the counts on a heap (`import heapq`). A merge of counts a and b costs a + b bits. Add up all merges.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("huffman_bits", huffman_bits)

# %%
shared = cluster_model(ready, 31)
gaps = gaps_of(left, 4).gaps
values = shared["block9_pointwise"].indices.ravel()[left]
for name, symbols, bits in (("gaps", gaps, 4), ("values", values, 5)):
    counts = np.bincount(symbols, minlength=2**bits)
    limit, coded = huffman.shannon_bits(counts) / 8, huffman.coded_bits(counts) / 8
    zipped = len(zlib.compress(symbols.astype(np.uint8).tobytes(), 9))
    fixed = bits * len(symbols) / 8
    print(f"{name}: {fixed:,.0f} bytes with {bits} bits each, Huffman {coded:,.0f},", end=" ")
    print(f"Shannon's limit {limit:,.0f}, zip {zipped:,}")

# %% claims=true
for symbols, bits in ((gaps, 4), (values, 5)):
    counts = np.bincount(symbols, minlength=2**bits)
    assert 1 <= huffman.coded_bits(counts) / huffman.shannon_bits(counts) < 1.1
zipped_gaps = len(zlib.compress(gaps.astype(np.uint8).tobytes(), 9))
assert zipped_gaps < huffman.shannon_bits(np.bincount(gaps, minlength=16)) / 8

# %% [markdown]
# Huffman comes within a few per cent of Shannon's limit for single symbols. Zip can get below that limit where
# symbols follow a pattern, and gaps do: the weights that are left lie in a few rows. The table of codes has to be
# stored as well. **Canonical** codes keep it short: they follow from the lengths alone.
#
# ## The whole file
#
# Pruned, shared, coded: **Deep Compression**. Now write it, read it back, and only believe what comes
# back.

# %%
guess = Prediction(
    "How many times smaller than float32 is the file of your pruned model?", unit="times"
)
guess

# %%
file = encode_model(ready, shared)
again = decode_model(file.data)
print(file)
coded, before = right(again), right(ready)
print(f"the decoded model: {coded:.1%} right; before sharing and coding {before:.1%}")
guess.reveal(whole / len(file.data))

# %% claims=true
assert abs(coded - before) < 0.03 and whole / len(file.data) > 8

# %% [markdown]
# A file from flash or from a radio may be damaged. The decoder must notice, and say so:

# %%
broken = bytearray(file.data)
broken[2000] ^= 1
for damaged in (file.data[:-100], bytes(broken), b"something else"):
    try:
        decode_model(damaged)
    except ValueError as error:
        print(error)

# %% [markdown]
# How do the three choices play together? In the explorer nothing was trained after pruning: it shows the
# model as it was given to it.

# %%
if same:
    measured = study.deep_compression
else:
    choices = {"sparsities": (0.0, 0.5, 0.9), "value_bits": (3, 4), "index_bits": (2, 4, 8)}
    measured = measure_deep_compression(checkpoint.model, *few, **choices)
deep_compression_explorer(measured)

# %% [markdown]
# Three things to find: gaps that are too narrow fill the file with stored zeros; few weights removed
# make gaps a waste, and then the zeros themselves are coded; and below some width of the values the accuracy
# drops sharply.
#
# With training in between, the same file format does better. That takes longer than a class, so this is the bundled
# file, made from the bundled model; its figures are those of the decoded model:

# %%
path = recipe.deep_compression_file()
if data.own_set("visual_wake_words"):  # the bundled file answers other labels
    path = paths.work_dir() / pruned_today
    file.write(path)
best = decode_model(path)
reference = study.float_point
of_file, of_float = which_are_right(best), which_are_right(folded)
for label, answers in (("float32", of_float), ("the file", of_file)):
    print(f"{label:<9} {answers.mean():.1%} on these {len(test)} pictures")
stored = path.stat().st_size
print(f"{stored:,} bytes, {reference.stored_bytes / stored:.1f} times smaller")
show("Deep Compression")
loss = compare(of_file, of_float, groups=test.scenes)
print(loss.sentence("the file", "float32"))

# %% [markdown]
# There is one disadvantage. A sparse, coded model cannot be executed as it lies in flash: it has to be unpacked
# into RAM first, where it is as large as ever. Deep Compression saves radio time and storage, not
# working memory, and no multiplication.
#
# ## Keep the file
#
# The file goes into the ledger. It does not run as it is stored: so it is a row of its own.

# %%
Ledger("visual_wake_words").record(
    stage="compress, Deep Compression file",
    made_from="train",
    accuracy=of_file.mean(),
    test_set="rendered test scenes",
    examples=len(test),
    file_bytes=path.stat().st_size,
    macs=multiply_accumulates(best),
)
file.write(paths.work_dir() / pruned_today)

# %% [markdown]
# ## Stop here: the end of the first class
#
# The first class removed weights; the second makes the network itself smaller. Coming back another day? *Run >
# Run All Cells* works as always; or run the cells from the top down to *Most weights are small*, and then go on with
# the next one. Your file was kept.
#
# ## Remove whole channels
#
# What does save multiplications is a smaller network. Take away a filter, and its output channel is
# gone; so is the depthwise filter that read it, and the inputs of the pointwise layer behind.

# %% exercise="remove_channels"
def remove_channels(first, depthwise, following, kept):
    """Kernels of a chain pointwise, depthwise, pointwise with only some channels in the middle.

    first : float array (1, 1, inputs, channels); depthwise : float array (3, 3, channels, 1)
    following : float array (1, 1, channels, outputs); kept : int array, the channels that stay
    Returns the three smaller kernels. Example: with kept = np.array([0, 2]), shapes (1, 1, 5, 3),
    (3, 3, 3, 1), (1, 1, 3, 4) become (1, 1, 5, 2), (3, 3, 2, 1), (1, 1, 2, 4).
    """
    # solution
    return first[..., kept], depthwise[:, :, kept], following[:, :, kept]
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# In each kernel one axis has as many entries as there are channels in the middle. Index that axis.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("remove_channels", remove_channels)

# %%
for keep in (0.75, 0.5):
    small = shrink_channels(checkpoint.model, keep)
    cut, settled = right(small), right(settle(small))
    print(
        f"{keep:.0%} of the channels: {folded_parameters(small):,} parameters,"
        f" {multiply_accumulates(small):,} MACs, {cut:.1%} right,"
        f" {settled:.1%} with new statistics"
    )

# %% claims=true
assert 0.22 < folded_parameters(small) / folded_parameters(folded) < 0.3
assert settled > cut and settled > 0.55, "new statistics bring a part of it back"

# %% [markdown]
# Half the channels are about a quarter of the weights. Little is left of the answers, because every layer was
# cut at once; new statistics of batch normalization bring a part of it back. The rest takes training. With it:

# %%
show("fewer channels")
fewer = study.find("half of the channels")
for trial in fewer.trials:
    print(f"learning rate {trial.value:<8g} {trial.accuracy:.1%} of the validation pictures")

# %% claims=true
if same:
    rates = {trial.value: trial.accuracy for trial in fewer.trials}
    best = max(rates, key=rates.get)
    assert 8 < best / 0.0005 < 10 and rates[best] - rates[0.0005] > 0.06

# %% [markdown]
# Who lost so much has to learn with larger steps: at nine times the cautious 0.0005 it answers more than six points
# more of the validation pictures. A method at another's learning rate looks worse than it is, so every
# model of the study that was trained again had its own.
#
# ## Thin layers in place of wide ones
#
# A pointwise layer is a matrix. If it is nearly of **low rank**, two thin matrices do nearly the same
# (singular value decomposition); a full convolution becomes three layers (Tucker decomposition). Does your
# model have such matrices?

# %%
for energy in (0.99, 0.95, 0.85):
    thin, done = factorize(checkpoint.model, energy)
    split = sum(bool(layer.ranks) for layer in done)
    print(
        f"{energy:.0%} of the energy kept: {split} of {len(done)} layers are split,"
        f" {folded_parameters(thin):,} parameters, {right(thin):.1%} right without training"
    )

# %% [markdown]
# A few layers can be split at almost no loss. Split more, and the accuracy falls.
#
# One share of energy for all layers is a blunt rule. **DeepX** (Lane et al. 2016) chooses the rank of every
# layer, under a budget: here of multiply-accumulates. Start with all ranks whole; again and again lower the one
# whose next step loses the least energy for each MAC it saves.

# %%
for share in (0.8, 0.6, 0.4):
    thin, done = factorize_within(checkpoint.model, share)
    ranks = [layer.ranks[0] for layer in done if layer.ranks]
    print(
        f"{share:.0%} of the MACs: {len(ranks)} of {len(done)} layers are split, ranks"
        f" {min(ranks)} to {max(ranks)}, {folded_parameters(thin):,} parameters,"
        f" {right(thin):.1%} right without training"
    )

# %% [markdown]
# The budget is met. Compare rows of about as many parameters in the two tables: is the finer rule always the
# better one? It saves work where that costs the least energy of the kernels, and the energy of a kernel is not the
# error of an answer. (DeepX estimates the error of each layer's output instead.) Either way training brings a part
# back:

# %%
show("low rank")

# %% [markdown]
# That is worth it, and the model runs as it is stored: fewer bytes and fewer multiplications. A
# depthwise-separable block *is* a factorized convolution already, so why is there so much left to gain? It is
# weight decay again: a rank counts how many directions a layer uses, and the last layers use few of theirs.
#
# ## Learn from a teacher
#
# Or begin with a small network, and let the large one teach it. Its probabilities say more than a label;
# divided by a **temperature**, they become softer and show more of it (Hinton, Vinyals & Dean 2015).

# %% exercise="soft_targets"
def soft_targets(logits, temperature):
    """What the student is to answer: the softmax of the teacher's logits over a temperature.

    logits : float array (examples, classes); temperature : float > 0
    Returns a float array (examples, classes), each row adding up to 1.
    Example: soft_targets(np.array([[2., 0.]]), 2.0) is about [[0.731, 0.269]].
    Write it yourself: distillation.softened may not be called.
    """
    # solution
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Subtracting the largest logit of a row changes no softmax, and keeps the exponentials finite.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("soft_targets", soft_targets)

# %% [markdown]
# With two classes a teacher can say little more than how sure it is; with a thousand, it also says which
# wrong answers are nearly right. To train students takes longer than a class lasts, so they came with the
# workbook: three with a teacher and three without, in pairs that began with the same weights and saw the same
# pictures in the same order. What is compared is pairs, for another seed gives another figure.

# %%
taught = Prediction(
    "A student of half the width, with its teacher's answers or with labels alone: which is right"
    " more often?",
    choices={
        "with the teacher": "with two classes the teacher says little more than the label;"
        " over three seeds it did not help",
        "labels alone": "the teacher's answers did no harm either: over three seeds both were right"
        " as often",
    },
    tie=True,
)
taught

# %%
show("distillation")
pair = [study.find(f"half width, {how}").accuracies for how in ("distilled", "no teacher")]
for name, reached in zip(taught.choices, pair):
    print(f"{name:<17}", ", ".join(f"{one:.1%}" for one in reached))
names, outcome = list(taught.choices), "tie"  # a single pair tells nothing
if min(map(len, pair)) > 1:
    helped = compare(*pair)
    outcome = helped.outcome
    print(helped.sentence(*names[:2]))
taught.reveal({"better": names[0], "worse": names[1], "tie": TIE}[outcome])

# %% claims=true
if same:
    assert [len(one) for one in pair] == [3, 3] and study.find("half width, distilled").epochs == 8
    assert helped.outcome == "tie" and abs(helped.difference) < 0.01
    assert np.ptp(pair[1]) > 0.03 > abs(helped.difference)
    ahead = np.subtract(*pair)
    assert sum(ahead > 0.01) == 1 and 0.025 < ahead.max() < 0.035
    assert (round(100 * pair[0][0], 1), round(100 * pair[1][0], 1)) == (76.4, 73.4), "question 4"
    for how in ("distilled", "no teacher"):
        trials = study.find(f"half width, {how}").trials
        rates = {one.value: one.accuracy for one in trials if one.setting == "learning rate"}
        assert list(rates) == [0.001, 0.003, 0.009, 0.027, 0.081]
        assert max(rates, key=rates.get) == 0.027 and rates[0.027] - rates[0.001] > 0.07
    trials = study.find("half width, distilled").trials
    student = study.find("half width, distilled")
    assert (fewer.stored_bytes, 2 * fewer.epochs) == (student.stored_bytes, student.epochs)
    assert fewer.accuracy > max(pair[0] + pair[1]) + 0.03
    temperatures = {one.value: one.accuracy for one in trials if one.setting == "temperature"}
    assert list(temperatures) == [0.25, 0.5, 1, 2, 4]
    assert max(temperatures, key=temperatures.get) == 0.5
    assert temperatures[0.5] - temperatures[2] < 0.02

# %% [markdown]
# A tie. One pair alone could have told you anything: the students without a teacher differ by more than three
# points from each other, seed by seed, and one of the pairs speaks for the teacher, by three. Three
# pairs cannot see a gain of a few points; what they do say is that here the teacher is no shortcut. Each way had the
# learning rate that answered most validation pictures, and the teacher its temperature, each chosen from
# values on both sides. It was worth the trouble: from the smallest learning rate to the best one the students
# gained more than seven points, with a teacher or without. The best temperature is 0.5, which makes the teacher's answers
# harder, not softer; but 2 is less than two points behind. What was not tried is another share of labels (0.3), or more
# than eight passes over the pictures. Where there are more classes, or more time, ask again.
#
# There is a better way to a network of this size: the one above, which kept half of the channels and so what they
# had learned. It is right more often than each of the six students, after half as many passes.

# %% [markdown]
# ## Does the order matter?
#
# Prune and then share, or share and then prune? Fold before or after? Take a guess, then look.

# %%
orders = {
    "prune, then share": "small weights are told apart best before they share values;"
    " here it does not show",
    "share, then prune": "of weights that share a value, which should go?"
    " here it does not matter much",
}
order = Prediction("Which order gives more right answers?", choices=orders, tie=True)
order

# %%
results = compare_orders(checkpoint.model, x_test, test.labels, sparsity=0.2, bits=5)
for result in results:
    print(result)
by_steps = {result.steps: result.right for result in results}
first, second = by_steps["fold", "prune", "share"], by_steps["fold", "share", "prune"]
difference = compare(first, second, groups=test.scenes)
print(difference.sentence(*orders))
order.reveal({"better": list(orders)[0], "worse": list(orders)[1], "tie": TIE}[difference.outcome])

# %% [markdown]
# Once weights share values, magnitudes can hardly tell them apart: of equal ones, which should go? So
# the rule is to decide with the finest information there is, and to coarsen last. Whether your model
# shows it, the interval says: the same pictures are answered by both, and what counts is on how many they
# differ. (Values that are not shared are stored as 16-bit floats; in these
# the weights that training emptied become zeros, too.) Combinations with training in between:

# %%
show("combination")

# %% [markdown]
# ## Choose
#
# Everything that was measured, in one picture. Your own file of the first class is among them, judged on all test
# pictures like the others. Set your budget.

# %%
every = people.load("test")
kept_file = paths.work_dir() / pruned_today
again = decode_model(kept_file.read_bytes())
scores = scores_of(again, every.images)
accuracy, macs = metrics.accuracy(every.labels, scores), multiply_accumulates(again)
own = StudyPoint("Deep Compression", "your own file", kept_file.stat().st_size, accuracy, macs, 2)
if data.own_set("visual_wake_words"):
    print(f"your file: {own.stored_bytes:,} bytes, {accuracy:.1%} right. It is no point below,")
    print("where all were measured on the built-in test pictures.")
else:
    study = study.with_points([own])
print("on the front:", "; ".join(point.label for point in pareto_front(study.points)))
pareto_explorer(study)

# %% [markdown]
# ## What have you learned?
#
# A letter for each question. The check says what is wrong with a wrong choice.
#
# **1.** 80 % of the weights are zero, scattered. On a Cortex-M this saves
#
# - a) 80 % of the time
# - b) bytes of the file, if it is written for zeros
# - c) 80 % of the RAM
#
# **2.** One threshold for the whole network removes more than one share for every layer because
#
# - a) it removes weights at random
# - b) late layers are less important
# - c) layers differ in how many tiny weights they have
#
# **3.** Huffman codes save most if
#
# - a) few symbols are very frequent
# - b) all symbols are equally frequent
# - c) there are many symbols
#
# **4.** A student trained with a teacher gets 76.4 %, one without 73.4 %; one training each. That
# shows
#
# - a) that the teacher was poor
# - b) that distillation helps by 3 points
# - c) nothing yet about distillation: train several of each

# %% exercise="questions_vww_compress"
def questions_vww_compress():
    """The letters of your choices in order, "-" for an open one.

    Returns a str of 4 letters. Example: "----" leaves all open.
    """
    # solution
    return "bcac"
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Look again at *The whole file* (1); *Most weights are small* (2); *Frequent symbols get short
# codes* (3); *Learn from a teacher* (4).
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("questions_vww_compress", questions_vww_compress)

# %% [markdown]
# ## Keep it
#
# The int8 program runs as it is stored. It is what goes on, judged on all test pictures like the model it was
# made from.

# %%
representative = inputs(training.images[:200])
program = litert.convert(checkpoint.model, "int8", representative_dataset=representative)
runner = litert.LiteRTModel(program)
answers = [
    runner.predict(inputs(batch)).argmax(axis=1) for batch in np.array_split(every.images, 10)
]
accuracy = float((np.concatenate(answers) == every.labels).mean())
figures = {"accuracy": accuracy, "examples": len(every)}
checkpoints.save(program, "visual_wake_words", "compress", metrics=figures)
footprint = count(read_tflite(program))
Ledger("visual_wake_words").record(
    stage="compress",
    made_from="train",
    accuracy=accuracy,
    test_set="rendered test scenes",
    examples=len(every),
    weight_bytes=footprint.weight_bytes,
    file_bytes=len(program),
    ram_bytes=footprint.peak_activation_bytes,
    macs=footprint.macs,
)

# %% [markdown]
# **Next:** `3_adapt`, where the detector meets a camera it has never looked through.
#
# **References**
#
# - Han, Mao & Dally 2016, *Deep Compression: Compressing Deep Neural Networks with Pruning, Trained
#   Quantization and Huffman Coding*; Han et al. 2015, *Learning both Weights and Connections*
# - Zhu & Gupta 2017, *To Prune, or Not to Prune*; Mishra et al. 2021, *Accelerating Sparse Deep Neural
#   Networks* (2:4)
# - Li et al. 2017, *Pruning Filters for Efficient ConvNets*; Liu et al. 2017, *Network Slimming*
# - Hinton, Vinyals & Dean 2015, *Distilling the Knowledge in a Neural Network*
# - Kim et al. 2016, *Compression of Deep Convolutional Neural Networks for Fast and Low Power Mobile
#   Applications* (Tucker); Cheng et al. 2018, *Model Compression and Acceleration for Deep Neural
#   Networks*; Lane et al. 2015, as cited by the review; Lane et al. 2016, *DeepX: A Software Accelerator
#   for Low-Power Deep Learning Inference on Mobile Devices*
