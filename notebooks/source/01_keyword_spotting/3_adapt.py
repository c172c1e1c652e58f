# %% [markdown]
# # Keyword spotting 3: adapt
#
# In this class your model learns a new word from a handful of examples, first on your computer and
# then inside a file that trains itself, and you find out what learning costs in memory.
#
# **You will be able to**
#
# - derive the gradient of the last layer, and check it;
# - add a word to a trained model, and measure what the old ones lose;
# - count the memory of a training step, and say which part is the largest;
# - train a `.tflite` file where it runs, and carry what it learned to another device.
#
# Time: one class (60 minutes). The whole notebook runs in under a minute on two processor cores.

# %%
import numpy as np
from IPython.display import Audio, display

from tinylab import data, paths
from tinylab.adapt.fine_tuning.memory import memory_cost
from tinylab.adapt.fine_tuning.new_class import add_class
from tinylab.adapt.fine_tuning.study import ScopeStudySettings, finetune, measure_scopes
from tinylab.adapt.on_device import program as on_device
from tinylab.course import Ledger, check
from tinylab.data import speech
from tinylab.deploy import litert
from tinylab.explore.adapt.fine_tuning import finetune_explorer
from tinylab.explore.live.devices import Microphone
from tinylab.explore.widget.predict import Prediction
from tinylab.graph import count, read_tflite
from tinylab.models import checkpoints
from tinylab.scoring import classification as metrics
from tinylab.signal.mfcc import mfcc

# %% [markdown]
# **Whose data?** Leave the next cell as it is for the built-in set. For your recordings of words put
# the path of a folder in place of `None` (`path/WORD/NAME_1.wav`, a folder for each word), here and
# in the other notebooks of this application; nothing else has to change.

# %%
data.use("keyword_spotting", None)

# %% [markdown]
# ## A word the model has never heard
#
# The device leaves the factory knowing ten words. Its owner wants an eleventh. The owner has few
# recordings, and they never leave the device: that is why it learns there.

# %%
NEW_WORD = next(word for word in ("computer", "door", "hello") if word not in speech.names())
checkpoint = checkpoints.load("keyword_spotting", "train")
model = checkpoint.model
print(checkpoint)

owner = speech.load_words([NEW_WORD], "train", 20, seed=0)
x_new = mfcc(owner.waveforms)[..., np.newaxis]
answers = model.predict(x_new, verbose=0).argmax(axis=1)
names, counts = np.unique(np.array(speech.names())[answers], return_counts=True)
taken_for = ", ".join(f"{name} {n} times" for name, n in zip(names, counts))
print(f"“{NEW_WORD}” said 20 times is taken for: {taken_for}")
display(Audio(owner.waveforms[0], rate=speech.SAMPLE_RATE))

# %% claims=true
assert dict(zip(names, counts)).get("unknown", 0) >= 10, "mostly unknown, which is right"

# %% [markdown]
# *Unknown* is a right answer so far: any other word should be unknown. Now make the word known.
#
# ## Imprint it
#
# The model's last layer compares 64 features with one row of weights for each answer, and the row
# that points most nearly the same way wins. So you can add a new word without any training: let its
# row point where its examples point. Each example's features are divided by their length first, so
# that loud clips do not count more; the mean of those is divided by its length in turn (Qi et al.
# 2018, *Low-Shot Learning with Imprinted Weights*).

# %% exercise="imprint"
def imprint(features):
    """Direction of a new class: the mean of the unit features, of length one.

    features : float array (examples, size), no row is zero
    Returns a float array (size,). Example: imprint(np.array([[3., 0.], [0., 2.]])) is about
    [0.707, 0.707].
    """
    # solution
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    mean = unit.mean(axis=0)
    return mean / np.linalg.norm(mean)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `np.linalg.norm` with `axis=1` and `keepdims=True` gives the length of each row, ready to divide
# by. The mean of unit vectors is shorter than one: divide once more.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("imprint", imprint)

# %% [markdown]
# Two sets tell whether it worked. The *new* one holds the new word by voices that gave no example.
# The *old* one holds the twelve old answers: they must not get worse.

# %%
NEW_CLASS = len(speech.names())
others = speech.load_words([NEW_WORD], "test", 60, seed=1)
known = speech.load("test", per_class=20, seed=2)
new = (mfcc(others.waveforms)[..., np.newaxis], np.full(len(others), NEW_CLASS))
old = (mfcc(known.waveforms)[..., np.newaxis], known.labels)

wider = add_class(model, x_new)
before = metrics.report(old[1], model.predict(old[0], verbose=0))
for name, (x, y) in (("new word ", new), ("old words", old)):
    print(f"{name} after imprinting: {metrics.report(y, wider.predict(x, verbose=0))}")
