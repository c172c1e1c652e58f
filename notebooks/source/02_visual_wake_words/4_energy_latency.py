# %% [markdown]
# # Visual wake words 4: energy and latency
#
# In this class you stop paying the full price for every picture: easy ones leave the network early,
# some work moves to another chip or to a server, and a picture that does not fit comes in patches.
#
# **You will be able to**
#
# - put exits into a network, calibrate how sure they are, and choose a threshold you can defend;
# - find the best cut between a device and a server, and say when it moves;
# - tell the rate of a pipeline from its latency, and balance two chips;
# - trade peak memory against work done twice.
#
# Time: one class (60 minutes). The whole notebook runs in under a minute on two processor cores.

# %%
import numpy as np
import pandas as pd

from tinylab import cost, data
from tinylab.cost.partition.split import WATCHING
from tinylab.course import Decision, Ledger, check
from tinylab.data import people
from tinylab.early_exit.joint_results import bundled_joint
from tinylab.early_exit.program import convert_exits, exit_workloads, predict_exits
from tinylab.early_exit.threshold import at_threshold, choose_threshold, exit_record
from tinylab.explore.energy_latency.partition.early_exit import early_exit_explorer
from tinylab.explore.energy_latency.partition.patches import patches_explorer
from tinylab.explore.energy_latency.partition.split import split_explorer
from tinylab.explore.energy_latency.partition.two_chips import pipeline_explorer
from tinylab.explore.widget.predict import TIE, Prediction
from tinylab.graph import count, read_tflite
from tinylab.graph.evaluate import evaluate
from tinylab.graph.memory import patches, plan
from tinylab.graph.memory.patch_graphs import evaluate_patched
from tinylab.models import checkpoints
from tinylab.recipes.visual_wake_words_early_exit import exits_for
from tinylab.scoring import confidence as calibration
from tinylab.scoring.verdicts import compare

# %% [markdown]
# **Whose data?** Leave the next cell as it is for the built-in set. For your pictures of two kinds
# put the path of a folder in place of `None` (`path/LABEL/NAME_1.png`, a folder for each of two
# labels), here and in the other notebooks of this application; nothing else has to change.

# %%
data.use("visual_wake_words", None)

# %% [markdown]
# ## What every picture costs
#
# Your int8 network does the same work for an empty room as for a crowd.

# %%
checkpoint = checkpoints.load("visual_wake_words", "deploy", "compress")
print(checkpoint)
graph = read_tflite(checkpoint.model)
board = cost.default_board()
taken, spent = cost.latency(graph, board), cost.energy(graph, board)
print(f"{count(graph).macs:,} multiply-accumulates; on {board} {taken.latency_ms:.0f} ms", end=" ")
print(f"({taken.low_ms:.0f} to {taken.high_ms:.0f}) and {spent.energy_uJ:,.0f} uJ ({spent.kind})")

# %% [markdown]
# ## Easy pictures leave early
#
# Some pictures are easy: half of the network would do. **BranchyNet** (Teerapittayanon et al. 2016)
# puts small classifiers, *exits*, between its layers. An exit that is sure enough answers, and the rest
# of the network is not run. How sure is an answer? Its **entropy** says it: 0 bits for a certain one, 1
# bit for a coin.

# %% exercise="prediction_entropy"
def prediction_entropy(probabilities):
    """Entropy of each row in bits: minus the sum of p * log2(p), where 0 * log2(0) counts as 0.

    probabilities : float array (n, classes), each row adds up to 1
    Returns a float array (n,). Example: for [[0.5, 0.5], [1.0, 0.0]] it is [1.0, 0.0].
    Write it yourself: threshold.entropy_bits may not be called.
    """
    # solution
    p = np.where(probabilities > 0, probabilities, 1.0)  # the logarithm of 1 is 0
    return -(p * np.log2(p)).sum(axis=1)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# The trouble is log2(0). Replace such a probability by one whose logarithm is harmless.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("prediction_entropy", prediction_entropy)

# %% [markdown]
# The rule is short: leave at the first exit whose entropy is **below** the threshold. A picture
# for which no exit is sure goes to the end, which has to answer.

