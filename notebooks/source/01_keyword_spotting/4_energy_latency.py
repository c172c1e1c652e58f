# %% [markdown]
# # Keyword spotting 4: energy and latency
#
# In this class you predict how long your model takes on a board you do not own, check the prediction
# against what others published, and choose a board that listens for a year on one battery.
#
# **You will be able to**
#
# - turn operators into cycles, cycles into milliseconds, and milliseconds into microjoules;
# - calibrate a latency model on three boards and predict a fourth;
# - plan a battery: duty cycle, sleep power and self-discharge;
# - say where the energy goes, and how far a board is from what physics asks for.
#
# Time: two classes of 60 minutes, with a marked stop between them. The whole notebook runs in under a minute
# on two processor cores.

# %%
import numpy as np
import pandas as pd
from scipy.optimize import nnls
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tinylab import cost, data
from tinylab.cost.timing.roofline import roofline
from tinylab.cost.timing.stack_ratios import published_latencies
from tinylab.course import Decision, Ledger, check
from tinylab.data import speech
from tinylab.deploy import litert
from tinylab.deploy.codegen import convert
from tinylab.deploy.emulator import Emulator, fit_waits
from tinylab.explore.energy_latency.battery import battery_explorer
from tinylab.explore.energy_latency.boards import board_explorer
from tinylab.explore.energy_latency.cascade import cascade_explorer
from tinylab.explore.energy_latency.clock import race_to_idle_explorer
from tinylab.explore.energy_latency.horowitz import horowitz_explorer
from tinylab.explore.energy_latency.radio import offloading_explorer
from tinylab.explore.energy_latency.roofline import roofline_explorer
from tinylab.explore.energy_latency.stacks import stacks_explorer
from tinylab.explore.energy_latency.validation import validation_explorer
from tinylab.explore.live.cascade import RoomCascade, Stages
from tinylab.explore.widget import theme
from tinylab.explore.widget.drawing import Drawing
from tinylab.explore.widget.predict import Prediction
from tinylab.graph import count, read_tflite
from tinylab.graph.memory import plan
from tinylab.models import checkpoints
from tinylab.scoring.cascade_study import measure_cascade, window_levels_dB
from tinylab.scoring.listening import lay_words
from tinylab.signal.mfcc import KWS, mfcc
from tinylab.signal.streaming import sliding_mfcc

# %% [markdown]
# **Whose data?** Leave the next cell as it is for the built-in set. For your recordings of words put
# the path of a folder in place of `None` (`path/WORD/NAME_1.wav`, a folder for each word), here and
# in the other notebooks of this application; nothing else has to change.

# %%
data.use("keyword_spotting", None)

# %% [markdown]
# ## Your model as a list of work
#
# A processor does not run "a network", it runs operators. What takes time is first the
# multiply-accumulates, and they do not all cost the same; then moving every element in and out; then
# a little for starting each operator. If you taught your model a word in the last class, this is the program
# that knows it; else it is the one of the class before.

# %%
checkpoint = checkpoints.load("keyword_spotting", "deploy", "compress")
print(checkpoint)
labels = checkpoint.metrics.get("labels", list(speech.names()))
print(f"{len(labels)} answers, the last of them “{labels[-1]}”")
graph = read_tflite(checkpoint.model)
work = cost.workload(graph)
for name, amount in zip(cost.FEATURES, work.features):
    print(f"{name:<18} {amount:>11,.0f}")

# %% [markdown]
# A clock of 1 MHz ticks a million times a second, which is a thousand times a millisecond.

# %% exercise="latency_from_cycles"
def latency_from_cycles(macs, cycles_per_mac, overhead_cycles, clock_MHz):
    """Latency in milliseconds.

    macs : int; cycles_per_mac : float; overhead_cycles : float, once an inference
    clock_MHz : float
    Returns a float. Example: latency_from_cycles(1_000_000, 2.0, 0.0, 100.0) is 20.0.
    """
    # solution
    cycles = macs * cycles_per_mac + overhead_cycles
    return cycles / (clock_MHz * 1000)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Add up all cycles first. How many of them fit into one millisecond?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("latency_from_cycles", latency_from_cycles)

# %% [markdown]
# ## Three boards you may look at, one you must predict
#
# MLPerf Tiny publishes what companies measured: the same four models on many boards (Banbury et al.
# 2021). Here are three of four boards of one round that ran the same software.

