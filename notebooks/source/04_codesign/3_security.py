# %% [markdown]
# # Co-design 3: security
#
# In this class you attack your own keyword spotter: at its input, in its flash and by its answers. You measure
# what compression changed, and what a defence costs.
#
# **You will be able to**
#
# - turn a model's answers with changes smaller than one step of its input, and count the successes honestly;
# - tell a model that is robust from one that only hides its gradient;
# - say which bits in flash matter, and what protecting them costs;
# - refuse a forged update and an old one, and say what a signature does not protect;
# - say what a model's answers give away, to a thief and about its training set.
#
# Time: two classes (45 minutes each); a line marks where the first one stops. The whole notebook runs in under a
# minute on two processor cores.

# %%
import numpy as np
import pandas as pd
from IPython.display import Audio, display

from tinylab.compress.quantization.quantize import sqnr_dB
from tinylab.course import Ledger, check
from tinylab.data import speech
from tinylab.deploy import litert
from tinylab.explore.codesign.faults import faults_explorer
from tinylab.explore.codesign.theft import theft_explorer
from tinylab.explore.codesign.transfer import transfer_explorer
from tinylab.explore.widget.predict import TIE, Prediction
from tinylab.models import checkpoints
from tinylab.scoring.intervals import share_interval
from tinylab.scoring.verdicts import compare
from tinylab.security.bit_flips import flipped, random_flips, weight_table
from tinylab.security.chosen_flips import choose_flips
from tinylab.security.firmware.device import Device, models_in
from tinylab.security.firmware.signing import SigningKey
from tinylab.security.inputs import fgsm, loss_gradient, pgd, random_signs
from tinylab.security.masking import attack_by_queries, zero_differences
from tinylab.security.protection import PROTECTIONS
from tinylab.security.results import bundled_results, intervals_by, over_seeds
from tinylab.security.study import LSB, Target, answered_rightly
from tinylab.security.waveform import pgd_waveforms, waveform_gradient
from tinylab.signal.device_input import (
    INPUT_HIGH,
    INPUT_LOW,
    INPUT_SCALE,
    as_the_device_sees_it,
    stored_features,
)
from tinylab.signal.mfcc import mfcc

# %% [markdown]
# ## The smallest step
#
# Your model hears 490 features. Its device stores each as an int8 number, so a feature has 256 values, and the
# distance between two is one **least significant bit** (LSB). Here are test clips as the device sees them.

# %%
checkpoint = checkpoints.load("keyword_spotting", "train")
print(checkpoint)
clips = speech.load("test", per_class=13, seed=7)
x = as_the_device_sees_it(mfcc(clips.waveforms))[..., np.newaxis]
y = clips.labels
# What repeats is the voice; a clip of silence has none and stands for itself.
voices = np.where(clips.voices == "", np.arange(len(y)).astype(str), clips.voices)
training = speech.load("train", per_class=10, seed=8)
known = as_the_device_sees_it(mfcc(training.waveforms))[..., np.newaxis]
calibration = known.copy()
# Both ends of the device's input occur: the program's steps are the device's.
calibration[0, :2, 0, 0] = INPUT_LOW, INPUT_HIGH
program = litert.LiteRTModel(litert.convert(checkpoint.model, "int8", calibration))
target = Target("your model", checkpoint.model, program)
print(f"{len(y)} clips: float {np.mean(target.answers(x, False) == y):.1%}, int8", end=" ")
print(f"{np.mean(target.answers(x, True) == y):.1%} right")

# %% claims=true
assert np.array_equal(program.quantize_input(x), stored_features(x))

# %%
guess = Prediction(
    "Every feature may move by so much at most. What is enough to turn half of the answers?",
    choices={
        "0.5 LSB": "",
        "2 LSB": "So much is needed only by chance, or by a clumsy attack.",
        "8 LSB": "At that strength random noise alone does it.",
        "32 LSB": "That is an eighth of the whole range; you would hear it.",
    },
)
guess

# %% [markdown]
# An attacker who has the model asks it for help: in which direction does the loss rise? That is the **gradient**
# by the input. The *fast gradient sign method* (FGSM; Goodfellow et al. 2015) takes one step along its sign. All
# features move by the same amount, and none may leave the range of the input.


