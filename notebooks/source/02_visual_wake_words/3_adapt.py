# %% [markdown]
# # Visual wake words 3: adapt
#
# In this class your model meets cameras it has never seen through. You find out how much five pictures
# of each kind can teach it, and what learning costs in RAM.
#
# **You will be able to**
#
# - adapt without a label and without a gradient, and know what that is worth;
# - say what a few-shot task is, and measure a method over many tasks instead of one;
# - derive the gradient that MAML follows, and say what first-order MAML and Reptile leave out;
# - tell a real difference between two methods from a chance one;
# - count the RAM of training some weights only, and choose the best layers within a budget.
#
# Time: one class (60 minutes). The whole notebook runs in under a minute on two processor cores.

# %%
import itertools

import numpy as np
from IPython.display import display

from tinylab import data
from tinylab.adapt.batch_statistics import with_batch_statistics
from tinylab.adapt.few_shot import results as few_shot
from tinylab.adapt.few_shot.learner import Learner
from tinylab.adapt.few_shot.meta import MetaSettings, meta_train
from tinylab.adapt.few_shot.tasks import camera_pool
from tinylab.adapt.fine_tuning.memory import memory_cost
from tinylab.adapt.sparse_update import memory as sparse_memory
from tinylab.adapt.sparse_update import training as sparse_training
from tinylab.adapt.sparse_update.results import SparseUpdateResults
from tinylab.cache import read_results
from tinylab.course import Ledger, check
from tinylab.data import people
from tinylab.data.cameras import CAMERAS, LOW_LIGHT, photograph, random_camera
from tinylab.data.pixels import inputs
from tinylab.deploy import litert
from tinylab.explore.adapt.few_shot import few_shot_explorer
from tinylab.explore.adapt.sparse_update import sparse_update_explorer
from tinylab.explore.live.devices import Camera
from tinylab.explore.widget.pictures import show_pictures
from tinylab.explore.widget.predict import TIE, Prediction
from tinylab.graph import count, read_tflite
from tinylab.models import checkpoints
from tinylab.models.scores import scores_of
from tinylab.scoring import classification as metrics
from tinylab.scoring.verdicts import compare, rank

# %% [markdown]
# **Whose data?** Leave the next cell as it is for the built-in set. For your pictures of two kinds
# put the path of a folder in place of `None` (`path/LABEL/NAME_1.png`, a folder for each of two
# labels), here and in the other notebooks of this application; nothing else has to change.

# %%
data.use("visual_wake_words", None)

# %% [markdown]
# ## The same scene, another camera
#
# The factory trained the model on one kind of picture. Then somebody connects the board to a night
# camera, or to one with a fish-eye lens. The people are the same, the pictures are not.
#
# A camera here is a few numbers: how it mixes colours, bends lines, loses light and adds
# noise. So you can have as many as you like. From top to bottom: the factory's camera, infrared, wide
# angle, low light.
#
# The model here is the **bundled** one, not yours: what is compared below (starting points that practised long,
# plans of what to train) was made from it, and belongs to it.

# %%
scenes = people.load("test", limit=200, seed=1)
seen = {name: photograph(scenes.images, camera, seed=1) for name, camera in CAMERAS.items()}
rows = np.concatenate([images[:8] for images in seen.values()])
show_pictures(rows, 8, "Eight scenes; from top to bottom through these cameras: " + ", ".join(seen))

# %%
guess = Prediction(
    "Of 200 pictures in low light, how many percent does the factory's model get right?",
    unit="%",
)
guess

# %%
factory = checkpoints.load("visual_wake_words", "train", origin="reference").model
right = {}
for name, images in seen.items():
    report = metrics.report(scenes.labels, scores_of(factory, images))
    right[name] = report.accuracy
    print(f"{name:10} {report}")
guess.reveal(100 * right["low light"])

# %% claims=true
assert min(right, key=right.get) == "low light"
assert right["low light"] < right["standard"] - 0.1
assert right["low light"] < min(right["infrared"], right["wide angle"]) < right["standard"]