# %%
names = ("nucleo_l4r5zi", "nucleo_u575zi_q", "disco_f746ng", "nucleo_h7a3zi_q")
published = pd.DataFrame(
    {
        "board": one.board,
        "core": one.core,
        "clock_MHz": one.clock_MHz,
        "benchmark": one.benchmark,
        "latency_ms": one.latency_ms,
    }
    for one in cost.measurements()
    if one.stack == "Plumerai" and one.round == "v1.1" and one.board in names
)
shown = published[published.board != names[3]]
shown.pivot(index=["board", "core", "clock_MHz"], columns="benchmark", values="latency_ms")

# %% [markdown]
# Cycles belong to a core and its software; the clock belongs to the board. So multiply each latency
# by the clock, and find out how many cycles a core needs for each kind of MAC. That is a system of
# equations, one for each benchmark: `macs @ costs = cycles`. There are measurement errors, so solve
# it by least squares; and no operator takes fewer than zero cycles, so no cost may be negative.

# %% exercise="fit_cycles_per_mac"
def fit_cycles_per_mac(macs, cycles):
    """Non-negative least squares: cycles for one MAC of each kind.

    macs : float array (benchmarks, kinds); cycles : float array (benchmarks,)
    Returns a float array (kinds,), none negative. Example: for macs [[1., 0.], [0., 2.]] and cycles
    [3., 8.] it is [3., 4.].
    """
    # solution
    costs, _ = nnls(np.asarray(macs), np.asarray(cycles))
    return costs
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `nnls` of SciPy, imported above, returns the solution and the size of what is left over.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("fit_cycles_per_mac", fit_cycles_per_mac)

# %% [markdown]
# Now the fourth board, `nucleo_h7a3zi_q`, which the table leaves out. It has the core of `disco_f746ng`, at
# another clock.

# %%
fourth = published[published.board == names[3]].set_index("benchmark")
at = f"{fourth.clock_MHz.max():.0f} MHz"
guess = Prediction(
    f"How many ms does keyword spotting take on the fourth board, at {at}?", unit="ms"
)
guess

# %%
benchmarks = cost.benchmarks()
kinds = slice(0, 4)  # three kinds of MACs, and elements moved


def fit_core(board):
    """Cycles for each kind of work on one board, relative errors weighed alike."""
    rows = published[published.board == board]
    amounts = np.array([benchmarks[name].features[kinds] for name in rows.benchmark])
    cycles = rows.latency_ms.to_numpy() * rows.clock_MHz.to_numpy() * 1000
    return nnls(amounts / cycles[:, np.newaxis], np.ones(len(cycles)))[0]


costs = pd.DataFrame({board: fit_core(board) for board in names[:3]}, index=cost.FEATURES[kinds]).T
costs.round(2)

# %%
for name, row in fourth.iterrows():
    cycles = benchmarks[name].features[kinds] @ costs.loc[names[2]].to_numpy()
    predicted = cycles / row.clock_MHz / 1000
    print(f"{name:>4}: predicted {predicted:6.2f} ms, published {row.latency_ms:6.2f} ms", end=" ")
    print(f"({100 * (predicted / row.latency_ms - 1):+.0f} %)")
guess.reveal(float(fourth.latency_ms["kws"]))

# %% [markdown]
# Close for some, well off for others: four numbers do not make a core. The workbook's own model does
# the same for every core and software stack in the published rounds, and cores with few
# measurements borrow from those with many. How far can you trust it? Leave a benchmark out, calibrate on
# the rest, predict it; then leave out a whole board.

# %%
validation_explorer().behind(guess)

# %% [markdown]
# Note the interval each prediction carries. A single number would be more convincing, and less true.
#
# ## Same network, same chip
#
# Which *software* runs on the chip matters more than which chip. Kernels in plain C are easy to read and
# slow; tuned ones use instructions that do two multiplications at once. What this notebook shows, unless it
# says otherwise, is a stack that you can install yourself.

# %%
guess = Prediction(
    "Person detection took 13 seconds on a Cortex-M4 with reference kernels. How long with"
    " CMSIS-NN?",
    unit="ms",
)
guess

# %%
elsewhere = pd.DataFrame(
    {"network": one.network, "chip": one.chip, "stack": one.stack, "ms": one.latency_ms}
    for one in published_latencies()
)
person = elsewhere[elsewhere.network == "person_detection"].set_index("stack").ms
guess.reveal(float(person["TFLM CMSIS-NN"]))

# %% claims=true
assert person["TFLM reference kernels"] / 1000 > 13 and person.max() / person.min() > 30

# %%
stacks_explorer(graph).behind(guess)

# %% [markdown]
# ## Which board?
#
# Energy is power times time. On plain microcontrollers the power hardly depends on the model: over the
# benchmarks of one submission it varies by a few percent. Another company's run of the same board may
# draw a third more, so an energy has a wider interval than a latency.
#
# Compare two boards, too. How sure is it that one is faster? And what would it be worth to borrow one of them
# and measure?