# %% exercise="fgsm_step"
def fgsm_step(x, gradient, epsilon, low, high):
    """One step against the model.

    x, gradient : float arrays of one shape; epsilon : float, the largest change
    low, high : floats, the range of the input
    Returns a float array of that shape.
    Example: fgsm_step(np.array([0., 7.]), np.array([-3., 0.1]), 2.0, -8.0, 8.0) is [-2., 8.].
    Write it yourself: the workbook's fgsm may not be called.
    """
    # solution
    return np.clip(x + epsilon * np.sign(gradient), low, high)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `np.sign` is -1, 0 or 1. Clip at the end.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("fgsm_step", fgsm_step)

# %% [markdown]
# One long step may overshoot. *Projected gradient descent* (PGD; Madry et al. 2018) takes several short ones from
# a random start, and after each returns to the allowed distance from the clean input.


# %% exercise="pgd_step"
def pgd_step(x, clean, gradient, step, epsilon):
    """One of many steps: along the sign, then back to within epsilon of the clean input.

    x, clean, gradient : float arrays of one shape; step, epsilon : floats
    Returns a float array of that shape.
    Example: pgd_step(np.array([1.5]), np.array([0.]), np.array([4.]), 1.0, 2.0) is [2.].
    Write it yourself: the workbook's pgd may not be called.
    """
    # solution
    return np.clip(x + step * np.sign(gradient), clean - epsilon, clean + epsilon)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# The allowed box lies around the clean input, wherever x is by now.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("pgd_step", pgd_step)

# %% [markdown]
# How do you count? An answer that was wrong before is no success of the attack.


# %% exercise="success_rate"
def success_rate(before, after, labels):
    """Share of right answers that the attack turned wrong.

    before, after, labels : int arrays (n,)
    Returns a float in 0..1. Raises ValueError if no answer was right before.
    Example: for before [1, 2], after [3, 3] and labels [1, 3] it is 1.0.
    Write it yourself: the workbook's count_fooled may not be called.
    """
    # solution
    right = before == labels
    if not right.any():
        raise ValueError("no answer was right before the attack")
    return float((after[right] != labels[right]).mean())
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Choose the examples that were right first, then look at these alone.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("success_rate", success_rate)

# %% [markdown]
# Now all three: noise of the same size as a control, FGSM, and PGD with ten steps. Only clips count that the float
# model and its int8 program both answered correctly.

# %%
gradient = loss_gradient(checkpoint.model)
right = answered_rightly(target, x, y)
turned = {}
for lsb in LSB:
    epsilon = lsb * INPUT_SCALE
    attacked = {
        "random": random_signs(x, epsilon),
        "fgsm": fgsm(gradient, x, y, epsilon),
        "pgd": pgd(gradient, x, y, epsilon),
    }
    for name, moved in attacked.items():
        for form in ("float", "int8"):
            answers = target.answers(moved, int8=form == "int8")
            turned[name, lsb, form] = (answers != y)[right]

fooled = {key: share_interval(one, voices[right]) for key, one in turned.items()}
table = pd.DataFrame(
    {
        "LSB": lsb,
        "on": form,
        "attack": name,
        "fooled": f"{one.mean:.0%} ({one.low:.0%} to {one.high:.0%})",
    }
    for (name, lsb, form), one in fooled.items()
)
wide = table.pivot(index=["LSB", "on"], columns="attack", values="fooled")
display(wide[["random", "fgsm", "pgd"]])
print(f"{right.sum()} clips; the intervals count voices")
half = [lsb for lsb in LSB if fooled["pgd", lsb, "float"].mean >= 0.5]
guess.reveal(next(f"{lsb:g} LSB" for lsb in (0.5, 2.0) if lsb in half))

# %% claims=true
assert fooled["random", 1.0, "int8"].mean < 0.1 and fooled["pgd", 1.0, "int8"].mean > 0.9
assert all(fooled[name, 0.25, "int8"].mean == 0 for name in ("random", "fgsm", "pgd"))
assert fooled["pgd", 0.25, "float"].low > 0.1