# %% exercise="leave_at"
def leave_at(entropies, threshold):
    """The exit each example leaves by, the last one if it is sure nowhere.

    entropies : float array (n, exits); threshold : float
    Returns an int array (n,). Example: leave_at(np.array([[0.9, 0.1], [0.2, 0.1]]), 0.3) is [1, 0].
    Write it yourself: threshold.exit_taken may not be called.
    """
    # solution
    sure = np.asarray(entropies) < threshold
    sure[:, -1] = True
    return sure.argmax(axis=1)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `argmax` of True and False finds the first True. What does it find when there is none?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("leave_at", leave_at)

# %% [markdown]
# Here is the network of the first class, with exits after two of its blocks. (Not the one that was adapted to low
# light: it belongs to one camera, and the exits are trained and judged on scenes of the factory's.) The network
# itself was left as it is; only the heads were trained, on what it had found out by then. (For your own network that
# happens here, and takes a minute.) The heads are not free: whoever passes an exit has paid for it.
# What all that costs is counted in an int8 program of network and heads.

# %%
network = checkpoints.load("visual_wake_words", "train")
print(network)
exits = exits_for(network.model)
program = convert_exits(exits, people.load("train", limit=100).images)
workloads, whole = exit_workloads(read_tflite(program))
test, validation = people.load("test"), people.load("validation")
probabilities = exits.predict(test.images, calibrated=False)
names = [f"after {cut}" for cut in exits.cuts] + ["at the end"]
pd.DataFrame(
    {
        "exit": names,
        "MACs until there": [f"{one.macs:,}" for one in workloads],
        "accuracy, if all left here": [
            f"{(one.argmax(axis=1) == test.labels).mean():.1%}" for one in probabilities
        ],
    }
)

# %%
of_end, of_middle = (probabilities[k].argmax(axis=1) == test.labels for k in (-1, 1))
print(compare(of_end, of_middle, groups=test.scenes).sentence("the end", names[1]))

# %% claims=true
assert compare(of_end, of_middle, groups=test.scenes).outcome != "better"

# %% [markdown]
# Is the end the best exit? It need not be. The network learned from disturbed pictures, so that it
# would work with a real camera; the heads learned from the scenes as they are, and are tested on such scenes.
# What they win here they may lose outside. And if an early exit alone is as good as the end, then the rest
# of the network is wasted on these scenes: the honest conclusion would be a smaller network.

# %%
guess = Prediction(
    "How much of the work can early exits save, if they may cost one point of accuracy?", unit="%"
)
guess

# %% [markdown]
# ## Is it as sure as it says?
#
# A threshold on entropy trusts what an exit says about itself. Does an exit that says 90 % get nine of
# ten right? Sort the answers by confidence into bins, and compare confidence with accuracy in each:
# the average gap is the **expected calibration error** (Guo et al. 2017).

# %% exercise="calibration_error"
def calibration_error(confidence, correct, bins):
    """Average |mean confidence - accuracy| over bins of equal width, weighed by their examples.

    confidence : float array (n,) in 0..1; correct : bool array (n,); bins : int, over 0..1 (a
    confidence of 1 belongs to the last; empty bins do not count)
    Returns a float.
    Example: calibration_error(np.array([0.9, 0.9]), np.array([True, False]), 10) is 0.4.
    Write it yourself: calibration.reliability and calibration.expected_calibration_error may not
    be called.
    """
    # solution
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for one in np.unique(place):
        inside = place == one
        error += inside.mean() * abs(confidence[inside].mean() - correct[inside].mean())
    return error
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `(confidence * bins).astype(int)` is the number of each answer's bin. Which of them would fall off the
# end? `np.unique` names the bins that are not empty.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("calibration_error", calibration_error)

# %% [markdown]
# **Temperature scaling** corrects it with one number for each exit: divide the logits by $T$ before the
# softmax. The answers stay the same, only their confidence changes. $T$ is fitted on the *validation*
# scenes, and judged here on the *test* scenes.

# %%
calibrated = exits.predict(test.images)
pd.DataFrame(
    {
        "exit": names,
        "temperature": [f"{one:.2f}" for one in exits.temperatures],
        "calibration error as trained": [
            f"{calibration.expected_calibration_error(one, test.labels):.1%}"
            for one in probabilities
        ],
        "with temperature": [
            f"{calibration.expected_calibration_error(one, test.labels):.1%}" for one in calibrated
        ],
    }
)