# %%
rivals = ("nucleo_l4r5zi_p", "nucleo_l412kb")
guess = Prediction(
    f"{cost.board(rivals[0]).name} was measured, {cost.board(rivals[1]).name} is predicted to be"
    " slower: how likely is it that it really is?",
    unit="%",
)
guess

# %%
ours, theirs = (cost.latency(graph, one) for one in rivals)
sure = cost.choose_between(ours.latency_ms, ours.high_ms, theirs.latency_ms, theirs.high_ms)
print(f"{ours.latency_ms:.0f} ms ({ours.kind}) against {theirs.latency_ms:.0f} ms", end=" ")
print(f"({theirs.low_ms:.0f} to {theirs.high_ms:.0f}, {theirs.kind})")
guess.reveal(round(100 * sure.probability))

# %% claims=true
assert ours.latency_ms < theirs.latency_ms

# %%
board_explorer(graph).behind(guess)

# %% [markdown]
# ## Sleep is a design decision
#
# A device that looks at the microphone once a second is busy for a few hundredths of it. What it
# draws in the rest of the time decides how long it lives.

# %% exercise="duty_cycle_power_mW"
def duty_cycle_power_mW(active_power_mW, sleep_power_mW, active_ms, period_ms):
    """Average power of a device that works once a period and sleeps for the rest.

    active_power_mW, sleep_power_mW : floats; active_ms, period_ms : floats, active_ms <= period_ms
    Returns a float. Raises ValueError if the work does not fit into the period.
    Example: duty_cycle_power_mW(10.0, 0.0, 100.0, 1000.0) is 1.0.
    Write it yourself: cost.average_power may not be called.
    """
    # solution
    if active_ms > period_ms:
        raise ValueError(f"{active_ms} ms of work do not fit into {period_ms} ms")
    share = active_ms / period_ms
    return share * active_power_mW + (1 - share) * sleep_power_mW
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# The share of the time at work is active_ms / period_ms, and the device sleeps for the rest only.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("duty_cycle_power_mW", duty_cycle_power_mW)

# %% [markdown]
# Run fast and sleep long, or run slowly all the time? A lower clock saves power while the work is
# done, but the work takes longer. Two things decide: how much of the power does not fall with the
# clock, and how deeply the device may sleep in between. A device that listens cannot sleep deeply: its
# microphone runs.

# %%
guess = Prediction(
    "Listening with the clocks running: which costs less on the Cortex-M4 board?",
    choices={
        "fast clock, then idle": (
            "Idle is not free: the clocks run on, and at the fast clock they cost most."
        ),
        "slowest clock that keeps up": (
            "A slow clock draws less, but it must be busy nearly all the time."
        ),
    },
)
guess

# %%
always_on = [one for one in cost.always_on() if one.board == cost.DEFAULT_BOARD]
for one in always_on:
    print(f"{one.board} at {one.clock_MHz:.0f} MHz: {one.average_power_mW} mW, busy {one.duty:.0%}")
slowest = min(always_on, key=lambda one: one.average_power_mW).clock_MHz
fast = max(one.clock_MHz for one in always_on)
guess.reveal("fast clock, then idle" if slowest == fast else "slowest clock that keeps up")

# %% [markdown]
# Averages hide what happens: at the slow clock the same board works nearly all the time. What does *one
# cycle* cost at each clock? Take power as a line, `a + b x clock`: a cycle costs `a / clock + b`, and the part
# `a` that no clock saves makes slow cycles dearer.

# %% exercise="power_line"
def power_line(clocks_MHz, powers_mW):
    """The line a + b x clock that fits powers best, by least squares.

    clocks_MHz, powers_mW : float arrays (points,), two points or more
    Returns (a in mW, b in mW / MHz), floats.
    Example: for clocks [50., 100.] and powers [20., 30.] it is (10.0, 0.2).
    """
    # solution
    b, a = np.polyfit(clocks_MHz, powers_mW, 1)
    return float(a), float(b)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `np.polyfit` with degree 1 fits a line. In which order does it return slope and intercept?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("power_line", power_line)

# %%
for pair in cost.slow_clocks().values():
    b = (pair.fast_mW - pair.slow_mW) / (pair.fast_MHz - pair.slow_MHz)
    a = pair.fast_mW - b * pair.fast_MHz
    print(f"{pair.board:<17} a = {a:6.1f} mW, b = {b:.3f} mW / MHz;", end=" ")
    print(f"a cycle at {pair.slow_MHz:g} MHz costs {pair.cycle_ratio - 1:+.0%}")