# %% [markdown]
# Look at a quarter of an LSB. The float model is fooled by it; the int8 program **never**, for the device rounds the
# change away. Whoever saves an attacked picture with 8 bits makes the same observation. At half an LSB a feature
# that moves all the way is rounded to its neighbour, and the protection is gone.
#
# ## Is int8 safer?

# %%
guess = Prediction(
    "PGD of 1 LSB, made on the float model. Who is fooled more often?",
    choices={
        "the float model": "It was made for it; but the int8 program rounds almost nothing away.",
        "the int8 program": "It has less precision; that alone is not a weakness.",
    },
    tie=True,
)
guess

# %%
both = turned["pgd", 1.0, "float"], turned["pgd", 1.0, "int8"]
verdict = compare(*both, groups=voices[right], higher_is_better=False)
print(verdict.sentence("The float model", "the int8 program"))
names = {"better": "the int8 program", "worse": "the float model", "tie": TIE}
guess.reveal(names[verdict.outcome])

# %% claims=true
assert verdict.outcome == "tie"

# %% [markdown]
# What about the other ways to make a model small? To train and attack them all takes hours, so it was done beforehand
# (`tinylab train security`). Each model below was made from the bundled one with three seeds:
# tuned as long as the others (the control), pruned by half, its kernels reduced to 16 shared values, or distilled
# into a smaller network. Attacks were made on every model, and given to every model. They do not answer equally
# well without an attack, as the table says; so only clips count that all of them answer correctly.

# %%
results = bundled_results()
wrong = intervals_by(results.attack(attack="none"), ("model", "int8"), "share")
pd.DataFrame(
    {
        "model": name,
        "clean accuracy": f"{1 - wrong[name, False].mean:.1%}",
        "int8": f"{1 - wrong[name, True].mean:.1%}",
    }
    for name in dict.fromkeys(name for name, _ in wrong)
)

# %%
guess = Prediction(
    "PGD of 0.5 LSB, made on the dense model, goes to a pruned and a tuned one. Which is safer?",
    choices={
        "the pruned one": "",
        "neither": "The pruned one's weights moved more: the dense model's gradient fits less.",
    },
)
guess

# %%
def fooled_shares(model, made_on):
    """Share of clips that PGD of 0.5 LSB turns in the float model, for each seed."""
    rows = results.attack(model=model, made_on=made_on, attack="pgd", lsb=0.5, int8=False)
    return [row.share for row in rows]


dense, tuned, pruned = "dense", "tuned", "pruned 50 %"
borrowed = compare(
    fooled_shares(pruned, dense), fooled_shares(tuned, dense), higher_is_better=False
)
own = compare(fooled_shares(pruned, pruned), fooled_shares(tuned, tuned), higher_is_better=False)
print("Made on the dense model:", borrowed.sentence("pruned", "tuned as long"))
print("Made on each itself:", own.sentence("pruned", "tuned as long"))
guess.reveal("the pruned one" if borrowed.outcome == "better" else "neither")

# %% [markdown]
# It *seems* safer, as long as the attacker has the wrong model. By its own gradient it is turned more often than the
# control. Compare the diagonal of the map with its other cells: which model is hardest to reach from outside,
# and does that help it?

# %%
transfer_explorer(results).behind(guess)

# %% claims=true
one_step = intervals_by(
    results.attack(attack="pgd", lsb=1.0, int8=True), ("model", "made_on"), "share"
)
for judged, made_on in one_step:
    if judged == made_on:
        assert one_step[judged, made_on].mean > 0.9
    elif judged == "distilled":
        assert one_step[judged, made_on].mean < 0.4
assert (borrowed.outcome, own.outcome) == ("better", "worse")

# %% [markdown]
# The distilled network is hardest to reach: it is another network, and what turns the others turns it seldom. But at
# 1 LSB each of them falls to its own gradient, in nine clips of ten or more. Compression moves a model away from the
# attacks on another one; it does not make it robust.
#
# ## A gradient that hides
#
# Nobody can take the gradient of an int8 program. One could move a feature by a step and see how the score
# changes: a *finite difference*.

# %%
guess = Prediction("How many of these differences are exactly zero?", unit="%")
guess