# %% [markdown]
# ## Choose, then measure
#
# The threshold is chosen on the validation scenes: the one that saves most and costs at most a point.
# Then it is measured once on the test scenes. Choosing it on the test scenes would look better, and be
# worth less.

# %%
macs = [one.macs for one in workloads]
held_out = exits.measure(validation.images, validation.labels)
threshold = choose_threshold(held_out, max_loss=0.01)
record = exit_record(calibrated, test.labels, macs)
chosen, alone = at_threshold(record, threshold), at_threshold(record, 0.0)
saved = 1 - chosen.mean_macs / whole.macs
for name, rate, right in zip(names, chosen.exit_rates, chosen.exit_accuracy):
    print(f"{name:<24} {rate:6.1%} leave" + (f", {right:.1%} of them right" if rate else ""))
print(
    f"threshold {threshold:.2f} bits: accuracy {chosen.accuracy:.1%}, without exits"
    f" {alone.accuracy:.1%}"
)
print(f"mean MACs {chosen.mean_macs:,.0f} of {whole.macs:,}: {saved:.1%} saved")
guess.reveal(100 * saved)

# %% claims=true
assert 0.4 < saved < 0.6 and alone.accuracy - chosen.accuracy < 0.015

# %%
less_time = Prediction(
    f"{saved:.0%} fewer multiply-accumulates on average: how many percent less time, on this"
    " board?",
    unit="%",
)
less_time

# %%
less, rates = {}, {}
for stack in (taken.stack, "X-CUBE-AI 9.0"):
    at_each = [cost.latency(one, board, stack=stack).latency_ms for one in workloads]
    unbroken = cost.latency(whole, board, stack=stack).latency_ms
    less[stack] = 1 - chosen.mean_of(at_each) / unbroken
    rates[stack] = (
        workloads[0].macs / at_each[0],
        (whole.macs - workloads[0].macs) / (unbroken - at_each[0]),
    )
    print(
        f"{stack}: {chosen.mean_of(at_each):.0f} ms on average, {unbroken:.0f} without exits:",
        end=" ",
    )
    print(f"{less[stack]:.0%} less time for {saved:.0%} fewer multiply-accumulates;")
    print(
        "  a millisecond does {:,.0f} before the first exit, {:,.0f} behind it".format(
            *rates[stack]
        )
    )
less_time.reveal(100 * less[taken.stack])

# %% claims=true
assert less["X-CUBE-AI 9.0"] < 0.6 * less[taken.stack] and less[taken.stack] < saved - 0.05
assert all(late > 1.3 * early for early, late in rates.values())

# %% [markdown]
# What is saved is the end of the network, and that is the part that runs fast: small pictures with many channels.
# Before the first exit come large pictures with few channels, where moving data takes much of the time, and every
# picture pays for them. The faster a library multiplies, the less is saved: with the vendor's, the same exits save
# half as much time. So never sell multiply-accumulates for milliseconds.
#
# Now move the threshold yourself. Which pictures are answered right more often, those that leave early or those that go to
# the end? Then switch to the exits *as trained*, and see how the same threshold means something else.

# %%
raw = exit_record(probabilities, test.labels, macs)
early_exit_explorer(raw, record, workloads, whole, start=threshold).behind(guess)

# %% [markdown]
# All these answers were given in floating point. A device runs integers. Ask the int8 program the same
# questions, with the same temperatures and the same threshold.

# %%
stored = predict_exits(program, test.images, len(names))
pairs = zip(stored, exits.temperatures)
calibrated_int8 = [calibration.apply_temperature(one, temperature) for one, temperature in pairs]
int8 = at_threshold(exit_record(calibrated_int8, test.labels, macs), threshold)
print(
    f"int8, {len(program):,} bytes: accuracy {int8.accuracy:.1%}, mean MACs {int8.mean_macs:,.0f}"
)
print("leave at each exit:", ", ".join(f"{rate:.1%}" for rate in int8.exit_rates))

# %% claims=true
assert abs(int8.accuracy - chosen.accuracy) < 0.01
assert all((stored[k].argmax(axis=1) == calibrated_int8[k].argmax(axis=1)).all() for k in range(3))