# %% claims=true
pair = cost.slow_clocks()[cost.DEFAULT_BOARD]
assert slowest < fast and pair.cycle_ratio > 1.1
assert sum(one.static_mW > 0 for one in cost.slow_clocks().values()) == 2

# %% [markdown]
# On two of three boards a slow cycle is dearer. So hurrying pays where the device may sleep deeply
# afterwards, and slowing down where it must stay awake anyway. In the next explorer the microphone is always
# on, and only new frames of the features are computed. Find both answers, and the share of constant power at
# which they turn. Which board loses by sleeping, because waking up costs it a restart?

# %%
guess = Prediction(
    "A Cortex-M4 hears everything, with a look every second. It can record while asleep: which"
    " clock is best?",
    choices={
        "the highest": "",
        "the lowest that keeps up": "Then it is awake all the time, and the constant part runs on.",
    },
)
guess

# %%
asleep = cost.Device(
    1.0, features_cycles=cost.front_end_cycles("keyword_spotting"), collecting="sleep"
)
race = cost.race_to_idle(graph, cost.DEFAULT_BOARD, asleep)
print(f"{race.fast.clock_MHz:.0f} MHz: {race.fast.average_power_mW:.1f} mW;", end=" ")
print(f"{race.slow.clock_MHz:.0f} MHz: {race.slow.average_power_mW:.1f} mW")
guess.reveal(guess.choices[0 if race.better == "fast" else 1])

# %% claims=true
assert race.better == "fast"
waking = cost.board("nucleo_u575zi_q").sleep
assert waking.retains == "nothing" and waking.wakeup.value > 1

# %%
race_to_idle_explorer(graph).behind(guess)

# %% [markdown]
# ## Stop here: the end of the first class
#
# You can now predict how long a network takes on a board, how sure that is, and what a cycle costs. The second
# class puts a whole device around the network. Coming back another day? *Run > Run All Cells* works as always;
# or run the first two cells of code, imports and whose data, and then go on with the next one.

# %%
checkpoint = checkpoints.load("keyword_spotting", "deploy", "compress")
labels = checkpoint.metrics.get("labels", list(speech.names()))
keywords = [k for k, label in enumerate(labels) if label not in ("silence", "unknown")]
graph = read_tflite(checkpoint.model)
so_far = cost.latency(graph, cost.default_board())
print(f"{so_far.board} with {so_far.stack}: {so_far.latency_ms:.0f} ms ({so_far.kind}),", end=" ")
print(f"{cost.energy(graph, cost.default_board()).energy_uJ:,.0f} uJ an inference")

# %% [markdown]
# ## A year on one battery
#
# Batteries lose charge even in the drawer. For short-lived devices that does not matter; for a device
# that should last years it is a second load beside the first.

# %% exercise="battery_life_days"
def battery_life_days(capacity_mAh, voltage_V, average_power_mW, self_discharge_per_year):
    """Days until a battery is empty, self-discharge taken as a constant load.

    capacity_mAh, voltage_V, average_power_mW : floats > 0
    self_discharge_per_year : float, share of the full energy that leaks away in 365 days
    Returns a float. Example: battery_life_days(1000.0, 3.0, 1e-9, 0.5) is about 730.
    Write it yourself: cost.battery_life and battery.battery_days may not be called.
    """
    # solution
    energy_mWh = capacity_mAh * voltage_V
    leak_mW = energy_mWh * self_discharge_per_year / (365 * 24)
    return energy_mWh / (average_power_mW + leak_mW) / 24
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# The leak is an energy per year. Divide it by the hours of a year, and it is a power that adds to the
# device's own.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("battery_life_days", battery_life_days)

# %% [markdown]
# A device is more than its network. To hear a word it must *record*: the microphone is on, and most
# chips stay awake meanwhile. Then come the features, the network, an answer, and rest; and a regulator
# between battery and chip takes its share of all that. First guess, then look at the bar.

# %%
guess = Prediction(
    "A device listens for one second in every minute. What does its battery pay most for?",
    choices={
        "the network": "It runs for a tenth of a second in each minute.",
        "the features": "They take about as long as the network, and that is not long.",
        "being awake while it records": "",
        "resting": "59 seconds of a minute, but asleep: a thousandth of the power.",
    },
)
guess

# %%
device = cost.Device(period_s=60.0, features_cycles=cost.front_end_cycles("keyword_spotting"))
budget = cost.device_budget(graph, cost.default_board(), device)
for part in budget.parts:
    print(f"{part.name:<10} {part.energy_uJ:>9,.0f} uJ a minute")