print(f"old words before:          {before}")
widened = metrics.report(old[1], wider.predict(old[0], verbose=0))

# %% claims=true
assert widened.accuracy < before.accuracy, "imprinting alone costs the old words something"
assert metrics.accuracy(new[1], wider.predict(new[0], verbose=0)) > 0.5

# %% [markdown]
# The new word works at once, and the old ones have paid for it: a new row takes answers away from the others.
# Nothing is added to a model for nothing.
#
# ## Train it: where does the loss push?
#
# Imprinting only guesses. Training improves the guess step by step, against the gradient of the
# loss. For softmax and cross entropy that gradient is simple: with respect to the
# logits it is what the model said minus what it should have said, averaged over the examples.

# %% exercise="logits_gradient"
def logits_gradient(probabilities, one_hot):
    """Gradient of the mean cross entropy with respect to the logits.

    probabilities : float array (examples, classes), the softmax outputs
    one_hot : float array of the same shape, 1 for the right class, else 0
    Returns a float array of the same shape. Example: logits_gradient(np.array([[0.7, 0.3]]),
    np.array([[1., 0.]])) is [[-0.3, 0.3]].
    """
    # solution
    return (probabilities - one_hot) / len(one_hot)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# The loss is a mean over the examples, so each example's share is divided by their number.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("logits_gradient", logits_gradient)

# %% [markdown]
# The last layer computes `logits = features @ kernel + bias`. The chain rule does the rest: each
# weight's gradient is its input times the gradient of its output, added up over the examples.

# %% exercise="last_layer_gradients"
def last_layer_gradients(features, logits_gradient):
    """Gradients of the last layer's kernel and bias.

    features : float array (examples, size); logits_gradient : float array (examples, classes)
    Returns (kernel gradient of shape (size, classes), bias gradient of shape (classes,)).
    Example: for features [[2.]] and a gradient [[3.]] it is ([[6.]], [3.]).
    """
    # solution
    return features.T @ logits_gradient, logits_gradient.sum(axis=0)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# The kernel's gradient must have the kernel's shape. Which product of the two matrices has it? The
# bias is added to every example.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("last_layer_gradients", last_layer_gradients)

# %% [markdown]
# ## The memory cost
#
# Inference reads weights from flash and keeps two layers' activations in RAM. Training needs more:
# the weights that change, a gradient for each of them, what the optimizer remembers, and the
# **activations that the backward pass reads again**. A kernel's gradient needs the layer's input; a
# bias' gradient needs none.

# %% exercise="training_bytes"
def training_bytes(weights, trained, saved_per_example, batch_size, optimizer_slots):
    """RAM of one training step, everything in float32 (four bytes).

    weights : int, all weights of the model; trained : int, how many of them are trained
    saved_per_example : int, activations that the backward pass reads again, for one example
    batch_size : int; optimizer_slots : int, numbers kept for each trained weight (Adam: 2)
    Returns an int. Example: training_bytes(100, 10, 50, 2, 1) is 880.
    """
    # solution
    gradients, state = trained, optimizer_slots * trained
    return 4 * (weights + gradients + state + saved_per_example * batch_size)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Four parts: weights, gradients, optimizer state, saved activations. Which of them grow with the
# batch?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("training_bytes", training_bytes)

# %%
guess = Prediction(
    "Training all weights with a batch of 5 and Adam: how many kB of RAM does it take?", unit="kB"
)
guess

# %%
memory = memory_cost(wider, "all", batch_size=5, optimizer="adam")
print(f"weights     {memory.weight_bytes / 1000:8.1f} kB")
print(f"gradients   {memory.gradient_bytes / 1000:8.1f} kB")
print(f"optimizer   {memory.optimizer_state_bytes / 1000:8.1f} kB")
print(f"activations {memory.saved_activation_bytes / 1000:8.1f} kB")
guess.reveal(memory.total_bytes / 1000)

# %% claims=true
assert memory.saved_activation_bytes > memory.total_bytes / 2

# %% [markdown]
# The activations need more memory than the rest, and they grow with the batch. That is the observation of TinyTL
# (Cai et al. 2020): to save memory, save activations, not weights.
#
# ## How deep to go
#
# The last layer alone, all biases, the last blocks, everything: each with 5, 10 and 20 examples. The
# next cell measures all of them on your model; the explorer then only looks up.
#
# Which do you expect to learn the new word best? Which to forget the old ones?