# %% [markdown]
# Not every camera is as great a problem: infrared and bent lines do some harm, missing light does most. We go on
# with low light.
#
# ## Without labels: count anew
#
# Batch normalization remembers, for each channel, mean and variance of what it saw in training. Through another
# camera both are different, and the memory is wrong. So count them again on a hundred pictures by the new camera.
# It takes no label and no gradient, only inference: it is the cheapest adaptation there is, and it can run while
# the device works (*test-time adaptation*: Li et al. 2016, Schneider et al. 2020).

# %%
counted = Prediction(
    "Counted anew on 100 pictures in low light: right for how many percent of 600 others?",
    unit="%",
)
counted

# %%
hundred = people.load("validation", limit=100, seed=2).images
gains = {}
for name, camera in CAMERAS.items():
    trial = people.load("test", limit=600 if camera == LOW_LIGHT else 200, seed=1)
    pictures = photograph(trial.images, camera, seed=1)
    anew = with_batch_statistics(factory, inputs(photograph(hundred, camera, seed=2)))
    was, now = (
        scores_of(net, pictures).argmax(axis=1) == trial.labels for net in (factory, anew)
    )
    gains[name] = compare(now, was, groups=trial.scenes)
    print(f"{name}, {len(trial)} pictures: {was.mean():.1%} -> {now.mean():.1%}", end="\n  ")
    print(gains[name].sentence("counted anew", "the factory's model"))
counted.reveal(100 * now.mean())

# %% claims=true
assert name == "low light" and 0.02 < gains["low light"].difference < 0.1
assert gains["low light"].outcome == "better"
assert {gains[name].outcome for name in CAMERAS if name != "low light"} == {"tie"}
assert now.mean() < right["standard"] - 0.1

# %% [markdown]
# In low light it brings back some of the lost answers, by the scene more than chance can do, without anybody having
# named a picture. Through the other cameras 200 pictures show no difference, and through the factory's own there is
# nothing to win: statistics of a hundred pictures are less exact than those of the training. Most of the loss in low
# light remains. Noise that hides a person is not a shift of mean and variance, and counting does not bring
# back what the features no longer show. What can a few pictures *with* labels do?
#
# ## Learn one task
#
# You are given a few pictures by the new camera with their labels, the **support set**. You are judged
# by other pictures of the same camera, the **query set**. One camera with its two sets is a **task**,
# and *five shots* means five support pictures of each class.
#
# The obvious thing is to **fine-tune**: start from the factory's weights and descend on the support
# set. To see every gradient, take the simplest loss there is. Its lowest point is `target`, and
# `curvature` says how steeply it rises in which direction:
#
# $$L(w) = \tfrac12\,(w-c)^\top A\,(w-c), \qquad \nabla L(w) = A\,(w-c)$$

# %% exercise="adapt_to_task"
def adapt_to_task(weights, target, curvature, rate, steps):
    """Weights after some steps of gradient descent on L(w) = (w - target) A (w - target) / 2.

    weights, target : float arrays (size,); curvature : float array (size, size), symmetric
    rate : float; steps : int from 0
    Returns a float array (size,). Example: adapt_to_task(np.array([2.]), np.array([0.]),
    np.array([[1.]]), 0.5, 2) is [0.5].
    """
    # solution
    for _ in range(steps):
        weights = weights - rate * curvature @ (weights - target)
    return weights
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Each step starts where the last one ended, so the gradient is computed anew in each of them.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("adapt_to_task", adapt_to_task)

# %% [markdown]
# Now the real thing. The lower layers stay as they are, in flash. Only the last two blocks and the
# classifier learn. So the lower layers' answer to a picture, its **features**, is computed once.

# %%
learner = Learner(factory, "last_2_blocks")
adapted = sum(int(np.prod(weight.shape)) for weight in learner.start)
shape = learner.features(scenes.images[:1]).shape[1:]
print(f"{adapted:,} weights may change; features of one picture: {shape}")