# %%
stored = stored_features(x)
some = np.flatnonzero(right)[:20]
zeros = {
    step: zero_differences(program.predict_quantized, stored[some], y[some], step)
    for step in (1, 4, 16)
}
for step, zero in zeros.items():
    print(f"a step of {step:2d} LSB: {zero:.0%} exactly zero")
guess.reveal(round(100 * zeros[1]))

# %% [markdown]
# The scores are integers, and a confident model's scores stand at their end. So the gradient is hidden
# (*masked*), and a tool that needs it reports a model that cannot be attacked. You broke it twice already: by the
# float model's gradient. It falls even to somebody who can only ask: change a stripe of features by chance, and
# keep the change if the right word's score does not rise.

# %%
few = np.flatnonzero(right)[:50]
asked = attack_by_queries(program.predict_quantized, stored[few], y[few], 2)
for queries, fooled in zip(asked.queries, asked.fooled):
    print(f"{queries:3d} queries: {fooled} of {asked.attackable} turned")

# %% claims=true
assert zeros[1] > 0.5 and asked.fooled[-1] > 3 * asked.fooled[0]

# %% [markdown]
# ## What a listener hears
#
# Features are not sound. But the front end is made of smooth functions, so the gradient passes through it, down to
# the samples. A 16-bit sample has 65,536 values; let each move by a few of them.

# %%
guess = Prediction(
    "Each sample may move by 16 of 32,768. How many answers of the int8 program turn?", unit="%"
)
guess

# %%
heard = np.flatnonzero(right)[:60]
sound_gradient = waveform_gradient(checkpoint.model)
waveforms, rng = clips.waveforms[heard], np.random.default_rng(0)


def turned_share(sounds):
    """Share of answers of the int8 program that are wrong now."""
    return float((program.predict(mfcc(sounds)[..., np.newaxis]).argmax(axis=1) != y[heard]).mean())


turned = {}
for reach in (4, 16, 64):
    made = pgd_waveforms(sound_gradient, waveforms, y[heard], reach)
    noise = rng.choice(np.array([-reach, reach]), waveforms.shape)
    control = np.clip(waveforms + noise, -32768, 32767).astype(np.int16)
    level = np.median([sqnr_dB(*pair) for pair in zip(waveforms, made)])
    turned[reach] = turned_share(made)
    print(f"by {reach:2d}: {turned[reach]:4.0%} turned,", end=" ")
    print(f"noise of that size {turned_share(control):4.0%}; {level:.0f} dB below the sound")
    if reach == 16:
        example = made
guess.reveal(round(100 * turned[16]))

# %%
answers = program.predict(mfcc(example)[..., np.newaxis]).argmax(axis=1)
one = int(np.flatnonzero(answers != y[heard])[0])
said, answer = speech.LABELS[y[heard][one]], speech.LABELS[answers[one]]
print(f"said: {said}; with the change the device hears: {answer}")
display(*(Audio(sounds[one], rate=speech.SAMPLE_RATE) for sounds in (waveforms, example)))

# %% [markdown]
# Play both. This change was made for a file. Through a loudspeaker, a room and a microphone it would not arrive as
# it was made, and nothing here says what would.
#
# ---
#
# *The first class stops here.* The second one leaves the input: flash, updates, answers.
#
# ## Bits in flash
#
# The weights lie in flash, and bits change: by radiation and age, or because somebody makes them (by voltage
# glitches, or by writing). A weight is an int8 number in **two's complement**: bit 7 is worth -128, the others
# 64, 32, 16, ... 1.


# %% exercise="flip_bit"
def flip_bit(weight, bit):
    """A stored weight after one of its bits changed.

    weight : int in -128..127; bit : int in 0..7
    Returns an int in -128..127. Example: flip_bit(5, 1) is 7, and flip_bit(5, 7) is -123.
    Write it yourself: the workbook's flipped may not be called.
    """
    # solution
    stored = (weight % 256) ^ (1 << bit)
    return stored - 256 if stored > 127 else stored
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `weight % 256` is the byte as a number from 0 to 255, `1 << bit` has that bit alone, and `^` flips.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("flip_bit", flip_bit)

