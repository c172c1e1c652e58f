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
# Time: one class (60 minutes). The whole notebook runs in under a minute on two processor cores.

# %%
import numpy as np
import pandas as pd
from scipy.optimize import nnls

from tinylab import cost
from tinylab.course import Ledger, check
from tinylab.data import speech
from tinylab.deploy import litert
from tinylab.deploy.codegen import convert
from tinylab.deploy.emulator import Emulator
from tinylab.explore.energy_latency.battery import battery_explorer
from tinylab.explore.energy_latency.boards import board_explorer
from tinylab.explore.energy_latency.clock import race_to_idle_explorer
from tinylab.explore.energy_latency.horowitz import horowitz_explorer
from tinylab.explore.energy_latency.radio import offloading_explorer
from tinylab.explore.energy_latency.roofline import roofline_explorer
from tinylab.explore.energy_latency.validation import validation_explorer
from tinylab.explore.widget.predict import Prediction
from tinylab.graph import count, read_tflite
from tinylab.graph.memory import plan
from tinylab.models import checkpoints
from tinylab.signal.mfcc import KWS, mfcc

# %% [markdown]
# ## Your model as a list of work
#
# A processor does not run "a network", it runs operators. What takes time is first the
# multiply-accumulates, and they do not all cost the same; then moving every element in and out; then
# a little for starting each operator.

# %%
checkpoint = checkpoints.load("keyword_spotting", "compress")
print(checkpoint)
graph = read_tflite(checkpoint.model)
work = cost.workload(graph)
for name, amount in zip(cost.FEATURES, work.features):
    print(f"{name:<18} {amount:>11,.0f}")

# %% [markdown]
# A clock of 1 MHz ticks a million times a second, which is a thousand times a millisecond.