# %% [markdown]
# ## Should the network learn with its exits? (homework, if time is short)
#
# BranchyNet trains network and exits **together**: the loss is the sum over all exits, so that the first layers learn
# what the early answers need. Here only the heads learned, and the network stayed *frozen*. Is that worse? It was
# measured on the bundled network, three seeds each, on 2,000 pictures and their mirror images (`tinylab train
# vww-joint-exits` trains for a quarter of an hour). All begin alike, with heads trained on the finished network; then,
# for as long,
#
# - *frozen*: the heads learn on;
# - *joint*: network and heads learn together;
# - *trained on*: the network learns on alone, and after it its heads. This is the control: its network sees the same
#   pictures as with *joint*, so what it wins, too, was not won by learning together.
#
# The learning rate of the network was chosen on the validation scenes, for either way, out of those in the next cell.
# All are asked for the same accuracy there, a point below that of the finished network.

# %%
together = Prediction(
    "All pictures leave at the first exit: what does joint training do to the share of right"
    " answers?",
    choices={
        "raises it": (
            "The early layers can learn what an early answer needs, but these had learned"
            " nearly all of it before."
        ),
        "lowers it": "Three losses pull at the same weights, but the first exit's is one of them.",
    },
    tie=True,
)
together

# %%
data.aside("visual_wake_words", "these trainings took a quarter of an hour with the built-in set")
joint = bundled_joint()
rates = sorted({row.learning_rate for row in joint.rows if row.way == "joint"})
print(f"learning rates {', '.join(f'{rate:g}' for rate in rates)}; chosen:", end=" ")
print(", ".join(f"{way} {joint.chosen(way)[0].learning_rate:g}" for way in joint.ways[1:]))
for way in joint.ways:
    of_exits = [np.mean(joint.values(way, "exit_accuracy", k)) for k in range(len(names))]
    print(f"{way:<10} right at the exits {', '.join(f'{one:.1%}' for one in of_exits)};", end=" ")
    print(f"with a threshold {np.mean(joint.values(way, 'accuracy')):.1%},", end=" ")
    print(f"saved {', '.join(f'{one:.0%}' for one in joint.values(way, 'saved'))}")
early = joint.verdict("joint", "frozen", "exit_accuracy", 0)
for rival in ("frozen", "trained on"):
    first = joint.verdict("joint", rival, "exit_accuracy", 0)
    print("first exit:", first.sentence("joint", rival))
    print("work saved:", joint.verdict("joint", rival, "saved").sentence("joint", rival))
together.reveal({"better": "raises it", "worse": "lowers it", "tie": TIE}[early.outcome])

# %% claims=true
assert (joint.head_epochs, joint.epochs, joint.validation_examples) == (4, 2, 600)
assert len(set(joint.values("frozen", "exit_accuracy", -1))) == 1, "its end stays as it was"
assert sum(rates[0] == 0 for rates in joint.values("trained on", "exit_rates")) == 1
assert sum(saved < 0 for saved in joint.values("trained on", "saved")) == 1
assert joint.training_pictures == 2000 and all(len(joint.chosen(way)) == 3 for way in joint.ways)
for way in joint.ways[1:]:
    assert rates[0] < joint.chosen(way)[0].learning_rate < rates[-1], (
        "not at the border of the grid"
    )
for rival in ("frozen", "trained on"):
    for quantity, exit in (("exit_accuracy", 0), ("saved", None), ("accuracy", None)):
        assert joint.verdict("joint", rival, quantity, exit).outcome == "tie"

# %% [markdown]
# A tie, everywhere: right answers at the first exit, right answers with the threshold, work saved; against frozen
# layers and against the control. (Three seeds cannot see a gain of a point.) This network had finished learning
# before it got exits, and two more passes over 2,000 pictures changed little. BranchyNet's networks learned with
# their exits from the start, so this says nothing against it. It says what to do with a network that you already
# have: the frozen one still answers at its end as it was tested, and what is deployed may stay. Where two ways tie,
# take the one that is cheaper to defend.
#
# Look at the control's savings, seed by seed. In one training nobody leaves early: at no threshold did 600 validation
# scenes show the accuracy that was asked for. A threshold turns a small difference into all or nothing; that is why
# the interval of its savings is so wide.

# %% [markdown]
# ## Or let somebody else do the rest
#
# Between *compute here* and *send the picture* lie all the cuts in between: run the first operators on
# the device, send what they wrote, let a server do the rest. **Neurosurgeon** (Kang et al. 2017) knows
# what each operator costs on both sides, and looks at every cut.