# %%
weights = weight_table(program.content)
print(f"{len(weights):,} weights, {8 * len(weights):,} bits")


def accuracy(content):
    """Of an int8 program on the clips above."""
    return float((litert.LiteRTModel(content).predict_quantized(stored).argmax(axis=1) == y).mean())


guess = Prediction(
    "64 of these bits flip by chance. How many clips are still right, on average?", unit="%"
)
guess

# %%
drawn = {}
for count in (16, 64, 256, 1024):
    flips = [random_flips(len(weights), count, seed=seed) for seed in range(4)]
    left = [accuracy(weights.program(flipped(weights.values, some))) for some in flips]
    drawn[count] = float(np.mean(left))
    print(f"{count:5d} flips: {drawn[count]:.1%} on average, {min(left):.1%} at worst")
guess.reveal(round(100 * drawn[64], 1))

# %% [markdown]
# Networks forgive chance. An attacker does not leave it to chance. To first order a flip raises the loss by
# **gradient times change**; so try all bits of all weights on paper, and flip the best.


# %% exercise="most_damaging_flip"
def most_damaging_flip(weights, gradient):
    """The bit whose flip raises the loss most, to first order.

    weights : int8 array (n,); gradient : float array (n,), of the loss by each stored value
    Returns the index of the weight and the bit, two ints.
    Example: for weights [3, 5] and gradient [2., 0.1] it is (0, 6): 67 instead of 3.
    Write it yourself: the workbook's most_damaging may not be called.
    """
    # solution
    best = (-np.inf, 0, 0)
    for bit in range(8):
        other = (weights.view(np.uint8) ^ np.uint8(1 << bit)).view(np.int8)
        gain = gradient * (other.astype(float) - weights.astype(float))
        best = max(best, (float(gain.max()), int(gain.argmax()), bit))
    return best[1], best[2]
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `weights.view(np.uint8)` shows the same bytes as numbers from 0 to 255. Change int8 to float before you subtract.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("most_damaging_flip", most_damaging_flip)

# %%
guess = Prediction("How many chosen bits bring the accuracy below 30 %?", unit="bits")
guess

# %%
chosen = choose_flips(weights, known[:64], training.labels[:64], accuracy, count=12, stop_below=0.3)
for number, (flip, left) in enumerate(zip(chosen.flips, chosen.accuracy), 1):
    kind = weights.graph.ops[weights.operators[weights.layer_of(flip.weight)]].kind
    print(f"{number:2d}. bit {flip.bit} of a weight of {kind}: {left:.1%}")
guess.reveal(len(chosen.flips))

# %% claims=true
assert chosen.accuracy[-1] < 0.3 and len(chosen.flips) <= 8 and drawn[64] > 0.85

# %% [markdown]
# Which bits were they? Then you know what to protect. Keep the top bit of every weight three times, and let the
# majority decide.


# %% exercise="vote_top_bit"
def vote_top_bit(stored, copies):
    """Weights whose top bit is what two of three say.

    stored : uint8 array (n,), the weights' bytes
    copies : uint8 array (n, 2) of 0 and 1, both copies of bit 7
    Returns a uint8 array (n,); the other bits stay.
    Example: vote_top_bit(np.array([5], np.uint8), np.array([[1, 1]], np.uint8)) is [133].
    """
    # solution
    votes = (stored >> np.uint8(7)) + copies.sum(axis=1, dtype=np.uint8)
    top = (votes >= 2).astype(np.uint8)
    return (stored & np.uint8(127)) | (top << np.uint8(7))
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Add the three bits. `stored & 127` clears the top bit, `| 128` sets it.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("vote_top_bit", vote_top_bit)

# %% [markdown]
# Here are six protections. Two fail, and it is worth finding out why: *clipping* to the layer's range, and a parity
# bit over all eight bits.

# %%
guess = Prediction(
    "After 1,024 random flips: which saves more, a parity bit over all eight bits or over one?",
    choices={
        "all eight bits": "It finds more, but zeroes weights whose lowest, harmless bit changed.",
        "the top bit alone": "",
    },
    tie=True,
)
guess