print(f"a coin cell lasts {budget.life.days:.0f} days;", end=" ")
print(
    "the network alone would promise"
    f" {cost.battery_life(budget.part('network').power_mW).days:,.0f}"
)
names = {"network": 0, "front_end": 1, "waiting": 2, "rest": 3}
most = max((part for part in budget.parts if part.name in names), key=lambda part: part.energy_uJ)
guess.reveal(guess.choices[names[most.name]])

# %% claims=true
assert most.name == "waiting" and 50 < budget.life.days < 153
assert not budget.pulse.battery_alone

# %% [markdown]
# A coin cell has another limit: it cannot give the current that the chip wants while it computes. A
# **capacitor** beside it can, for the fifth of a second that a look takes, and is filled again before the
# next one. It gives a charge, current times time, and its voltage falls by charge over capacitance.

# %%
pulse = budget.pulse
print(f"a look takes {pulse.peak_mA:.1f} mA for {pulse.duration_ms:.0f} ms;", end=" ")
print(
    f"a CR2032 gives {pulse.limit_mA:.1f} mA; a capacitor of {pulse.capacitor_uF:,.0f} uF gives the"
    " rest"
)

# %% claims=true
assert pulse.peak_mA > 12 > pulse.limit_mA and 150 < pulse.duration_ms < 250

# %% [markdown]
# In the explorer, let the chip sleep while sound goes to memory by itself, and see which clock is best
# then. Find a board and a setting that last a year, and one that no coin cell can feed.

# %%
battery_explorer(graph).behind(guess)

# %% [markdown]
# ## Who wakes whom?
#
# A device that hears everything need not run its network on everything. A **cascade** begins with the
# cheapest test: is it loud? Only then are features computed, and a small detector asks: is that a command?
# Only then the network runs. Each stage saves what lies behind it, and what it stops is never heard. Measure
# both on a recording of ten minutes, mostly quiet, with commands and other words in it. (The small detector knows
# the ten commands. A word that you taught the network it would have to learn, too.)

# %%
words = speech.load("test", per_class=8, seed=1)
spoken = words[words.words != ""]
noise = speech.background_noise("pink", 60.0) // 30
stream = lay_words(spoken.waveforms, spoken.labels, noise, seed=0, mean_gap_s=6.0)
windows = sliding_mfcc(stream.waveform, hop_frames=10)
posteriors = litert.LiteRTModel(checkpoint.model).predict(windows[..., np.newaxis])


def summary(frames):
    """Mean and spread of each coefficient: 20 numbers for a small detector."""
    return np.hstack([frames.mean(axis=1), frames.std(axis=1)])


known = speech.load("train", per_class=40, seed=2)
sounds, is_command = known.waveforms, np.isin(known.labels, keywords)
if is_command.all():  # a set without silence and other words
    others = [word for word in speech.OTHER_WORDS if word not in labels]
    sounds = np.concatenate([sounds, speech.load_words(others, "train", 5).waveforms])
    is_command = np.arange(len(sounds)) < len(known)
detector = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
detector.fit(summary(mfcc(sounds)), is_command)
cascade = measure_cascade(
    posteriors,
    window_levels_dB(stream.waveform),
    detector.predict_proba(summary(windows))[:, 1],
    stream,
    keywords=keywords,
    grid=(
        (-100.0, -48.0, -40.0, -35.0, -30.0, -25.0, -20.0, -15.0),
        (0.0, 0.3, 0.5, 0.7, 0.8, 0.9),
    ),
)
print(
    f"{stream.duration_s / 60:.0f} minutes, {cascade.keywords} commands, {cascade.windows:,}"
    " windows"
)

# %%
guess = Prediction(
    "In how many of these windows does the sound's level alone let anything pass?", unit="%"
)
guess

# %%
at = cascade.levels_dB.index(-40.0)
passed = cascade.detected[at, 0] / cascade.windows
print(f"missed without a cascade: {cascade.misses[0, 0]}; with the level: {cascade.misses[at, 0]}")
guess.reveal(round(100 * float(passed), 1))

# %% claims=true
assert cascade.misses[at, 0] == cascade.misses[0, 0] and passed < 0.5
assert cascade.misses[-1, 0] > 2 * cascade.misses[0, 0]

# %% [markdown]
# Raise both gates until commands get lost: which stage saves more, and which one misses quiet speakers? Then
# leave the chip awake while it records, and see what is left of the saving.

# %%
detector_cycles = 4 * windows[0].size  # two sums over all frames, by hand: four cycles a number
cascade_explorer(graph, cascade, detector_cycles=detector_cycles).behind(guess)

# %% [markdown]
# That recording is not your room. Let the same three stages hear it: be quiet, talk of something else, type,
# say a command. Which stage does each of them wake, and what does a noisy room cost? Where the detector stops too
# little, raise `least_score`. (No microphone? Upload a recording, or take the example.)