# %%
labels = np.full(len(x_new), NEW_CLASS)
rehearsal = speech.load("validation", per_class=max(2, 24 // NEW_CLASS), seed=3)
settings = ScopeStudySettings(examples=(5, 10, 20), epochs=10)
results = measure_scopes(
    wider, x_new, labels, new=new, old=old, factory=model, settings=settings
)
finetune_explorer(results)

# %% [markdown]
# Only the new word was shown, so whatever may change learns to say it always. What the old words
# lose since the factory is called **forgetting**: in the figure, how far each square lies left of its
# dotted line. Some of it was lost before any training, when the new word's row was added.

# %% exercise="forgetting"
def forgetting(before, after):
    """Mean accuracy that the old words lost; negative if they gained.

    before, after : float arrays (words,), accuracy of each old word
    Returns a float. Example: forgetting(np.array([0.9, 0.8]), np.array([0.7, 0.9])) is 0.05.
    Write it yourself: forgetting.forgetting and forgetting.backward_transfer may not be called.
    """
    # solution
    return float(np.mean(before - after))
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Each word has its own loss; words that improved count as negative losses.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("forgetting", forgetting)

# %% [markdown]
# There is a simple remedy: **rehearsal**. Keep two clips of each old answer on the device, and mix
# them in with the new ones. How much of the loss comes back, and how much does not?

# %%
x_old = mfcc(rehearsal.waveforms)[..., np.newaxis]
outcomes = {}
mixed = (np.concatenate([x_new, x_old]), np.concatenate([labels, rehearsal.labels]))
for name, (x, y) in (("new word only ", (x_new, labels)), ("with rehearsal", mixed)):
    result = finetune(wider, x, y, new=new, old=old, factory=model, scope="last_layer")
    outcomes[name] = result
    print(f"{name}: new {result.accuracy_new:.1%}, old {result.accuracy_old:.1%}", end=" ")
    print(f"(forgotten {100 * result.forgetting:.1f} points)")

# %% claims=true
without, rehearsed = outcomes.values()
assert abs(without.forgetting - (before.accuracy - without.accuracy_old)) < 1e-6
assert rehearsed.accuracy_old > without.accuracy_old + 0.1
assert rehearsed.accuracy_old < before.accuracy, "part of the loss stays"

# %% [markdown]
# ## Your own word
#
# Choose a word, or your name, and record it **five times**. Then run the two cells below: three of the
# recordings teach the model, the other two test it. Without a microphone the built-in word is used.

# %%
def hear(clip, listener=model):
    scores = listener.predict_on_batch(mfcc(clip[np.newaxis])[..., np.newaxis])[0]
    best = int(scores.argmax())
    name = speech.names()[best] if best < NEW_CLASS else "the new word"
    return f"Heard: {name} ({scores[best]:.0%})."


enrolment = Microphone(hear, {NEW_WORD: owner.waveforms[0]}, title="Enrol your own word")
enrolment

# %%
own = len(enrolment.recorded) >= 5
whose = "your word" if own else f"“{NEW_WORD}”, as you recorded fewer than five"
clips = np.stack(enrolment.recorded[-5:] if own else owner.waveforms[:5])
x_mine, y_mine = mfcc(clips)[..., np.newaxis], np.full(5, NEW_CLASS)
mine = add_class(model, x_mine[:3])
learned = finetune(
    mine, x_mine[:3], y_mine[:3], new=(x_mine[3:], y_mine[3:]), old=old, factory=model
)
print(f"{whose}: {2 * learned.accuracy_new:.0f} of 2 right,", end=" ")
print(f"old words {learned.accuracy_old:.1%} (forgotten {100 * learned.forgetting:.1f} points)")

# %% [markdown]
# Two recordings are no test, only a trial: try the widened model yourself, with your word, with the old
# ones, and with another voice. Whose voice does it know?

# %%
Microphone(
    lambda clip: hear(clip, mine), {NEW_WORD: owner.waveforms[3]}, title="Try the widened model"
)

# %% [markdown]
# ## On the device itself
#
# So far Keras did the training. A device has no Keras, only the LiteRT runtime, which runs the
# operators written in a file. So the gradient you derived above is written into the file, as
# operators. It has four entry points, called **signatures**: `infer`, `train`, `read_weights` and
# `write_weights`. Only builtin operators are used, so every LiteRT can run it.

# %%
tflite = on_device.build(wider, batch_size=11, learning_rate=0.02)
device = on_device.OnDeviceModel(tflite)
print(f"{len(tflite) / 1000:.0f} kB, learns {device.weight_shapes}")

# %%
start = metrics.report(new[1], device.predict(new[0]))
losses = device.fit(*mixed, epochs=20)
done = metrics.report(new[1], device.predict(new[0]))
kept = metrics.report(old[1], device.predict(old[0]))
print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f};", end=" ")
print(f"new word {start.accuracy:.1%} -> {done.accuracy:.1%};", end=" ")
print(f"old words {before.accuracy:.1%} -> {kept.accuracy:.1%}")

# %% claims=true
assert done.accuracy > start.accuracy and kept.accuracy < before.accuracy
assert sum(int(np.prod(shape)) for shape in device.weight_shapes.values()) < 1000

# %% [markdown]
# What was learned is a few hundred numbers. They go into a small file; a second device that reads
# it gives the same answers to the last bit.

# %%
file = paths.work_dir() / f"{NEW_WORD}.npz"
device.save(file)
twin = on_device.OnDeviceModel(tflite)
twin.restore(file)
same = np.array_equal(twin.predict(new[0]), device.predict(new[0]))
print(f"{file.stat().st_size:,} bytes; the twin answers identically: {same}")

# %% claims=true
assert same

# %% [markdown]
# ## What have you learned?
#
# A letter for each question. The check says what is wrong with a wrong choice.
#
# **1.** Training all weights with a batch of 5. Which part can you shrink without training fewer
# weights?
#
# - a) the saved activations, by a smaller batch
# - b) the gradients, by another optimizer
# - c) the weights, by int8
#
# **2.** The new word's row cost the old words 4 points before any training. Does that count as
# forgotten?
#
# - a) no, because nothing was trained yet
# - b) only if they are not learned again
# - c) yes: what counts is what the device knew when it came from the factory
#
# **3.** Two clips of each old word, mixed into the training, bring most of it back because
#
# - a) the learning rate falls
# - b) the gradient then has something to say against calling everything the new word
# - c) two clips are enough to learn a word

# %% exercise="questions_kws_adapt"
def questions_kws_adapt():
    """The letters of your choices in order, "-" for an open one.

    Returns a str of 3 letters. Example: "---" leaves all open.
    """
    # solution
    return "acb"
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Look again at *The memory cost* (1); *How deep to go* (2); *How deep to go* (3).
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("questions_kws_adapt", questions_kws_adapt)

# %% [markdown]
# ## Keep it
#
# The adapted model goes on in two forms: as it is, for `5_federated`; and as an int8 program that knows the new
# word, for the device of `4_energy_latency`. Both are judged on the test clips of the first class, and on the
# new word.

# %%
weights = device.read_weights()
wider.layers[-1].set_weights([weights["kernel_0"], weights["bias_0"]])
typical = mfcc(speech.load("train", per_class=15).waveforms)[..., np.newaxis]
program = litert.convert(
    wider, "int8", representative_dataset=np.concatenate([typical, x_new])
)
test = speech.load("test", per_class=60)
runner = litert.LiteRTModel(program)
kept = metrics.report(test.labels, runner.predict(mfcc(test.waveforms)[..., np.newaxis]))
learned = metrics.report(new[1], runner.predict(new[0]))
print(f"in int8, old answers: {kept}")
print(f"in int8, new word:    {learned}")

# %%
figures = {"accuracy": kept.accuracy, "examples": len(test)}
figures["accuracy_of_the_new_word"] = learned.accuracy
figures["labels"] = [*speech.names(), NEW_WORD]
checkpoints.save(wider, "keyword_spotting", "adapt", metrics=figures)
checkpoints.save(program, "keyword_spotting", "deploy", metrics=figures)
footprint = count(read_tflite(program))
last_layer = memory_cost(wider, "last_layer", batch_size=11)
Ledger("keyword_spotting").record(
    stage="adapt",
    made_from="train",
    accuracy=kept.accuracy,
    test_set="test clips",
    examples=len(test),
    weight_bytes=footprint.weight_bytes,
    file_bytes=len(program),
    ram_bytes=last_layer.total_bytes,
    ram_of="training step",
    macs=footprint.macs,
)

# %% claims=true
assert learned.accuracy > 0.8 and kept.accuracy < before.accuracy

# %% [markdown]
# The accuracy in this row is that of the twelve old answers after learning the thirteenth; the RAM
# is that of a training step. **Next:** `4_energy_latency`: what all this costs on a battery, with the word
# that you taught.
#
# **References**
#
# - Qi, Brown and Lowe 2018, *Low-Shot Learning with Imprinted Weights*
# - Cai et al. 2020, *TinyTL: Reduce Memory, Not Parameters for Efficient On-Device Learning*
# - Xu et al. 2020, as cited by the review, on learning on phones and smaller devices