# %%
parity = compare(
    *(
        [row.accuracy for row in results.protection(protection=name, flips=1024, chosen=False)]
        for name in ("parity of the top bit, zero", "parity of all eight bits, zero")
    )
)
print(parity.sentence("Parity of the top bit", "parity of all eight"))
guess.reveal({"better": "the top bit alone", "worse": "all eight bits", "tie": TIE}[parity.outcome])

# %% [markdown]
# Now let an attacker flip them who knows the protection, and flips the bits beside those that it covers, or a bit
# together with its copy. What is the protection worth then?

# %%
overheads = {name: one.overhead for name, one in PROTECTIONS.items()}
faults_explorer(results, overheads).behind(guess)

# %% [markdown]
# Against chance the top two bits three times are worth their half of a byte: after 1,024 flips the accuracy is what it
# was. *Clipping* does nothing at all. Each output channel has a scale of its own, so that its largest weight is 127 or
# nearly, and whatever a flip makes of a weight is in range, too. *Parity of all eight bits* throws away good weights.
#
# Against choice none of them holds. An attacker who knows the protection flips a bit together with the copy that would
# give it away: two flips for one. So a protection at most doubles the price. What it would take is a signature
# over the weights, checked before they are used.

# %% claims=true
left = {
    key: one.mean
    for key, one in intervals_by(
        results.protections, ("protection", "chosen", "flips"), "accuracy"
    ).items()
}
bare, best = "nothing", "top two bits three times"
assert left[best, False, 1024] > left[bare, False, 16] - 0.02
assert left[bare, False, 1024] < left[best, False, 1024] - 0.2
assert all(
    left["clip to the layer's range", chosen, flips] == left[bare, chosen, flips]
    for name, chosen, flips in left
    if name == bare
)
every = "parity of all eight bits, zero"
assert left[every, False, 1024] < left["parity of the top bit, zero", False, 1024] - 0.1
for name in PROTECTIONS:
    assert left[name, True, 8] <= left[bare, True, 4] + 0.1 < 0.4

# %% [markdown]
# ## Who may write the flash?
#
# Flips need access to the flash, and the widest access is the *update*. So a device takes signed images only: a
# boot loader checks that the maker signed, and that nothing changed since. It should hold no secret, for flash can
# be read. Here such a boot loader, written in C, runs on the emulated Cortex-M4. Its signatures are made of hashes
# alone (the principle of RFC 8554); it knows 32 bytes, the maker's *public* key.

# %%
maker, stranger = SigningKey(bytes(range(32))), SigningKey(bytes(32))
device = Device(maker.root, slot_bytes=2**17)
first, second = (maker.signed(program.content, version, key=version) for version in (1, 2))
print(f"an image is {len(first):,} bytes, {len(first) - len(program.content):,} of them signature")
changed = bytearray(second)
changed[-1000] ^= 1
attempts = {
    "version 1": first,
    "version 2": second,
    "version 2, one bit changed": bytes(changed),
    "version 3 by a stranger": stranger.signed(program.content, 3, key=0),
}
for name, image in attempts.items():
    device.update(image, 0)
    print(f"{name:<28} {device.boot().verdicts[0]}")

# %%
guess = Prediction(
    "Version 2 repaired a weakness. Version 1 comes again, as the maker signed it. The device ...",
    choices={
        "runs it": "Its signature is right; but the device remembers what ran before.",
        "refuses it": "",
    },
)
guess

# %%
device.update(second, 0)
device.boot()
device.update(first, 0)
again = device.boot().verdicts[0]
print(again)
guess.reveal("runs it" if again == "valid" else "refuses it")

# %% claims=true
assert again == "older than what ran before"

# %% [markdown]
# That is a **rollback**, and a counter that only rises forbids it. Now take the model out of such a device, through
# its debug port.

# %%
device.update(second, 0)
flash = device.read_out()
taken = litert.LiteRTModel(models_in(flash)[0][: len(program.content)])
same = np.array_equal(taken.predict_quantized(stored[:50]), program.predict_quantized(stored[:50]))
print(f"the model from the read-out answers like yours: {same}")
print(f"the maker's secret is in the flash: {maker.secret in flash}")
device.locked = True
try:
    device.read_out()
except PermissionError as error:
    print(error)

