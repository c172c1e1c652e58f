# %% [markdown]
# # Anomaly detection 1: train
#
# In this class you teach a network what four machines sound like when they are healthy, so that it notices
# when one is not, although it has never heard a fault. Watching machines is what small detectors are most
# used for in industry (Khan et al. 2021).
#
# **You will be able to**
#
# - say why a fault detector is trained on healthy sound alone;
# - compute a bearing's fault frequency from its geometry, and a log-mel spectrogram from a wave;
# - train an autoencoder, and turn its errors into one score for a recording;
# - judge scores by AUC and pAUC, for each machine;
# - put the alarm's threshold where it costs least, and say what the choice depends on.
#
# Time: one class (60 minutes). The whole notebook runs in under a minute on two processor cores.

# %%
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
from IPython.display import Audio, display

from tinylab import data
from tinylab.course import Ledger, check
from tinylab.data import machines
from tinylab.data.machines import flat_windows
from tinylab.explore.train.alarm_cost import alarm_cost_explorer
from tinylab.explore.train.machine_sound import machine_sound_explorer
from tinylab.explore.widget.predict import Prediction
from tinylab.models import checkpoints, size
from tinylab.models.networks.autoencoder import AutoencoderProfile, autoencoder, train_autoencoder
from tinylab.scoring import alarm_cost, anomaly
from tinylab.scoring.verdicts import compare_statistic
from tinylab.signal.log_mel import AD, log_mel

# %% [markdown]
# **Whose data?** Leave the next cell as it is for the built-in set. For sounds of your machine put
# the path of a folder in place of `None` (`path/normal/DAY_1.wav`, and a folder for each fault), here
# and in the other notebooks of this application; nothing else has to change.

# %%
data.use("anomaly_detection", None)

# %% [markdown]
# ## Listen first
#
# Machines of one family, geared electric motors, stand in a noisy factory. The built-in recordings are
# simulated: a shaft that turns, gears that mesh, balls that roll, a housing that rings, a room, and other
# machines in the background. First a healthy machine, then the same one with some faults, each as bad as it
# gets.

# %%
sounds = machines.load_sounds()
last = sounds.machines.max()
there = sounds.faults[sounds.machines == last].tolist()
shown = [f for f in ("", "bearing outer race", "looseness", "dry bearing") if f in there]
for fault in shown if len(shown) > 1 else there[:4]:
    k = int(np.flatnonzero((sounds.machines == last) & (sounds.faults == fault))[0])
    print(f"machine {sounds.machines[k]}, {fault or 'healthy'}")
    display(Audio(sounds.waveforms[k], rate=machines.SAMPLE_RATE))

# %% [markdown]
# A fault has a rhythm. A bearing holds $n$ balls of diameter $d$ on a circle of diameter $D$ between two
# rings. The outer ring stands still, the inner one turns with the shaft, and the balls roll between
# them. If there is a pit in the outer ring, every ball that rolls over it strikes a blow:
#
# $$f_\text{outer} = \frac{n}{2}\left(1 - \frac{d}{D}\cos\varphi\right) f_\text{shaft}$$
#
# where $\varphi$ is the contact angle (Randall and Antoni 2011). A mechanic who knows the geometry can
# tell from the rhythm which part is damaged.

# %% exercise="outer_race_Hz"
def outer_race_Hz(shaft_Hz, balls, ball_mm, pitch_mm, contact_angle_deg):
    """Blows a second that a pit in the outer ring of a bearing makes.

    shaft_Hz : float; balls : int; ball_mm, pitch_mm : floats, diameters of a ball and of the
    circle of balls; contact_angle_deg : float, in degrees
    Returns a float. Example: outer_race_Hz(50.0, 8, 10.0, 50.0, 0.0) is 160.0.
    """
    # solution
    ratio = ball_mm / pitch_mm * np.cos(np.radians(contact_angle_deg))
    return balls / 2 * (1 - ratio) * shaft_Hz
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `np.cos` wants radians; `np.radians` makes them. Each ball passes the pit a little less than half as
# often as the shaft turns.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("outer_race_Hz", outer_race_Hz)

# %% [markdown]
# ## Nothing to learn from but health
#
# Why not simply train a classifier on healthy and faulty sound? Because nobody has the faulty sound. A
# factory's machines run well nearly always; each breaks in its own way; and the fault that matters is the
# one that nobody has recorded. So the training split holds **healthy sound alone**. Faults appear in the
# validation split, to choose a threshold, and in the test split.