# %%
runner = litert.LiteRTModel(checkpoint.model)
stages = Stages(
    level_dB=-40.0,
    detect=lambda clips: detector.predict_proba(summary(mfcc(clips)))[:, 1],
    least_score=0.3,
    recognize=lambda clips: runner.predict(mfcc(clips)[..., np.newaxis]),
    keywords={k: labels[k] for k in keywords},
    detector_cycles=detector_cycles,
)
half_a_minute = stream.waveform[: 30 * speech.SAMPLE_RATE]
room = RoomCascade(graph, stages, {"half a minute of the recording": half_a_minute})
room

# %% claims=true
heard = room.figure.data[0].x
assert heard[0] == 100 and 0 < heard[2] <= heard[1] < 50

# %% [markdown]
# ## What a meter shows
#
# So far powers came from tables. Here is what a meter would record on this board: a **power trace**, a
# thousand samples a second. (It is modelled, from published powers and some noise. `tinylab fetch power-traces`
# gets real ones of three boards, from the results of MLPerf Tiny v1.3.) You can see when the network runs. What
# does one inference cost?

# %%
meter = cost.modelled_power_trace(graph, cost.default_board())
thinned = slice(None, None, 25)
trace = theme.figure(x="time (ms)", y="power (mW)", height_px=300)
trace.add_scatter(x=meter.time_ms[thinned], y=meter.power_mW[thinned].round(1), **theme.series(0))
trace.update_traces(mode="lines")
seen = (
    f"{meter.time_ms[-1] / 1000:.1f} seconds, with {meter.power_mW.min():.0f} to"
    f" {meter.power_mW.max():.0f} mW."
)
Drawing("What a meter shows", trace, seen, source=f"{meter.kind}: {meter.source}")

# %% exercise="trace_energy_uJ"
def trace_energy_uJ(time_ms, power_mW, first_ms, last_ms):
    """Energy between two moments of a trace: the area under the samples, joined by straight lines.

    time_ms, power_mW : float arrays (samples,), time rising
    first_ms, last_ms : floats; samples from first_ms to last_ms count, both included
    Returns a float.
    Example: for times [0., 1., 2.] and powers [10., 20., 20.], from 0 to 2, it is 35.0.
    """
    # solution
    inside = (time_ms >= first_ms) & (time_ms <= last_ms)
    time, power = time_ms[inside], power_mW[inside]
    return float(np.sum(np.diff(time) * (power[1:] + power[:-1]) / 2))
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Between two samples lies a trapezium: its width times the mean of both powers. A milliwatt for a
# millisecond is a microjoule.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("trace_energy_uJ", trace_energy_uJ)

# %% [markdown]
# The lowest level is the **idle floor**, the highest the network. Half way between them lies the threshold
# that finds each inference.

# %%
floor, top = np.quantile(meter.power_mW, [0.1, 0.9])
busy = meter.power_mW > (floor + top) / 2
starts = np.flatnonzero(np.diff(busy.astype(int)) == 1) + 1
ends = np.flatnonzero(np.diff(busy.astype(int)) == -1)
print(
    f"idle floor {np.median(meter.power_mW[~busy]):.1f} mW; {len(starts)} inferences, the first"
    " from",
    end=" ",
)
print(f"{meter.time_ms[starts[0]]:.0f} to {meter.time_ms[ends[ends > starts[0]][0]]:.0f} ms")

# %% claims=true
first = meter.time_ms[starts[0]], meter.time_ms[ends[ends > starts[0]][0]]
in_trace = trace_energy_uJ(meter.time_ms, meter.power_mW, *first)
assert abs(in_trace / cost.energy(graph, cost.default_board()).energy_uJ - 1) < 0.05

# %% [markdown]
# A trace of your own? `cost.read_power_trace("trace.csv")` reads what a Joulescope, an Otii or a PPK2 exports
# (the last one holds no voltage: pass `supply_V`). Then put the board into *your* catalogue: a `boards.toml`
# in the work folder, as the README shows, makes it appear in every menu here. A latency that you measured is
# set beside the prediction by `tinylab measure`, which also reads it from a serial port.

# %% [markdown]
# ## What physics asks for
#
# Horowitz (2014) measured what single operations cost in silicon (45 nm): an 8-bit multiplication a
# fraction of a picojoule, a read from a large memory hundreds of times more. Add up those for your
# model and you get the least that a chip could need.

# %%
guess = Prediction(
    "How many times as much does the board need as the operations alone?", unit="times"
)
guess

# %%
least = cost.horowitz(graph)
here = cost.energy(graph, cost.default_board())
print(f"operations and memory, 45 nm: {least.total_uJ:8.2f} uJ ({least.kind})")
print(f"{here.board}:                {here.energy_uJ:8.0f} uJ ({here.kind})")
guess.reveal(round(here.energy_uJ / least.total_uJ))