# %% exercise="best_split"
def best_split(device_ms, bytes_across, server_ms, kbit_per_s):
    """The cut of the lowest latency.

    device_ms, server_ms : float arrays (operators,), the time of each operator on either side
    bytes_across : float array (operators + 1,); number k crosses if k operators run on the device
    kbit_per_s : float, the link; 1 kbit/s is one bit each millisecond
    Returns (cut : int, the number of operators on the device; its latency in ms : float).
    Example: best_split(np.array([10., 10.]), np.array([100., 5., 0.]), np.array([1., 1.]), 8.0) is
    (1, 16.0). Write it yourself: cost.split may not be called.
    """
    # solution
    device = np.concatenate(([0.0], np.cumsum(device_ms)))
    server = np.concatenate((np.cumsum(server_ms[::-1])[::-1], [0.0]))
    latency = device + 8 * bytes_across / kbit_per_s + server
    cut = int(np.argmin(latency))
    return cut, float(latency[cut])
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Work out all cuts at once: `np.cumsum` of the device's times from the front, of the server's from the
# back, with a 0 where nothing is computed.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("best_split", best_split)

# %% [markdown]
# A network widens before it narrows. The picture is 27,648 bytes; how many bytes cross each cut?

# %%
crossing = cost.cut_bytes(graph)
for cut in np.unique(np.minimum.accumulate(crossing), return_index=True)[1][::-1]:
    name = graph.ops[cut].kind if cut < len(graph.ops) else "the answer"
    print(f"before operator {cut:>2} ({name}): {crossing[cut]:>6,} bytes, the fewest so far")

# %%
where = ("send the picture", "cut somewhere between", "compute all here")
guess = Prediction(
    "Bluetooth, nothing lost, Cortex-M4, a picture every ten seconds: what costs the whole device"
    " least?",
    choices={
        where[0]: "The radio is on for longest then, and the chip waits awake for it.",
        where[1]: "",
        where[2]: "Nothing is sent, but the late, dear layers are computed by the small chip.",
    },
)
guess

# %% [markdown]
# The energy is that of the whole device: camera, waiting, network, radio with the connection that is kept
# up, rest, regulator.

# %%
cuts = cost.split(graph, board, "raspberry_pi_4b", "ble_nrf52840")
cut, last = cuts.best("energy"), len(graph.ops)
for name, at in (("send the picture", 0), (f"cut {cut}", cut), ("all here", last)):
    print(
        f"{name:<17} {cuts.energy_uJ[at]:>7,.0f} uJ, {cuts.parts_uJ['radio'][at]:>6,.0f} of them"
        " for the radio"
    )
guess.reveal(where[0] if cut == 0 else where[2] if cut == last else where[1])

# %% claims=true
lossy = cost.split(
    graph,
    board,
    "raspberry_pi_4b",
    "ble_nrf52840",
    device=cost.Device(10.0, "camera", 1 / 30, delivery=0.3),
)
assert lossy.best("energy") > cut
assert cuts.payload_bytes[0] == 27_648

# %% [markdown]
# Lose packets, and watch the best cut move towards the end. Change the radio, the board, what *best*
# means. For which radio does the device send the picture as it is? What does a server learn about you
# from a feature map that it would not from the answer? (Shi et al. 2016 and Zhu et al. 2020 map the
# field: edge computing is where to compute as much as what.)

# %%
split_explorer(graph).behind(guess)

# %% [markdown]
# ## Two chips in a row
#
# A second chip on the board can take over half of the network while the first begins the next picture.
# A **pipeline** has two times. *Latency*: from a picture to its answer; it goes through all stages.
# *Period*: from one answer to the next; the slowest stage sets the pace, and the link is one of them.

# %% exercise="fastest_cut"
def fastest_cut(first_ms, link_ms, second_ms):
    """The cut of the shortest period; the link works beside both chips.

    first_ms, link_ms, second_ms : float arrays (cuts,), the time in each stage for every cut
    Returns (cut : int, period in ms : float, latency of that cut in ms : float).
    Example: fastest_cut(np.array([0., 6.]), np.array([3., 1.]), np.array([9., 4.])) is
    (1, 6.0, 11.0).
    Write it yourself: cost.pipeline may not be called.
    """
    # solution
    period = np.maximum(np.maximum(first_ms, link_ms), second_ms)
    cut = int(np.argmin(period))
    return cut, float(period[cut]), float(first_ms[cut] + link_ms[cut] + second_ms[cut])
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Three stages work at the same time, on three different pictures. When can the next answer come?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("fastest_cut", fastest_cut)