# %% claims=true
assert same and maker.secret not in flash

# %% [markdown]
# A signature keeps strangers from *writing*. It keeps nobody from *reading*: that takes a locked port (here
# modelled; a chip has it in hardware, and some locks were broken), or encryption. And who cannot read can ask.
#
# ## A thief who asks
#
# Who may only ask can still take the model along: send sounds, write down the answers, and train a copy on them
# (Tramèr et al. 2016). With the copy one has a gradient, too.

# %%
guess = Prediction(
    "After 240 queries: which copy agrees more with the victim, given scores or given labels?",
    choices=["scores", "labels"],
    tie=True,
)
guess

# %%
given = compare(
    *(
        [row.agreement for row in results.theft(queries=240, answers=kind)]
        for kind in ("scores", "labels")
    )
)
print(given.sentence("A copy from scores", "a copy from labels"))
led = over_seeds(results.theft(queries=960, answers="scores"), "transferred")
noise = over_seeds(results.thefts, "by_noise")
print(f"2 LSB by the gradient of a copy (960 queries) turn {led.mean:.0%}, noise {noise.mean:.0%}")
guess.reveal({"better": "scores", "worse": "labels", "tie": TIE}[given.outcome])

# %%
theft_explorer(results).behind(guess)

# %% claims=true
copies = intervals_by(results.thefts, ("queries", "answers"), "agreement")
assert copies[960, "scores"].low > copies[60, "scores"].high
assert 0.3 < copies[960, "scores"].mean < 0.5
assert led.low > noise.high and led.mean > 1.5 * noise.mean

# %% [markdown]
# With 960 answers this thief's copy agrees with the victim on some four clips of ten. That is a poor copy; yet its
# gradient turns more of the victim's answers than noise of the same 2 LSB does. Another thief, with more patience and a
# better network, gets further. So count queries, and limit them; to hide the scores is not enough.
#
# ## Who was in the training set?
#
# A model is surer of what it has seen. So confidence says whether a recording belonged to the training set:
# *membership inference* (Yeom et al. 2018). An AUC of 0.5 is chance. This network learned 240 clips by heart; the
# others are 240 more by the same voices.

# %%
guess = Prediction(
    "The overfitted network becomes int8. What does it give away then?",
    choices=["less", "more"],
    tie=True,
)
guess

# %%
fields = ("auc", "member_accuracy", "other_accuracy")
members = {field: intervals_by(results.members, ("model",), field) for field in fields}
table = pd.DataFrame(
    {
        "model": name,
        "AUC": f"{auc.mean:.2f} ({auc.low:.2f} to {auc.high:.2f}, {auc.repeats} seeds)",
        "right of its members": f"{members['member_accuracy'][name,].mean:.0%}",
        "of others": f"{members['other_accuracy'][name,].mean:.0%}",
    }
    for (name,), auc in members["auc"].items()
)
display(table)
auc_of = {
    name: [row.auc for row in results.member(model=name)]
    for name in ("overfitted", "overfitted, int8")
}
rounded = compare(auc_of["overfitted, int8"], auc_of["overfitted"])
print(rounded.sentence("int8", "float", unit="hundredths of AUC"))
guess.reveal({"better": "more", "worse": "less", "tie": TIE}[rounded.outcome])

# %% claims=true
found = {name: one for (name,), one in members["auc"].items()}
assert rounded.outcome == "tie" and found["overfitted"].low > 0.7
kept = members["member_accuracy"]
assert kept["overfitted, 16 shared values",].mean < kept["overfitted",].mean - 0.05

# %% [markdown]
# Rounding does not make it forget. Sharing values seems to; but look at its accuracy: it lost what it knew, not only
# whom it knew. What gives members away is the gap between the last two columns (Yeom et al. 2018), so that what makes
# a model generalize protects them, too: more voices, augmentation, early stopping.
#
# ## A defence and its price
#
# *Adversarial training* attacks the model in every batch, and trains on that. Here is the bundled model after three
# epochs of it, under PGD by its own gradient; 0 LSB is the control, trained as long on clean clips.

# %%
guess = Prediction(
    "Trained on attacks of 1 LSB: how many answers are right under PGD of 0.5 LSB?", unit="%"
)
guess