# %% [markdown]
# The rest is not waste alone: fetching and decoding instructions, the clock tree, the bus, the
# regulator, leakage. That gap is what accelerators are built to close (Sze et al. 2020).

# %%
horowitz_explorer(graph).behind(guess)

# %% [markdown]
# What holds a layer down? The **roofline** answers it with the lowest of several roofs. The *multiplier* can
# do so much. *Flash* brings weights, a line at a time, and waits for each. The *data port* moves everything.
# And a kernel needs *issue slots*: loads and loops take turns with the multiplications.

# %%
guess = Prediction(
    "The last layer uses each weight once. With good kernels on a Cortex-M4: what holds it down?",
    choices={
        "the multiplier": "It would, if nothing else took turns with it.",
        "flash": "It is slow, but the instructions around each multiplication are slower still.",
        "issue slots": "",
    },
)
guess

# %%
last = {
    kernel: roofline(graph, cost.default_board(), kernel=kernel).points[-1]
    for kernel in ("dsp", "multiplier")
}
print(f"with a perfect kernel the last layer would be held down by: {last['multiplier'].bound_by}")
guess.reveal({"multiplier": "the multiplier"}.get(last["dsp"].bound_by, last["dsp"].bound_by))

# %% claims=true
assert last["dsp"].bound_by == "issue slots" and last["multiplier"].bound_by == "flash"
slow_MHz = 0.15 * cost.board(cost.default_board()).clock_max.value
slow_clock = roofline(graph, cost.default_board(), kernel="multiplier", clock_MHz=slow_MHz)
assert slow_clock.points[-1].bound_by == "multiplier"

# %% [markdown]
# So memory is not the problem yet, and better kernels would make it one. Find the clock below which a perfect
# kernel no longer waits for its flash.

# %%
roofline_explorer(graph).behind(guess)

# %% [markdown]
# ## Or ask somebody else?
#
# Why compute at all, if a radio could send the sound to a server? It depends on the radio, on how much
# is sent, and on how often. One second of raw sound is 32,000 bytes, its features are 490, an answer
# is one. Both devices must record, compute features, keep up a connection and rest, so most of the budget
# stands on both sides.

# %%
guess = Prediction(
    "Features over Bluetooth every ten seconds, or an answer from your network: which whole device"
    " takes less?",
    choices={
        "the one that sends features": "",
        "the one that computes": "The network is dearer than 490 bytes over Bluetooth.",
    },
)
guess

# %%
answers = cost.Device(
    10.0, features_cycles=device.features_cycles, radio="ble_nrf52840", answer_bytes=1
)
sends = cost.Device(
    10.0, features_cycles=device.features_cycles, radio="ble_nrf52840", answer_bytes=490
)
here = cost.device_budget(graph, cost.default_board(), answers)
away = cost.device_budget(graph, cost.default_board(), sends)
network = here.part("network").energy_uJ / answers.efficiency
print(
    f"computing {here.energy_uJ:,.0f} uJ a look, sending {away.energy_uJ - network:,.0f} uJ:",
    end=" ",
)
print(f"{here.energy_uJ / (away.energy_uJ - network):.2f} times")
guess.reveal(guess.choices[0 if away.energy_uJ - network < here.energy_uJ else 1])

# %% claims=true
assert 1.05 < here.energy_uJ / (away.energy_uJ - network) < 1.3

# %% [markdown]
# Sending wins, but by little: what both pay for anyway hides the difference. Find a radio and a message for
# which computing wins. And what, besides energy, would you lose by sending what people say?

# %%
offloading_explorer(graph).behind(guess)

# %% [markdown]
# ## On a chip that is not there
#
# Enough of predictions: run it. The next cell turns your int8 model, and the front end before it,
# into C, compiles that for a Cortex-M4, and executes it instruction by instruction on an emulated
# chip. A second of sound goes in, a word comes out.

# %%
program = convert(checkpoint.model, kernels="dsp", front_end=KWS)
clips = speech.load("test", per_class=1, seed=4)
chip = Emulator(program).run(clips.waveforms[:4])
for label, answer in zip(clips.labels, chip.outputs.argmax(axis=1)):
    print(f"said “{clips.names[label]}”, the chip heard “{labels[answer]}”")