# %%
training, validation, test = (machines.load(split) for split in machines.SPLITS)
overview = pd.DataFrame(
    {
        split: pd.Series(np.where(part.faults == "", "healthy", part.faults)).value_counts()
        for split, part in zip(machines.SPLITS, (training, validation, test))
    }
)
overview.fillna(0).astype(int)

# %% claims=true
assert set(training.faults) == {""} and {"", "rubbing"} <= set(validation.faults)

# %% [markdown]
# File names follow the DCASE challenge: `anomaly_id_03_00000017.wav` is an anomalous recording of machine
# 3. The real recordings of that challenge, of toy cars, load through the same function once you have run
# `tinylab fetch toycar`.
#
# ## From wave to decibels
#
# The front end is MLPerf Tiny's (Banbury et al. 2021). Frames of 1,024 samples (64 ms) start every 512
# samples. Each is Fourier transformed, its *power* (magnitude squared) is added up by 128 triangular
# filters on a mel scale, and the result is written in **decibels**.

# %% exercise="power_to_dB"
def power_to_dB(power, floor=1e-12):
    """Decibels of a power.

    power : float array, at least 0; floor : float, the least power that counts
    Returns a float array of the same shape: 10 times the logarithm to base 10, and for powers below
    the floor that of the floor. Example: power_to_dB(np.array([100., 0.])) is [20., -120.].
    """
    # solution
    return 10 * np.log10(np.maximum(power, floor))
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# The logarithm of zero is minus infinity, and one such value would spoil every mean. Replace powers below
# the floor by the floor first.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("power_to_dB", power_to_dB)

# %%
heard = log_mel(sounds.waveforms[0])
frames, bands = heard.shape
print(f"{sounds.waveforms.shape[1]:,} samples became {frames} frames of {bands} bands")
print(f"from {heard.min():.0f} to {heard.max():.0f} dB")

# %% claims=true
assert (AD.frame_length, AD.frame_step, AD.mel_bins, AD.window_frames) == (1024, 512, 128, 5)
assert AD.window_frames * AD.mel_bins == 640

# %% [markdown]
# One frame is a short glimpse; a rhythm needs several. So the network reads **windows** of five frames,
# 640 numbers, and a new window starts with every frame.

# %% exercise="stack_windows"
def stack_windows(features, frames):
    """Every run of `frames` consecutive frames, laid out as one row.

    features : float array (time, bands), with at least `frames` rows; frames : int
    Returns a float array (time - frames + 1, frames * bands), oldest frame first.
    Example: stack_windows(np.array([[1., 2.], [3., 4.], [5., 6.]]), 2) is
    [[1, 2, 3, 4], [3, 4, 5, 6]].
    Write it yourself: log_mel.windows and machines.windows may not be called.
    """
    # solution
    count = len(features) - frames + 1
    return np.concatenate([features[k : k + count] for k in range(frames)], axis=1)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# There are time - frames + 1 windows. Row i holds frame i, then frame i + 1, and so on. You may loop over
# the windows, or, quicker, over the frames of a window.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("stack_windows", stack_windows)

# %% [markdown]
# ## A network that copies
#
# An **autoencoder** has its input for a target. Copying would be easy, were it not for the narrowest
# layer: eight numbers must carry all 640. That is possible only for sounds with a pattern, and only for
# patterns it was trained on. Other sounds come out wrong, and a large error raises the alarm.

# %%
keras.utils.set_random_seed(0)
model = autoencoder()
widths = [layer.units for layer in model.layers if isinstance(layer, keras.layers.Dense)]
print(" -> ".join(str(units) for units in (640, *widths)))
print(f"{size.multiply_accumulates(model):,} MACs, {size.folded_parameters(model):,} parameters")

# %%
guess = Prediction(
    "640 numbers go in, 8 pass the middle. Always answering with the mean of each number makes an"
    " error of 100 %. What error does the trained model leave on healthy sound?",
    unit="%",
)
guess