# %% exercise="latency_from_cycles"
def latency_from_cycles(macs, cycles_per_mac, overhead_cycles, clock_MHz):
    """Latency in milliseconds.

    macs : int; cycles_per_mac : float; overhead_cycles : float, once an inference; clock_MHz : float
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
# 2021). Here are four boards of one round that ran the same software. Two of them share a core.

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
published.pivot(index=["board", "core", "clock_MHz"], columns="benchmark", values="latency_ms")

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
# Now the fourth board, `nucleo_h7a3zi_q`. It has the core of `disco_f746ng`, at another clock; you may
# use that row of the table, and cover the other.

# %%
fourth = published[published.board == names[3]].set_index("benchmark")
at = f"{fourth.clock_MHz.max():.0f} MHz"
guess = Prediction(f"How many ms does keyword spotting take on the fourth board, at {at}?", unit="ms")
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
validation_explorer()

# %% [markdown]
# Note the interval each prediction carries. A single number would be more convincing, and less true.
#
# ## Which board?
#
# Energy is power times time. On plain microcontrollers the power hardly depends on the model: over the
# benchmarks of one submission it varies by a few percent. Another company's run of the same board may
# draw a third more, so an energy has a wider interval than a latency.

# %%
board_explorer(graph)

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
    choices=["fast clock, then idle", "slowest clock that keeps up"],
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
# cycle* cost at each clock? Where power is `a + b x clock`, a cycle costs `a / clock + b`: the part `a`
# that no clock saves makes slow cycles dearer. Two published clocks of one board give you both numbers.

# %%
pair = cost.slow_clocks()[cost.DEFAULT_BOARD]
print(f"{pair.board}: a = {pair.static_mW:.1f} mW, b = {pair.dynamic_mW_per_MHz:.3f} mW / MHz;", end=" ")
print(f"a cycle at {pair.slow_MHz:g} MHz costs {pair.cycle_ratio - 1:+.0%}")

# %% claims=true
assert slowest < fast and pair.cycle_ratio > 1.1

# %% [markdown]
# So hurrying pays where the device may sleep deeply afterwards, and slowing down where it must stay
# awake anyway. Find both in the next explorer, and the share of constant power at which the answer
# turns.

# %%
race_to_idle_explorer(graph)

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
    choices=["the network", "the features", "being awake while it records", "resting"],
)
guess

# %%
device = cost.Device(period_s=60.0, features_cycles=cost.front_end_cycles("keyword_spotting"))
budget = cost.device_budget(graph, cost.default_board(), device)
for part in budget.parts:
    print(f"{part.name:<10} {part.energy_uJ:>9,.0f} uJ a minute")
print(f"a coin cell lasts {budget.life.days:.0f} days;", end=" ")
print(f"the network alone would promise {cost.battery_life(budget.part('network').power_mW).days:,.0f}")
names = {"network": 0, "front_end": 1, "waiting": 2, "rest": 3}
most = max((part for part in budget.parts if part.name in names), key=lambda part: part.energy_uJ)
guess.reveal(guess.choices[names[most.name]])

# %% claims=true
assert most.name == "waiting" and 50 < budget.life.days < 153
assert not budget.pulse.battery_alone

# %% [markdown]
# A coin cell has another limit: it cannot give the current that the chip wants while it computes. A
# **capacitor** beside it can, for the tenth of a second that a look takes, and is filled again before the
# next one.
#
# In the explorer, let the chip sleep while sound goes to memory by itself, and see which clock is best
# then. Find a board and a setting that last a year, and one that no coin cell can feed.

# %%
battery_explorer(graph)

# %% [markdown]
# ## What physics asks for
#
# Horowitz (2014) measured what single operations cost in silicon (45 nm): an 8-bit multiplication a
# fraction of a picojoule, a read from a large memory hundreds of times more. Add up those for your
# model and you get the least that a chip could need.

# %%
least = cost.horowitz(graph)
here = cost.energy(graph, cost.default_board())
print(f"operations and memory, 45 nm: {least.total_uJ:8.2f} uJ ({least.kind})")
print(f"{here.board}:                {here.energy_uJ:8.0f} uJ ({here.kind})")
print(f"the board needs {here.energy_uJ / least.total_uJ:,.0f} times as much")

# %% [markdown]
# The rest is not waste alone: fetching and decoding instructions, the clock tree, the bus, the
# regulator, leakage. That gap is what accelerators are built to close (Sze et al. 2020).

# %%
horowitz_explorer(graph)

# %% [markdown]
# Is a layer limited by arithmetic or by memory? The **roofline** answers it: work done for each byte
# moved, against the lower of two roofs.

# %%
roofline_explorer(graph)

# %% [markdown]
# ## Or ask somebody else?
#
# Why compute at all, if a radio could send the sound to a server? It depends on the radio, on how much
# is sent, and on how often. One second of raw sound is 32,000 bytes, its features are 490, an answer
# is one. Features must be computed before they can be sent, so that work stands on both sides. Find a
# radio for which computing wins, and one for which it does not. And what, besides energy, would you
# lose by sending what people say?

# %%
offloading_explorer(graph)

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
    print(f"said “{speech.LABELS[label]}”, the chip heard “{speech.LABELS[answer]}”")

# %%
front_end = next(op.profile for op in chip.per_op if op.kind == "front_end")
network = chip.instructions - front_end.instructions
print(f"network   {network:>12,} instructions, {network / count(graph).macs:.2f} for each MAC")
print(f"front end {front_end.instructions:>12,} instructions")
clock_MHz = cost.board(cost.default_board()).clock_max.value
print(f"at {clock_MHz:.0f} MHz about {chip.latency_ms(clock_MHz):.0f} ms, by the Cortex-M4 manual's timings")
print(f"flash {chip.total_flash_bytes:,} bytes, arena {chip.arena_bytes:,}, stack {chip.stack_bytes:,}")

# %% [markdown]
# Fewer than three instructions for each multiply-accumulate, because one instruction (`SMLAD`) does
# two of them. And the front end is not free: what the network saves, the Fourier transform may spend.
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
# ## Keep it
#
# The ledger's energy is that of a whole look: recording, features and network, as the battery pays for
# it.

# %%
chosen = cost.latency(graph, cost.default_board())
spent = cost.device_budget(graph, cost.default_board(), device)
Ledger("keyword_spotting").record(
    stage="deploy",
    accuracy=checkpoint.metrics["accuracy"],
    flash_bytes=len(checkpoint.model),
    ram_bytes=plan(graph).arena_bytes,
    macs=count(graph).macs,
    latency_ms=chosen.latency_ms,
    energy_uJ=spent.look_uJ,
    board=chosen.board,
    kind=chosen.kind,
)

# %% [markdown]
# You have carried one model from a waveform to a battery. **References**
#
# - Banbury et al. 2021, *MLPerf Tiny Benchmark*; the published results of rounds v0.5 to v1.2
# - Horowitz 2014, *Computing's Energy Problem (and What We Can Do about It)*
# - Sze et al. 2020, *Efficient Processing of Deep Neural Networks*
# - Williams et al. 2009, *Roofline: An Insightful Visual Performance Model*