# %%
for wire, one in cost.links().items():
    two = cost.pipeline(graph, board, board, wire)
    at = two.best("rate")
    print(f"{one.name:<18} cut {at:>2}: {two.rate_per_s[at]:5.1f} pictures/s,", end=" ")
    print(f"latency {two.latency_ms[at]:5.1f} ms ({two.payload_bytes[at]:,} bytes cross)")
print(f"one chip alone: {1e3 / taken.latency_ms:.1f} pictures/s, latency {taken.latency_ms:.1f} ms")

# %% claims=true
for wire in cost.links():
    two = cost.pipeline(graph, board, board, wire)
    at = two.best("rate")
    assert (
        two.rate_per_s[at] < 2 * 1e3 / taken.latency_ms and two.latency_ms[at] >= taken.latency_ms
    )

# %% [markdown]
# Twice the chips, less than twice the rate, and never a lower latency with equal chips. Find the cut
# yourself. Then switch DMA off, slow the link down, and make the second chip a faster one. But first:

# %%
guess = Prediction(
    "Without DMA both chips are busy while the link sends. By how much does the best rate over UART"
    " fall?",
    unit="%",
)
guess

# %%
free, busy = (cost.pipeline(graph, board, board, "uart", overlap=dma) for dma in (True, False))
lost = 1 - busy.rate_per_s[busy.best("rate")] / free.rate_per_s[free.best("rate")]
guess.reveal(round(100 * float(lost), 1))

# %%
pipeline_explorer(graph).behind(guess)

# %% [markdown]
# ## A picture in patches
#
# The smallest chips cannot run your network at all: not for its weights, but for the activations of its
# first layers. **MCUNetV2** (Lin et al. 2021) computes those layers on one *patch* of the picture after
# another, and keeps only the small result of each.
#
# A patch needs more than its own pixels, because kernels look beyond its border: the **halo**. Which
# input rows does a layer read to write output rows `first` to `last`? Row `r` of the output sits on
# input rows `r * stride - pad_before` and the `kernel - 1` after it; and there is nothing to read outside
# the picture.

# %% exercise="input_rows"
def input_rows(first, last, kernel, stride, pad_before, height):
    """Input rows that are read to write output rows first..last; last is not included.

    first, last : ints, first < last; kernel, stride : ints; pad_before : int, rows of padding above
    the picture; height : int, rows of the input
    Returns (top : int, bottom : int), bottom not included.
    Example: input_rows(0, 4, 3, 1, 1, 8) is (0, 5).
    Write it yourself: patches.input_span may not be called.
    """
    # solution
    top = first * stride - pad_before
    bottom = (last - 1) * stride - pad_before + kernel
    return max(top, 0), min(bottom, height)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# The last output row is `last - 1`. Work out where its window begins, then where it ends. Cut off what
# lies outside 0..height.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("input_rows", input_rows)

# %%
guess = Prediction(
    "Peak memory without patches is about two activations. What is it with 3 x 3 patches of the"
    " first eight operators, the picture coming from the camera patch by patch?",
    unit="kB",
)
guess

# %%
depth = min(8, patches.patchable_depth(graph))
patched = patches.plan_patches(graph, depth=depth, grid=3, input_resident=False)
print(f"whole:   {patched.whole_peak_bytes:,} bytes in use at once, {patched.whole_macs:,} MACs")
print(
    f"patches: {patched.peak_bytes:,} bytes, {patched.extra_macs / patched.whole_macs:.1%} more"
    " MACs"
)
guess.reveal(patched.peak_bytes / 1000)

# %% [markdown]
# Where does the extra work come from, and why does it explode with depth? Look at how far the patches
# reach into each other. Then find the fewest extra operations that fit a chip of 40 KiB, once with the
# whole picture in memory, once without.

# %%
patches_explorer(graph).behind(guess)

# %% [markdown]
# Is the result still the same? Run two pictures through the integers of your network, once as a whole and
# once in nine patches, and compare every bit of the answers.