# %%
fields = ("trained_lsb", "attacked_lsb")
found = intervals_by(results.defence(int8=False), fields, "accuracy")
defended = pd.DataFrame(
    {
        "trained with": f"{trained:g} LSB",
        "attacked with": f"{attacked_with:g} LSB",
        "right": f"{one.mean:.0%} ({max(0, one.low):.0%} to {min(1, one.high):.0%})",
    }
    for (trained, attacked_with), one in found.items()
)
display(defended.pivot(index="attacked with", columns="trained with", values="right"))
clean = compare(
    *(
        [row.accuracy for row in results.defence(trained_lsb=lsb, attacked_lsb=0.0, int8=False)]
        for lsb in (1.0, 0.0)
    )
)
print("Without an attack:", clean.sentence("trained with 1 LSB", "the control"))
guess.reveal(round(100 * found[1.0, 0.5].mean))

# %% claims=true
assert found[1.0, 0.5].low > found[0.0, 0.5].high
assert abs(clean.difference) < 0.05 and found[1.0, 1.0].mean < 0.3
assert found[1.0, 2.0].mean < 0.05 and found[2.0, 2.0].mean < 0.05

# %% [markdown]
# It helps against small changes, and at 2 LSB it is over, even for a model that was trained with those. The price is
# work: a gradient by the input in every batch is as much again as the batch itself. What it takes from the clean
# accuracy is too little for three seeds to say. And an attack on the sound, on the flash or by a copy was not in the
# training at all: say against *whom* you defend before you pay.
#
# ## What have you learned?
#
# A letter for each question. The check says what is wrong with a wrong choice.
#
# **1.** An attack turns 60 % of the answers. Before you call that a weakness, you also measure
#
# - a) random noise of the same size
# - b) a larger epsilon
# - c) the accuracy on the training set
#
# **2.** All finite differences of an int8 program are zero. So
#
# - a) it cannot be attacked
# - b) its gradient is hidden, and attacks made elsewhere may still turn it
# - c) its weights are zero, too
#
# **3.** A pruned model is fooled less often by attacks that were made on the dense one. That says
#
# - a) pruning makes models robust
# - b) little about an attacker who has the pruned model
# - c) that the attack was too small
#
# **4.** A device takes signed images only, and its debug port is open. A stranger can
#
# - a) install a model of her own
# - b) neither read nor write
# - c) take the model along

# %% exercise="questions_security"
def questions_security():
    """The letters of your choices in order, "-" for an open one.

    Returns a str of 4 letters. Example: "----" leaves all open.
    """
    # solution
    return "abbc"
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Look again at *The smallest step* (1); *A gradient that hides* (2); *Is int8 safer?* (3); *Who may write the
# flash?* (4).
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("questions_security", questions_security)

# %% [markdown]
# ## Keep it
#
# The ledger gets what your int8 program reaches under attack. It stands for itself: clean accuracies are another
# quantity.

# %%
under_attack = float((target.answers(pgd(gradient, x, y, 0.5 * INPUT_SCALE), True) == y).mean())
Ledger("keyword_spotting").record(
    stage="attacked, 0.5 LSB",
    made_from="train",
    accuracy=under_attack,
    quantity="under PGD of 0.5 LSB",
    test_set="test clips, 13 a class",
    examples=len(y),
    file_bytes=len(program.content),
)

# %% [markdown]
# **Next:** `4_heartbeat`, the open challenge. Nothing is given there but the data, the budget and the checks.
#
# **References**
#
# - Goodfellow, Shlens and Szegedy 2015, *Explaining and Harnessing Adversarial Examples*
# - Madry et al. 2018, *Towards Deep Learning Models Resistant to Adversarial Attacks*
# - Andriushchenko et al. 2020, *Square Attack*
# - Rakin, He and Fan 2019, *Bit-Flip Attack: Crushing Neural Network with Progressive Bit Search*
# - Tramèr et al. 2016, *Stealing Machine Learning Models via Prediction APIs*
# - Yeom et al. 2018, *Privacy Risk in Machine Learning: Analyzing the Connection to Overfitting*