# %%
x_train = flat_windows(training.log_mel)
x_healthy = flat_windows(validation[validation.labels == 0].log_mel)
passes = max(6, 200_000 // len(x_train))  # a small set is gone through more often
profile = AutoencoderProfile(passes)
run = train_autoencoder(model, x_train, x_healthy, profile=profile, seed=0)
print(run)
spread = float(np.mean((x_healthy - x_train.mean(axis=0)) ** 2))
guess.reveal(100 * run.validation_loss[-1] / spread)

# %% claims=true
assert model.get_layer("bottleneck").units == 8 and 0.2 < run.validation_loss[-1] / spread < 0.8

# %% [markdown]
# What remains is mostly chance: a short frame of noise never has the same power twice, and it has no pattern
# that eight numbers could carry. That noise is the reason why a weak fault is hard to hear, for the model as
# for you.
#
# ## From errors to a score
#
# The error of a window is the mean of its squared differences, and the **score** of a recording the mean
# over its windows. That is how DCASE and MLPerf Tiny do it.

# %% exercise="anomaly_score"
def anomaly_score(windows, copies):
    """Score of one recording: the mean squared error over all windows.

    windows, copies : float arrays (windows, 640), what went in and what came out
    Returns a float. Example: anomaly_score(np.zeros((2, 640)), np.ones((2, 640))) is 1.0.
    Write it yourself: anomaly.window_errors, anomaly.score_recordings and
    quantize.mean_squared_error may not be called.
    """
    # solution
    return float(np.mean((windows - copies) ** 2))
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Square before you take the mean: errors of either sign must not cancel.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("anomaly_score", anomaly_score)

# %% [markdown]
# Before you trust a score, look where it comes from. Choose a fault, and see which bands the model could
# not copy. Is it where you would expect the fault?

# %%
shown = [
    int(np.flatnonzero((test.machines == machine) & (test.names == name))[0])
    for machine, name in zip(sounds.machines, sounds.names)
]
severest = test[shown]
middle = slice(2 * AD.mel_bins, 3 * AD.mel_bins)  # of five frames the one in the middle
copies = model.predict(flat_windows(severest.log_mel), batch_size=4096, verbose=0)[:, middle]
copied = replace(severest, log_mel=severest.log_mel[:, 2:-2])
heard_first = "bearing outer race" if "bearing outer race" in there else there[-1]
machine_sound_explorer(copied, copies.reshape(copied.log_mel.shape)).set(
    machine=str(last), fault=heard_first
)

# %% [markdown]
# ## How good is a score?
#
# Take one healthy and one faulty recording at random. How often does the faulty one score higher? That
# probability is the **AUC**, the area under the curve of hits against false alarms. 1 is perfect, 0.5 is
# guessing. It needs no threshold, and does not depend on how rare faults are.

# %% exercise="auc_by_pairs"
def auc_by_pairs(healthy_scores, faulty_scores):
    """Share of all pairs (healthy, faulty) in which the faulty one scores higher; ties count half.

    Both : float arrays (n,) and (m,), not empty
    Returns a float in 0..1. Example: auc_by_pairs(np.array([1., 2.]), np.array([2., 3.])) is 0.875.
    Write it yourself: anomaly.auc and sklearn.metrics.roc_auc_score may not be called.
    """
    # solution
    difference = faulty_scores[:, np.newaxis] - healthy_scores[np.newaxis, :]
    return float(np.mean((difference > 0) + 0.5 * (difference == 0)))
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `a[:, np.newaxis] - b[np.newaxis, :]` is a table of all differences. Count what is above zero, and half
# of what is zero.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("auc_by_pairs", auc_by_pairs)

# %%
def predict(x):
    return model.predict(x, batch_size=4096, verbose=0)


scores = anomaly.score_recordings(predict, test.log_mel)
report = anomaly.report(test.labels, scores, test.machines)
print(f"your model: {report}")
data.aside("anomaly_detection", "the bundled model's figures are those on the built-in machines")
longer = checkpoints.load_metrics("anomaly_detection", "train", origin="reference")
print(f"the bundled model: AUC {longer['auc']:.3f}, pAUC {longer['pauc']:.3f}")
ours, theirs = run.validation_loss[-1], longer["validation_loss"]
print(f"loss on other healthy recordings: yours {ours:.1f}, the bundled model's {theirs:.1f}")

# %%
bundled = checkpoints.load("anomaly_detection", "train", origin="reference").model
its_scores = anomaly.score_recordings(
    lambda x: bundled.predict(x, batch_size=4096, verbose=0), test.log_mel
)
better = compare_statistic(anomaly.auc, test.labels, scores, its_scores)
print(better.sentence("your model", "the bundled one", scale=1000, unit="thousandths of AUC"))

# %% claims=true
assert longer["training"]["epochs"] == 2 * len(run.loss) and theirs < ours
assert better.outcome != "worse", "to copy better is not to detect better"

# %% [markdown]
# The bundled model was trained twice as long, and it copies better. Is it also the better detector? The
# interval above does not say so: whoever learns to copy everything copies faults, too. The loss you train on is not the
# figure you are after.
#
# Nobody can follow up an alarm that is wrong every other time. The **pAUC** looks only at thresholds with
# at most one false alarm in ten healthy recordings, rescaled so that 0.5 is again guessing. It is
# the stricter figure, and nearer to practice.
#
# A mean over machines and faults hides the one that is never heard.

# %%
faulty = pd.DataFrame({"machine": test.machines, "fault": test.faults})[test.labels == 1]
healthy = {m: scores[(test.machines == m) & (test.labels == 0)] for m in np.unique(test.machines)}
faulty["AUC"] = [
    float(np.mean(score > healthy[m])) for score, m in zip(scores[test.labels == 1], faulty.machine)
]
faulty.pivot_table(index="fault", columns="machine", values="AUC").round(2)

# %% [markdown]
# Each cell rests on about a dozen recordings, so take it as a hint only. With 80 healthy and 80 faulty
# recordings even a whole machine's AUC is known to about five hundredths either way. Draw the recordings again
# with replacement, and see how far the figure changes:

# %%
rng = np.random.default_rng(0)
first = test.machines == test.machines[test.labels == 1][0]
known, values = test.labels[first], scores[first]
again = []
for _ in range(300):
    drawn = rng.integers(0, len(values), len(values))
    if len(set(known[drawn])) > 1:  # of few recordings all may be of one kind
        again.append(anomaly.auc(known[drawn], values[drawn]))
low, high = np.quantile(again, [0.025, 0.975])
print(f"machine {test.machines[first][0]}: AUC {anomaly.auc(known, values):.3f},", end=" ")
print(f"95 % of the draws between {low:.3f} and {high:.3f}")

# %% claims=true
assert (first & (test.labels == 1)).sum() == (first & (test.labels == 0)).sum() == 80
assert 0.03 < (high - low) / 2 < 0.08
assert faulty.groupby(["fault", "machine"]).size().between(10, 14).all()

# %% [markdown]
# ## What does an alarm cost?
#
# A product needs a threshold. Whoever sets it trades one mistake for another: a mechanic who walks to a
# healthy machine, or a faulty machine that runs on. The expected cost of one check is
#
# $$p \cdot \text{miss rate} \cdot c_\text{miss} + (1 - p) \cdot \text{false-alarm rate} \cdot c_\text{alarm}$$
#
# where $p$, the **prevalence**, is the share of checks at which there is a fault.

# %% exercise="cost_per_check"
def cost_per_check(healthy_scores, faulty_scores, threshold, prevalence, alarm_cost, miss_cost):
    """Expected cost of one check, if every score above the threshold raises an alarm.

    healthy_scores, faulty_scores : float arrays; threshold : float
    prevalence : float in 0..1; alarm_cost, miss_cost : floats, cost of a false alarm and of a miss
    Returns a float. Example: cost_per_check(np.array([1., 3.]), np.array([1., 5.]), 2.0, 0.1, 10.,
    100.) is 9.5.
    Write it yourself: alarm_cost.expected_cost and alarm_cost.rates may not be called.
    """
    # solution
    false_alarm_rate = np.mean(healthy_scores > threshold)
    miss_rate = np.mean(faulty_scores <= threshold)
    missed = prevalence * miss_rate * miss_cost
    return float(missed + (1 - prevalence) * false_alarm_rate * alarm_cost)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Both rates are shares within their own kind: of the healthy recordings, and of the faulty ones. The
# prevalence says how often either kind comes.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("cost_per_check", cost_per_check)

# %%
paying = Prediction(
    "One check in 100 finds a fault, and a missed fault costs as much as 30 false alarms. For how"
    " many of the healthy recordings does the cheapest threshold raise an alarm?",
    choices={
        "hardly any": "a missed fault costs as much as thirty alarms, so some alarms are worth it",
        "about one in five": "99 of 100 checks can raise a false alarm, only one can miss a fault",
        "about half": "a missed fault is dear, but rare: of 100 checks only one can miss one",
    },
)
paying

# %%
seen = anomaly.score_recordings(predict, validation.log_mel)
economics = alarm_cost.Economics(false_alarm_cost=1.0, missed_fault_cost=30.0, prevalence=0.01)
chosen = alarm_cost.cheapest(alarm_cost.alarm_curve(validation.labels, seen), economics)
share = chosen.false_alarm_rate
paying.reveal(
    "hardly any" if share < 0.1 else "about one in five" if share < 0.35 else "about half"
)

# %% claims=true
never = economics.prevalence * economics.missed_fault_cost
assert share < 0.1 and chosen.cost_per_check < never

# %% [markdown]
# Faults are rare, so even a small false-alarm rate makes most alarms false. Move the price of a miss and
# the prevalence, and watch the cheapest threshold go up and down. Then look at one machine at a time: is the
# same threshold the cheapest for each?

# %%
alarm_cost_explorer(validation.labels, seen, validation.machines).behind(paying)

# %% [markdown]
# The threshold was chosen on the validation split. A threshold that is chosen and judged on the same
# recordings looks cheaper than it will be in use. So here is its cost on the test split.

# %%
false_alarms, misses = alarm_cost.rates(test.labels, scores, chosen.threshold)
cost = float(alarm_cost.expected_cost(false_alarms, misses, economics))
print(f"threshold {chosen.threshold:.1f}; cost of a check:", end=" ")
print(f"expected {chosen.cost_per_check:.3f}, on the test split {cost:.3f}")
print(f"false alarms {false_alarms:.1%}, missed {misses:.1%}")
print(f"never alarming would cost {economics.prevalence * economics.missed_fault_cost:.3f}")

# %% claims=true
assert chosen.cost_per_check < cost, "chosen and judged on the same recordings it looks cheaper"

# %% [markdown]
# A fault that is missed today is still there tomorrow, and louder. In practice a machine is checked many
# times before it breaks, so a detector with a modest AUC can still be useful, if nobody switches it off
# because of too many false alarms.

# %% [markdown]
# ## What have you learned?
#
# A letter for each question. The check says what is wrong with a wrong choice.
#
# **1.** The detector is trained on healthy sound because
#
# - a) healthy sound is easier to learn
# - b) a classifier would be too large for the chip
# - c) faults are rare, each is different, and the next one was never recorded
#
# **2.** A model copies healthy sound better than another. As a detector it is
#
# - a) better or worse: measure it
# - b) worse
# - c) better
#
# **3.** An AUC of 0.88 means that
#
# - a) 88 % of the recordings are judged right
# - b) a faulty recording scores higher than a healthy one in 88 of 100 pairs
# - c) 88 % of the faults are found
#
# **4.** The threshold was chosen on the validation split because
#
# - a) the training split is too large
# - b) the test split holds no faults
# - c) chosen on the test split it would look cheaper there than it will be in use

# %% exercise="questions_ad_train"
def questions_ad_train():
    """The letters of your choices in order, "-" for an open one.

    Returns a str of 4 letters. Example: "----" leaves all open.
    """
    # solution
    return "cabc"
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Look again at *Nothing to learn from but health* (1); *How good is a score?* (2); *How good is a
# score?* (3); *What does an alarm cost?* (4).
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("questions_ad_train", questions_ad_train)

# %% [markdown]
# ## Keep it

# %%
checkpoints.save(
    model,
    "anomaly_detection",
    "train",
    metrics={"auc": report.auc, "pauc": report.pauc, "examples": len(test)},
)
Ledger("anomaly_detection").record(
    stage="train",
    accuracy=report.auc,
    test_set="test recordings",
    examples=len(test),
    weight_bytes=4 * size.folded_parameters(model),
    macs=size.multiply_accumulates(model),
)

# %% claims=true
assert 1.0e6 < 4 * size.folded_parameters(model) < 1.1e6

# %% [markdown]
# A megabyte of weights is more flash than many microcontrollers have. **Next:** `2_compress`, where you
# build the compiler that makes it fit.
#
# **References**
#
# - Koizumi et al. 2020, *Description and Discussion on DCASE2020 Challenge Task 2: Unsupervised Anomalous
#   Sound Detection for Machine Condition Monitoring*
# - Banbury et al. 2021, *MLPerf Tiny Benchmark*
# - Khan et al. 2021, as cited by the review, on watching machines at the edge
# - Randall & Antoni 2011, *Rolling element bearing diagnostics: a tutorial*
# - Provost & Fawcett 2001, *Robust Classification for Imprecise Environments* (thresholds and costs)