# %%
quantization = graph.tensors[graph.inputs[0]].quantization
scale, zero_point = float(quantization.scale[0]), int(quantization.zero_point[0])
pictures = np.clip(np.rint(test.images[:2] / 255 / scale) + zero_point, -128, 127).astype(np.int8)
in_patches = evaluate_patched(graph, pictures, depth=depth, grid=3)
print(
    f"in patches and as a whole the same: {np.array_equal(in_patches, evaluate(graph, pictures))}"
)

# %% claims=true
assert np.array_equal(in_patches, evaluate(graph, pictures))
assert patched.peak_bytes < patched.whole_peak_bytes and patched.extra_macs > 0

# %% [markdown]
# ## What have you learned?
#
# A letter for each question. The check says what is wrong with a wrong choice.
#
# **1.** Early exits save half of the mean work. A device that must answer every picture within 300
# ms
#
# - a) gains nothing for its deadline
# - b) must not use them
# - c) can now use a chip of half the speed
#
# **2.** Dividing the logits by a temperature changes
#
# - a) the answers
# - b) how sure the answers say they are
# - c) the accuracy
#
# **3.** The best cut for a split network moves towards the device's end if
#
# - a) the server becomes faster
# - b) packets get lost
# - c) the radio becomes cheaper
#
# **4.** The rate of a pipeline is set by
#
# - a) the sum of all stages
# - b) the first stage
# - c) the slowest stage, the link included

# %% exercise="questions_vww_energy"
def questions_vww_energy():
    """The letters of your choices in order, "-" for an open one.

    Returns a str of 4 letters. Example: "----" leaves all open.
    """
    # solution
    return "abbc"
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Look again at *Choose, then measure* (1); *Is it as sure as it says?* (2); *Or let somebody else
# do the rest* (3); *Two chips in a row* (4).
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("questions_vww_energy", questions_vww_energy)

# %% [markdown]
# ## Keep it
#
# The last row of this application's ledger: your network in int8 with its exits, on average over the test
# pictures. Its energy is that of a whole look: camera, waiting, network and regulator.

# %%
times = [cost.latency(one, board) for one in workloads]
looks = [cost.device_budget(one, board, WATCHING) for one in workloads]
Ledger("visual_wake_words").record(
    stage="early exit",
    made_from=network.stage,
    accuracy=int8.accuracy,
    test_set="rendered test scenes",
    examples=len(test),
    weight_bytes=count(read_tflite(program)).weight_bytes,
    file_bytes=len(program),
    ram_bytes=plan(read_tflite(program), strategy="greedy_by_size").arena_bytes,
    macs=round(int8.mean_macs),
    latency_ms=int8.mean_of([one.latency_ms for one in times]),
    energy_uJ=int8.mean_of([one.look_uJ for one in looks]),
    board=board,
    kind="modelled",
)

# %% [markdown]
# ## Decide
#
# Whoever builds a device has to sign for it. Write down what you decide, half a page in all, with a figure of
# the ledger in each part. The record is bound to the rows that it rests on: if one of them changes, it says so.
# Run the cell again when you have written, and hand the notebook in with it.

# %%
Decision(
    "visual_wake_words",
    rests_on=["early exit"],
    choice="",
    rejected="",
    binding_limit="",
    residual_risk="",
)

# %% [markdown]
# A mean hides something: a device that must answer within a fixed time has to plan for the pictures that
# go to the end. Early exits save energy; they do not shorten the worst case.
#
# You have carried one network from rendered scenes to a battery. Next: machines that get old, in
# `03_anomaly_detection`.
#
# **References**
#
# - Teerapittayanon et al. 2016, *BranchyNet: Fast Inference via Early Exiting from Deep Neural Networks*
# - Guo et al. 2017, *On Calibration of Modern Neural Networks*
# - Kang et al. 2017, *Neurosurgeon: Collaborative Intelligence Between the Cloud and Mobile Edge*
# - Lin et al. 2021, *MCUNetV2: Memory-Efficient Patch-based Inference for Tiny Deep Learning*
# - Shi et al. 2016, *Edge Computing: Vision and Challenges*
# - Zhu et al. 2020, *Toward an Intelligent Edge: Wireless Communication Meets Machine Learning*