# %%
front_end = next(op.profile for op in chip.per_op if op.kind == "front_end")
network = chip.instructions - front_end.instructions
print(f"network   {network:>12,} instructions, {network / count(graph).macs:.2f} for each MAC")
print(f"front end {front_end.instructions:>12,} instructions")
clock_MHz = cost.board(cost.default_board()).clock_max.value
low_ms, high_ms = chip.latency_range_ms(clock_MHz)
print(
    f"at {clock_MHz:.0f} MHz {chip.latency_ms(clock_MHz):.0f} ms ({low_ms:.0f} to {high_ms:.0f},"
    " modelled)"
)
print(f"from the manual's cycles to a real chip: {chip.cycle_factor}")
print(f"cycles that an instruction waits there: {fit_waits()}")
print(
    f"flash {chip.total_flash_bytes:,} bytes, arena {chip.arena_bytes:,}, stack"
    f" {chip.stack_bytes:,}"
)

# %% [markdown]
# Fewer than three instructions for each multiply-accumulate, because one instruction (`SMLAD`) does
# two of them. The manual's cycles know no instruction that waits. How long each class of instruction waits
# comes from three networks that were run on a real chip as well, which cannot tell the classes apart for sure. And the front end is not free: what the network saves, the Fourier transform may spend.
#
# Does the chip compute the same as your computer? Feed both the same features, and compare all bits.

# %%
features = mfcc(clips.waveforms[:4])[..., np.newaxis]
reference = litert.LiteRTModel(checkpoint.model, exact=True)
stored = reference.quantize_input(features)
on_chip = Emulator(convert(checkpoint.model, kernels="dsp")).run(stored).outputs
same = np.array_equal(on_chip, reference.predict_quantized(stored))
print(f"the chip and LiteRT agree to the last bit: {same}")

# %% [markdown]
# ## What have you learned?
#
# A letter for each question. The check says what is wrong with a wrong choice.
#
# **1.** A device listens for one second in every minute, awake while it records. Which change
# lengthens its life most?
#
# - a) a battery without self-discharge
# - b) a chip that sleeps while sound goes to memory by itself
# - c) a network of half the size
#
# **2.** The fastest clock is best if
#
# - a) the board has a deep sleep to go to, and a constant power that no clock saves
# - b) always, because it is over sooner
# - c) the voltage falls at slow clocks
#
# **3.** Board A is predicted at 100 ms, B at 164 (77 to 349). You may say
#
# - a) nothing at all, because the intervals overlap
# - b) A is 1.64 times as fast
# - c) A is probably faster, and one measurement of B would settle it
#
# **4.** The same network on the same chip takes 30 times longer with
#
# - a) float weights of the same kernels' quality
# - b) a slower flash
# - c) reference kernels

# %% exercise="questions_kws_energy"
def questions_kws_energy():
    """The letters of your choices in order, "-" for an open one.

    Returns a str of 4 letters. Example: "----" leaves all open.
    """
    # solution
    return "bacc"
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Look again at *A year on one battery* (1); *Sleep is a design decision* (2); *Which board?* (3);
# *Same network, same chip* (4).
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("questions_kws_energy", questions_kws_energy)

# %% [markdown]
# ## Keep it
#
# The ledger's energy is that of a whole look: recording, features and network, as the battery pays for
# it.

# %%
chosen = cost.latency(graph, cost.default_board())
spent = cost.device_budget(graph, cost.default_board(), device)
Ledger("keyword_spotting").record(
    stage="deploy",
    made_from="adapt" if checkpoint.stage == "deploy" else checkpoint.stage,
    accuracy=checkpoint.metrics["accuracy"],
    test_set="test clips",
    examples=checkpoint.metrics.get("examples"),
    weight_bytes=count(graph).weight_bytes,
    file_bytes=len(checkpoint.model),
    ram_bytes=plan(graph).arena_bytes,
    macs=count(graph).macs,
    latency_ms=chosen.latency_ms,
    energy_uJ=spent.look_uJ,
    board=chosen.board,
    kind=chosen.kind,
)

# %% [markdown]
# ## Decide
#
# Whoever builds a device has to sign for it. Write down what you decide, half a page in all, with a figure of
# the ledger in each part. The record is bound to the rows that it rests on: if one of them changes, it says so.
# Run the cell again when you have written, and hand the notebook in with it.

# %%
Decision(
    "keyword_spotting",
    rests_on=["deploy"],
    choice="",
    rejected="",
    binding_limit="",
    residual_risk="",
)

# %% [markdown]
# You have carried one model from a waveform to a battery. **References**
#
# - Banbury et al. 2021, *MLPerf Tiny Benchmark*; the published results of rounds v0.5 to v1.2
# - Horowitz 2014, *Computing's Energy Problem (and What We Can Do about It)*
# - Sze et al. 2020, *Efficient Processing of Deep Neural Networks*
# - Williams et al. 2009, *Roofline: An Insightful Visual Performance Model*