pool = camera_pool(
    scenes.images, scenes.labels, [LOW_LIGHT], learner.features, pictures=len(scenes), seed=1
)
least = np.bincount(scenes.labels).min()
shots = min(5, least // 2)
queries = min(90, least - shots)
task = pool.task(0, np.random.default_rng(0), shots=shots, queries=queries)
print(f"accuracy on {len(task.query_y)} other low-light pictures", end=" ")
print(f"after steps of fine-tuning on {2 * shots}:")
for rate in (0.003, 0.03, 0.3):
    line, weights = [], learner.start
    for steps in (0, 1, 4, 15):
        weights = learner.adapt(weights, task.support_x, task.support_y, rate, steps)
        line.append(f"{learner.accuracy(weights, task.query_x, task.query_y):.1%}")
    print(f"rate {rate:<6} after 0, 1, 5, 20 steps: {', '.join(line)}")

# %% [markdown]
# Ten pictures say little, and what they say depends on which ten they are. The rate matters, too: so
# every method below gets its rate and its number of steps chosen on *validation* cameras, for each
# number of shots anew. A comparison with a badly tuned method proves nothing.
#
# ## Learn to learn
#
# Fine-tuning starts where the factory stopped. Is that a good place to start from? **MAML** (Finn,
# Abbeel and Levine 2017) makes the starting point itself the thing to be learned. It practises: take
# a camera, descend on its support set, look at the loss on its query set *after* that, and ask how
# the start should have been different.
#
# With one step, the adapted weights are $w' = w - \alpha A_s (w - c_s)$, where $s$ stands for support.
# The query loss depends on $w$ only through $w'$, so the chain rule has two factors: what the step
# does to a small change of the start, and the slope of the query loss where the step ended.

# %% exercise="meta_gradient"
def meta_gradient(weights, target, curvature, query_target, query_curvature, rate):
    """Gradient of the query loss after one step on the support, with respect to the first weights.

    weights, target, query_target : float arrays (size,)
    curvature, query_curvature : symmetric float arrays (size, size), of support and query loss
    rate : float, of the step on the support loss
    Returns a float array (size,). Example: for weights [2.], both targets [0.], both curvatures
    [[1.]] and rate 0.5 it is [0.5].
    Write it yourself: meta.meta_gradient may not be called.
    """
    # solution
    adapted = weights - rate * curvature @ (weights - target)
    slope = query_curvature @ (adapted - query_target)
    return (np.eye(len(weights)) - rate * curvature).T @ slope
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# If the start moves by a small $\delta$, by how much does $w'$ move? Write $w'$ for $w + \delta$ and
# subtract. That matrix, transposed, multiplies the slope at $w'$.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("meta_gradient", meta_gradient)

# %% [markdown]
# The matrix $I - \alpha A_s$ holds second derivatives: for a network, it means differentiating through
# the training steps. **First-order MAML** takes it to be the identity. What is left is the ordinary
# gradient, only taken at another point.
#
# **Reptile** (Nichol, Achiam and Schulman 2018) does not even need a query set. It descends on each
# task for a while and moves the start a share of the way towards where those descents ended.

# %% exercise="reptile_step"
def reptile_step(start, adapted, share):
    """The next start: a share of the way towards the mean of the adapted weights.

    start : float array (size,); adapted : float array (tasks, size); share : float in 0..1
    Returns a float array (size,). Example: reptile_step(np.array([0.]), np.array([[1.], [3.]]),
    0.5) is [1.].
    """
    # solution
    return start + share * (adapted.mean(axis=0) - start)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# The mean is over the tasks, axis 0. Then go from the start towards it, but only a share of the way.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("reptile_step", reptile_step)

# %% [markdown]
# Watch MAML practise for a few seconds: eight training cameras, sixty pictures by each. Thirty rounds
# show how it runs, and how much tasks scatter; they are too few to show a trend.

# %%
practice = people.load("train", limit=400, seed=2)
rng = np.random.default_rng(3)
cameras = [random_camera(rng) for _ in range(8)]
pictures = min(60, len(practice))
small = camera_pool(
    practice.images, practice.labels, cameras, learner.features, pictures=pictures, seed=2
)
settings = MetaSettings("maml", iterations=30, tasks_per_iteration=2, queries=10, inner_rate=0.03)
run = meta_train(learner, small, settings, progress=False)
for name, losses in (("first", run.losses[:10]), ("last", run.losses[-10:])):
    print(f"query loss after adapting, mean of the {name} 10 rounds: {np.mean(losses):.3f} nats")

# %% [markdown]
# ## Is it better?
#
# The full practice takes longer, so it came with the workbook: `tinylab train vww-adapt` repeats it.
# Its test cameras are stranger than all training cameras: in each family the main parameter, such as
# the bend of the lens or the missing light, lies outside of what training saw. Seven ways are compared:
#
# - *unchanged*: the factory's model as it is;
# - *linear probe*: fine-tune the classifier only;
# - *fine-tuning*: the last two blocks too, from the factory's weights;
# - *joint*: fine-tuning, too, but from weights that saw all the training cameras in ordinary training;
# - *Reptile*, *first-order MAML*, *MAML*: from weights that practised on the training cameras.
#
# *Joint* is the fair comparison. It has seen exactly the pictures that the three meta-learners saw. What
# they gain over *fine-tuning*, but not over *joint*, comes from the pictures, not from learning to learn.

# %%
choice = Prediction(
    "Which start is best at five shots?",
    choices={
        "fine-tuning": "a fair start for pictures like the factory's;"
        " these cameras are not like it",
        "joint": "to have seen other cameras helps; it is not clearly ahead of those who practised",
        "Reptile": "it practised the same tasks as the others, and is not clearly ahead of them",
        "first-order MAML": "it practised the same tasks as the others, and is not clearly ahead",
        "MAML": "second derivatives sound better than they measure: it is not clearly ahead",
    },
    tie=True,
)
choice

# %%
data.aside("visual_wake_words", "hundreds of cameras were tried beforehand, with the built-in set")
measured = checkpoints.load_metrics("visual_wake_words", "adapt", origin="reference")
results = read_results(measured["few_shot"], few_shot.FewShotResults)
few_shot_explorer(results).behind(choice)

# %%
starts = [name for name in choice.choices if name != TIE]
ranking = rank({name: results.row(name, 5).accuracies for name in starts})
others = ", ".join(ranking.best[1:]) or "none"
print(f"best on average: {ranking.best[0]}; not clearly behind: {others}")
choice.reveal(ranking.winner or TIE)

# %% claims=true
assert ranking.winner is None

# %% [markdown]
# Whether a difference is real is a question about *tasks*: another camera would give another figure.
# Some cameras are hard for every method. Compare the two methods on the same camera first, and then
# ask how the differences scatter; what makes a camera hard for both cancels.
#
# With mean difference $\bar d$, standard deviation $s$ of the differences and $n$ tasks, the 95 %
# interval is $\bar d \pm t\,s/\sqrt n$, where $t$ is the 97.5 % point of Student's distribution with
# $n-1$ degrees of freedom (`from scipy import stats`, then
# `stats.t.ppf(0.975, n - 1)`).

# %% exercise="paired_difference"
def paired_difference(ours, theirs):
    """Mean difference of accuracy over the same tasks, with its 95 % interval.

    ours, theirs : float arrays (tasks,), at least two
    Returns (mean, low, high). Example: paired_difference(np.array([0.8, 0.6]), np.array([0.7,
    0.5])) is about (0.1, 0.1, 0.1): both tasks agree.
    Write it yourself: few_shot.paired_interval and few_shot.t_interval may not be called.
    """
    # solution
    from scipy import stats

    difference = ours - theirs
    mean, tasks = difference.mean(), len(difference)
    reach = stats.t.ppf(0.975, tasks - 1) * difference.std(ddof=1) / np.sqrt(tasks)
    return mean, mean - reach, mean + reach
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Subtract first, task by task. `std(ddof=1)` divides by `tasks - 1`, because the mean was taken from
# the same numbers.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("paired_difference", paired_difference)

# %%
print("Difference at 5 shots, in points:")
learners = ("MAML", "first-order MAML", "Reptile")
for method, other in itertools.product(learners, ("fine-tuning", "joint")):
    gap = results.difference(method, other, 5)
    outside = not results.row(method, 5).interval.overlaps(results.row(other, 5).interval)
    print(
        f"{method:16} against {other:11}: {100 * gap.mean:+5.1f}"
        f" ({100 * gap.low:+.1f} to {100 * gap.high:+.1f}), intervals apart: {outside}"
    )

# %%
ours, theirs = (results.by_family(method, 5) for method in ("MAML", "fine-tuning"))
print("MAML - fine-tuning at 5 shots, by family of cameras (points):")
gaps = {name.replace("_", " "): 100 * (ours[name] - theirs[name]) for name in ours}
print(", ".join(f"{name} {points:+.1f}" for name, points in gaps.items()))

# %% claims=true
ahead = results.difference("MAML", "fine-tuning", 5)
assert 0.015 < ahead.mean < 0.035 and ahead.low < 0.005
for method in learners:
    assert results.difference(method, "joint", 5).high < 0.01, "not ahead of joint"
assert max(gaps.values()) > 4 and min(gaps.values()) < 0.5, "on some families only"
tuned, unchanged = results.row("fine-tuning", 5), results.row("unchanged", 5)
assert compare(tuned.accuracies, unchanged.accuracies).outcome == "tie"

# %% [markdown]
# Note three things. First, the intervals of the methods overlap: cameras differ
# more than methods do. Paired by camera, MAML is ahead of fine-tuning by two or three points, and the interval
# of even that difference reaches down to about zero. Second, no meta-learner is ahead of *joint*: what helped was to
# have seen other cameras, not to have practised learning. Third, fine-tuning from the factory's weights gains
# nothing at five shots. Its rate was the best on a few validation cameras, and too large for some of the
# test's: with ten pictures, choosing the rate is half of the problem. What MAML gains, it gains on some families
# of cameras only. A likely cause lies below the cut: a camera changes what the first layers see, and those are
# frozen here. Training two blocks on ten pictures cannot bring back what the features no longer show.
#
# ## What there is room for
#
# So far only the number of pictures was short. On the board RAM is short, too. The memory cost of the
# last class, for training all weights in float32 with one picture at a time:

# %%
needed = memory_cost(factory, "all", batch_size=1)
activations = needed.saved_activation_bytes / 1e6
print(f"{needed.total_bytes / 1e6:.1f} MB, of which {activations:.1f} MB are saved activations")

# %% claims=true
assert needed.total_bytes > 8 * 256 * 1024

# %% [markdown]
# A microcontroller has 256 KiB, often less. Lin et al. (2022) fit training into that by a **sparse
# update**: most weights never change, so they stay in flash as int8. Only what changes costs RAM:
#
# - a trained weight: 8 bytes, itself and its gradient in float32;
# - a trained kernel: its input, kept for the backward pass, 1 byte a value;
# - every ReLU that a gradient passes: 1 bit a value;
# - and a work area for the widest layer that is computed, forward or backward.
#
# A bias costs its 8 bytes and no activation. But to reach the bias of an early layer the gradient must
# pass all layers above it, and early layers are wide.

# %%
units = sparse_memory.units(factory)
print("RAM for the classifier and the biases from a layer on:")
for index in (27, 23, 13, 7, 0):
    print(f"  {units[index].name:18} {sparse_memory.base_bytes(units, index) / 1024:6.1f} KiB")
everything = {unit.name: 1.0 for unit in units[:-1]}
print(f"  and all kernels too {sparse_memory.plan_bytes(units, 0, everything) / 1024:6.0f} KiB")

# %% [markdown]
# Which kernels are worth their bytes? Lin et al. measure it, one kernel at a time: how much better
# are the answers to other pictures if this kernel, or a share of its input channels, is trained besides
# the biases? Then it is a knapsack problem: find the best sum of gains that fits.

# %% exercise="choose_layers"
def choose_layers(gains, sizes, budget):
    """Positions of the layers to train: the largest sum of gains within the budget.

    gains : list of float, a few at most, some may be negative; sizes : list of int, in bytes
    budget : int, in bytes
    Returns a tuple of rising positions. Example: choose_layers([6.0, 5.0, 5.0], [8, 5, 5], 10) is
    (1, 2). If nothing is worth it, it is ().
    Write it yourself: knapsack.knapsack may not be called.
    """
    # solution
    best, chosen = 0.0, ()
    for number in range(1, len(gains) + 1):
        for layers in itertools.combinations(range(len(gains)), number):
            gain = sum(gains[layer] for layer in layers)
            if gain > best and sum(sizes[layer] for layer in layers) <= budget:
                best, chosen = gain, layers
    return chosen
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# With few layers you can try every combination: `itertools.combinations(range(n), count)` for each
# count. Taking the best gain for a byte first is quick, and sometimes wrong: the example shows it.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("choose_layers", choose_layers)

# %% [markdown]
# The library solves it exactly for any number of layers (`tinylab.adapt.sparse_update.choice`). Here you try
# some plans yourself, on the low-light task from above: what does each need, and what does it reach?

# %%
first = next(index for index, unit in enumerate(units) if unit.block == 2)
pointwise = [unit.name for unit in units[first:-1] if unit.kind == "Conv2D"]
depthwise = [unit.name for unit in units[first:-1] if unit.kind != "Conv2D"]
whole_depthwise = dict.fromkeys(depthwise, 1.0)
eighth_pointwise = dict.fromkeys(pointwise, 0.125)
plans = {
    "classifier only": (len(units) - 1, {}),
    "biases of two blocks": (first, {}),
    "and depthwise kernels": (first, whole_depthwise),
    "and an eighth of the pointwise": (first, whole_depthwise | eighth_pointwise),
    "two blocks whole": (first, {unit.name: 1.0 for unit in units[first:-1]}),
}
for name, (lowest, kernels) in plans.items():
    masks = sparse_training.plan_masks(learner, units, lowest, kernels)
    weights = learner.adapt(learner.start, task.support_x, task.support_y, 0.03, 10, masks=masks)
    needed = sparse_memory.plan_bytes(units, lowest, kernels) / 1024
    right_now = learner.accuracy(weights, task.query_x, task.query_y)
    print(f"{name:31} {needed:7.1f} KiB, accuracy {right_now:.1%}")

# %% [markdown]
# This is one task and one draw of ten pictures: a difference of a few pictures means nothing, as you
# found above. What is certain is the cost. Here is the whole measurement, on all test cameras: each budget
# with the plan that is best for it. What does the next kilobyte buy?

# %%
sparse = read_results(measured["sparse_update"], SparseUpdateResults)
sparse_update_explorer(sparse)

# %%
for row in (*sparse.rows, sparse.everything):
    gap = few_shot.paired_interval(row.accuracies, sparse.unchanged)
    print(
        f"{row.plan.bytes / 1024:5.0f} KiB: {100 * gap.mean:+.1f} points over no training"
        f" ({100 * gap.low:+.1f} to {100 * gap.high:+.1f})"
    )
for row in sparse.rows[1:]:
    against = compare(row.accuracies, sparse.everything.accuracies)
    print(against.sentence(f"{row.plan.bytes / 1024:.0f} KiB", "every weight"))

# %% claims=true
assert sparse.rows[1].plan.bytes < 0.06 * sparse.everything.plan.bytes
for row in sparse.rows[1:]:
    assert compare(row.accuracies, sparse.unchanged).outcome == "better"
    assert compare(row.accuracies, sparse.everything.accuracies).outcome != "worse"
assert compare(sparse.rows[-1].accuracies, sparse.rows[1].accuracies).outcome != "better"

# %% [markdown]
# Once the smallest budget is passed, no budget is behind training every weight by more than chance can do, and
# a small part of the RAM is enough; what is gained early is not surpassed later. So choosing *what* to train is
# worth more than having room for everything.
#
# ## Your camera
#
# Your own camera is a new camera, too. Take **five** pictures of yourself, near and far, and five of
# the room without anybody. Then run the cell below them: three of each kind teach the last two blocks,
# two of each test them. Without a camera, pictures in low light are used.

# %%
dark = {label: seen["low light"][scenes.labels == label] for label in (0, 1)}


def look(picture):
    """What the factory's model says of one picture."""
    person = float(factory.predict_on_batch(picture[np.newaxis] / np.float32(255))[0, 1])
    return f"The factory's model gives “{scenes.names[1]}” {person:.2f}."


somebody = Camera(look, {"in low light": dark[1][0]}, title="Five pictures of you")
nobody = Camera(look, {"in low light": dark[0][0]}, title="Five pictures of the room")
display(somebody, nobody)

# %%
own = min(len(somebody.recorded), len(nobody.recorded)) >= 5
each = min(5, least)
few = (somebody.recorded[-5:], nobody.recorded[-5:]) if own else (dark[1][:each], dark[0][:each])
features, kinds = learner.features(np.concatenate(few)), np.repeat([1, 0], len(few[0]))
taught = np.tile(np.arange(len(few[0])) < (len(few[0]) + 1) // 2, 2)
weights = learner.adapt(learner.start, features[taught], kinds[taught], 0.03, 5)
print("your camera:" if own else "in low light (you took fewer than five of each):", end=" ")
for name, now in (("factory", learner.start), ("adapted", weights)):
    others = int((~taught).sum())
    right_now = others * learner.accuracy(now, features[~taught], kinds[~taught])
    print(f"{name} {right_now:.0f} of {others} right", end="; " if name == "factory" else "\n")

# %% [markdown]
# Four pictures decide nothing, and they are of the same person and room as the six: to know what was
# learned, ask somebody else to stand there.

# %% [markdown]
# ## What have you learned?
#
# A letter for each question. The check says what is wrong with a wrong choice.
#
# **1.** A meta-learner beats fine-tuning from the factory's weights. To show that *learning to
# learn* helped, compare it with
#
# - a) the unchanged model
# - b) fine-tuning with more steps
# - c) fine-tuning from weights that saw the same cameras in ordinary training
#
# **2.** Two methods are compared camera by camera because
#
# - a) what makes a camera hard for both then cancels
# - b) there are too few cameras for a mean
# - c) it makes the difference larger
#
# **3.** First-order MAML leaves out
#
# - a) the inner steps
# - b) how the step on the support set changes with the start
# - c) the query set
#
# **4.** Training a bias deep in the network costs no saved activation, yet RAM, because
#
# - a) the gradient must pass all the layers above it
# - b) biases must be float32
# - c) a bias is large

# %% exercise="questions_vww_adapt"
def questions_vww_adapt():
    """The letters of your choices in order, "-" for an open one.

    Returns a str of 4 letters. Example: "----" leaves all open.
    """
    # solution
    return "caba"
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Look again at *Is it better?* (1); *Is it better?* (2); *Learn to learn* (3); *What there is room
# for* (4).
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("questions_vww_adapt", questions_vww_adapt)

# %% [markdown]
# ## Keep it
#
# The start that was best on the validation cameras (the first, if several were) now learns the low-light
# camera from ten pictures. It was not chosen by the test cameras: that would be cheating.

# %%
before = learner.accuracy(learner.start, task.query_x, task.query_y)
start = checkpoints.load("visual_wake_words", "adapt", origin="reference").model
row = results.row(measured["method"], 5)
ready = Learner(start, measured["scope"])
pool = camera_pool(
    scenes.images, scenes.labels, [LOW_LIGHT], ready.features, pictures=len(scenes), seed=1
)
task = pool.task(0, np.random.default_rng(0), shots=shots, queries=queries)
weights = ready.adapt(ready.start, task.support_x, task.support_y, row.learning_rate, row.steps)
accuracy = ready.accuracy(weights, task.query_x, task.query_y)
print(f"{measured['method']}, {row.steps} steps at {row.learning_rate:g}:", end=" ")
print(f"{accuracy:.1%} (factory: {before:.1%})")

# %%
model = ready.model(weights)
whole = sparse_memory.plan_bytes(units, *plans["two blocks whole"])
typical = photograph(people.load("train", limit=200, seed=3).images, LOW_LIGHT, seed=3)
program = litert.convert(model, "int8", representative_dataset=inputs(typical))

# %% [markdown]
# The int8 program goes onto the device. It is judged on scenes of which it learned none, in low light.

# %%
others = people.load("test", limit=600, seed=9)
fresh = np.flatnonzero(~np.isin(others.scenes, scenes.scenes))[:300]
if not len(fresh):
    print("All test scenes have been seen above, so the validation pictures judge.")
    others = people.load("validation")
    fresh = np.arange(len(others))
dim = photograph(others.images[fresh], LOW_LIGHT, seed=9)
runner = litert.LiteRTModel(program)
given = {
    "factory": scores_of(factory, dim),
    f"counted anew, {len(hundred)} pictures without labels": scores_of(anew, dim),
    f"adapted, {2 * shots} pictures with labels": scores_of(model, dim),
    "adapted, in int8": runner.predict(inputs(dim)),
}
labels, where = others.labels[fresh], others.scenes[fresh]
judged = {name: metrics.report(labels, scores) for name, scores in given.items()}
for name, report in judged.items():
    print(f"{name}: {report}")
old, cheap, taught, stored = (scores.argmax(axis=1) == labels for scores in given.values())
for name, ours, theirs in (("factory", taught, old), ("counted anew", taught, cheap)):
    print(compare(ours, theirs, groups=where).sentence("adapted", name))

# %% claims=true
assert compare(taught, cheap, groups=where).outcome != "better"
assert compare(stored, taught, groups=where).outcome == "tie"

# %% [markdown]
# Ten pictures with labels are not ahead of a hundred without: before you ask a user for labels, count anew. A
# device can do both.

# %%
figures = {"accuracy": judged["adapted, in int8"].accuracy, "examples": len(labels)}
figures["camera"] = "low light"
checkpoints.save(model, "visual_wake_words", "adapt", metrics=figures)
checkpoints.save(program, "visual_wake_words", "deploy", metrics=figures)
footprint = count(read_tflite(program))
Ledger("visual_wake_words").record(
    stage="adapt",
    made_from="train",
    accuracy=figures["accuracy"],
    test_set="scenes in low light",
    examples=figures["examples"],
    weight_bytes=footprint.weight_bytes,
    file_bytes=len(program),
    ram_bytes=whole,
    ram_of="training step",
    macs=footprint.macs,
)

# %% [markdown]
# The accuracy in this row is that of the int8 program on the low-light camera; the RAM is that of a training step
# on the last two blocks. **Next:** `4_energy_latency` starts from this program: where on the way from sensor to
# server should it be computed?
#
# **References**
#
# - Finn, Abbeel and Levine 2017, *Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks*
# - Nichol, Achiam and Schulman 2018, *On First-Order Meta-Learning Algorithms*
# - Li et al. 2016, *Revisiting Batch Normalization for Practical Domain Adaptation*; Schneider et al. 2020,
#   *Improving Robustness against Common Corruptions by Covariate Shift Adaptation*
# - Lin, Zhu, Chen, Wang, Gan and Han 2022, *On-Device Training Under 256KB Memory*
