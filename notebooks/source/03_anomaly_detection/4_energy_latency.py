# %% [markdown]
# # Anomaly detection 4: energy and latency
#
# In this class your detector moves onto a machine where nobody changes batteries. It lives on a little
# light and a little shaking, and you write, and then teach, the governor that decides how to spend them.
#
# **You will be able to**
#
# - say what a lower voltage saves, and when running fast still saves energy;
# - choose a clock for a deadline, or mix two;
# - keep account of a small energy store, and find the best plan for a known day;
# - teach a governor by Q-learning, and judge it against rules of thumb and against what is possible.
#
# Time: one class (60 minutes). The whole notebook runs in under a minute on two processor cores.

# %%
from dataclasses import replace

import keras
import numpy as np
import pandas as pd

from tinylab import cost, data
from tinylab.cost.governor.actions import Variant, actions_for, listening, look_cost_mJ
from tinylab.cost.governor.environment import GovernorEnv
from tinylab.cost.governor.harvest import trace
from tinylab.cost.governor.optimum import offline_optimum
from tinylab.cost.governor.policies import best_fixed, best_threshold, worthwhile
from tinylab.cost.governor.q_learning import learn
from tinylab.cost.governor.station import simulate, station
from tinylab.cost.power.dvfs import dvfs_points
from tinylab.cost.power.dvfs_check import check_slow_clocks
from tinylab.course import Decision, Ledger, check
from tinylab.data import machines
from tinylab.data.machines import flat_windows
from tinylab.deploy import litert
from tinylab.explore.energy_latency.dvfs import dvfs_explorer
from tinylab.explore.energy_latency.governor import governor_explorer
from tinylab.explore.widget.predict import Prediction
from tinylab.graph import count, read_tflite
from tinylab.graph.memory import plan
from tinylab.models import checkpoints
from tinylab.models.networks.autoencoder import AutoencoderProfile, autoencoder, train_autoencoder
from tinylab.scoring import anomaly
from tinylab.scoring.verdicts import compare
from tinylab.signal.log_mel import AD

# %% [markdown]
# **Whose data?** Leave the next cell as it is for the built-in set. For sounds of your machine put
# the path of a folder in place of `None` (`path/normal/DAY_1.wav`, and a folder for each fault), here
# and in the other notebooks of this application; nothing else has to change.

# %%
data.use("anomaly_detection", None)

# %% [markdown]
# ## Less voltage
#
# A gate that switches moves a charge proportional to the voltage, through that voltage. So the power
# that goes into switching grows with the clock and with the voltage *squared*. If that were all, a slow
# clock alone would save nothing on a job of given length: half the power for twice the time. But a slow
# clock can do with less voltage, and that would save. To change both at run time is called **DVFS**,
# dynamic voltage and frequency scaling.

# %% exercise="scaled_power_mW"
def scaled_power_mW(power_mW, clock_MHz, voltage_V, new_clock_MHz, new_voltage_V):
    """Power at another clock and voltage.

    All arguments are floats > 0. Returns a float.
    Example: scaled_power_mW(40.0, 100.0, 1.2, 50.0, 0.6) is 5.0.
    """
    # solution
    return power_mW * new_clock_MHz / clock_MHz * (new_voltage_V / voltage_V) ** 2
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Two ratios, new over old, and one of them is squared.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("scaled_power_mW", scaled_power_mW)

# %% [markdown]
# A chip whose manual gives the voltages: the STM32U575. A *switching* regulator feeds its core. A
# *linear* one would burn the voltage that the core does not want: there, one of the two factors is lost.

# %%
BOARD = "nucleo_u575zi_q"
rows = []
for regulator in ("switching", "linear"):
    for point in dvfs_points(BOARD, regulator=regulator, static_share=0.0):
        energy = point.energy_per_megacycle_uJ()
        rows.append((regulator, point.clock_MHz, point.voltage_V, point.active_mW, energy))
columns = ["regulator", "clock (MHz)", "core (V)", "power (mW)", "energy of a million cycles (uJ)"]
pd.DataFrame(rows, columns=columns).round(2)

# %% [markdown]
# These powers are an idea. How good is it? Three boards were measured by others while they listened for
# a wake word, each at a fast and at a slow clock. The fast clock sets the scale; the slow one is the
# test, of three ideas: power follows the clock; it follows clock and voltage (where voltages are known);
# or a part of it does not slow down at all, as large a share as on the *other* boards.

# %%
checks = pd.DataFrame(
    {
        "board": one.board,
        "slow clock (MHz)": one.clock_MHz,
        "published (mW)": one.published_mW,
        "idea": one.idea,
        "error (%)": 100 * one.error,
    }
    for one in check_slow_clocks()
)
by_idea = checks.pivot(index=["board", "slow clock (MHz)", "published (mW)"], columns="idea").round(
    1
)
by_idea.astype(object).fillna("")

# %% [markdown]
# No idea fits all three boards. On two of them a slow clock saved less than the clock alone promises: a
# part of their power does not slow down. Draw a line through both clocks, power = a + b x clock, and
# look at what one cycle costs.

# %%
pd.DataFrame(
    {
        "board": one.board,
        "clocks (MHz)": f"{one.fast_MHz:g}, {one.slow_MHz:g}",
        "a (mW)": one.static_mW,
        "b (mW / MHz)": one.dynamic_mW_per_MHz,
        "a cycle at the slow clock (%)": 100 * (one.cycle_ratio - 1),
    }
    for one in cost.slow_clocks().values()
).round(2)

# %% claims=true
ratios = {name: one.cycle_ratio for name, one in cost.slow_clocks().items()}
assert sum(ratio > 1 for ratio in ratios.values()) == 2 and len(ratios) == 3
errors = checks[checks["idea"] == "clock alone"]["error (%)"]
assert (errors < -5).sum() == 2
assert (checks.groupby("idea")["error (%)"].agg(lambda column: column.abs().max()) > 15).all()

# %% [markdown]
# On two boards a cycle costs *more* at the slow clock, on one a little less. Two points always lie on a
# line, so this is no proof that a line is right between or beyond them. Whether somebody lowered the
# voltage in the slow runs is not published, and a negative `a` says that something other than the clock
# changed. Before you slow a board of your own down, measure it.
#
# ## As slow as the deadline allows
#
# Listening to a machine for two seconds gives 60 windows to judge. The answer must come by a
# deadline. The classical rule says: take the slowest clock that is in time.

# %% exercise="slowest_clock_MHz"
def slowest_clock_MHz(clocks_MHz, cycles, deadline_ms):
    """The lowest clock that does the job in time.

    clocks_MHz : float array, in any order; cycles, deadline_ms : floats
    Returns a float, one of the clocks. Raises ValueError if none is in time.
    Example: slowest_clock_MHz(np.array([16.0, 48.0, 80.0]), 1e6, 30.0) is 48.0.
    """
    # solution
    in_time = [clock for clock in clocks_MHz if cycles <= clock * 1000 * deadline_ms]
    if not in_time:
        raise ValueError(f"no clock does {cycles} cycles within {deadline_ms} ms")
    return float(min(in_time))
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# A clock of 1 MHz makes 1000 cycles in a millisecond. Which clocks make enough of them?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("slowest_clock_MHz", slowest_clock_MHz)

# %%
guess = Prediction(
    "This board has more time than it needs, and then rests in deep sleep. What is cheapest?",
    choices={
        "highest voltage, then sleep": (
            "deep sleep is nearly free, and a cycle at a high voltage is not"
        ),
        "lowest voltage that is in time": "what draws power at any clock is paid for longer",
    },
)
guess

# %%
full = checkpoints.load("anomaly_detection", "deploy", "compress")
print(full)
graph = read_tflite(full.model)
explorer = dvfs_explorer(graph, start=BOARD).set(rest="sleep")
best = explorer.result.best.point
top = dvfs_points(BOARD)[-1]
guess.reveal(guess.choices[0] if best.clock_MHz == top.clock_MHz else guess.choices[1])

# %% [markdown]
# Now let it rest with its clocks running. Then make the static part larger, or switch voltage scaling
# off: from which share on does hurrying win? When does a **mix** of two points beat any single one, and which two are mixed? (Ishihara and Yasuura
# 1998 proved that two neighbours are always enough.)

# %%
explorer.behind(guess)

# %% [markdown]
# ## What an inspection is worth
#
# Two models could run: your int8 autoencoder, and a narrow one with a quarter of the width. The next
# cell trains the narrow one, puts the alarm of both where a tenth of the healthy recordings of the
# validation split raises it, and counts how many faults of the test split each finds. If yours was adapted in
# the last class, it follows one machine: then the narrow one learns that machine's present job from half of the
# healthy sound, the other half sets the alarms, and both are judged on that job.

# %%
keras.utils.set_random_seed(0)
narrow = autoencoder(width=32)
if full.stage == "deploy":
    job = machines.PHASES[-1]
    sound, test = (machines.load_ageing(split, phase=job) for split in ("train", "test"))
    even = np.arange(len(sound.log_mel)) % 2 == 0
    healthy, normal, epochs = (
        sound.log_mel[even],
        sound.log_mel[~even],
        100,
    )  # there is little of it
else:
    known, validation, test = (machines.load(split) for split in machines.SPLITS)
    healthy, normal, epochs = known.log_mel, validation.log_mel[validation.labels == 0], 6
profile = AutoencoderProfile(epochs, batch_size=64)
train_autoencoder(narrow, flat_windows(healthy)[::3], profile=profile, progress=False)
small = litert.convert(narrow, "int8", representative_dataset=flat_windows(healthy)[::50])

faulty = test.log_mel[test.labels == 1]
frames = normal.shape[1]
seconds = ((frames - 1) * AD.frame_step + AD.frame_length) / AD.sample_rate_Hz
front_end = cost.front_end_cycles("anomaly_detection", frames)


def variant(name, program):
    """What one look costs with a model, and how many faults it finds."""
    predict = litert.LiteRTModel(program).predict
    threshold = np.quantile(anomaly.score_recordings(predict, normal), 0.9)
    detection = float(np.mean(anomaly.score_recordings(predict, faulty) > threshold))
    windows = frames - AD.window_frames + 1
    network = windows * cost.latency(read_tflite(program), BOARD).cycles
    print(
        f"{name:<6} finds {detection:.1%} of the faults; {network / 1e6:5.1f} million cycles a"
        " look,",
        end=" ",
    )
    print(f"and {front_end / 1e6:.1f} for the features")
    return Variant(name, network + front_end, detection)


variants = [variant("full", full.model), variant("narrow", small)]
if not any(one.detection for one in variants):
    print(
        "Neither finds a fault, so no look is worth anything: below, half of the faults count as"
        " found."
    )
    variants = [replace(one, detection=0.5) for one in variants]

# %% claims=true
assert variants[1].cycles < variants[0].cycles and front_end > 0
assert abs(frames - AD.window_frames + 1 - 60) < 3 and 1.9 < seconds < 2.2

# %% [markdown]
# Compare the two lines. The features cost the same for both, and no network saves those. If the narrow
# model finds about as many faults, the wide one will not earn its energy here, whatever its AUC; the
# governor below will find that out by itself.
#
# Every half hour the governor chooses: how often to listen, with which model, at which clock. An inspection
# costs the microphone, the listening processor, the computing, and the regulator's share. What is it worth? A fault begins at any
# time; with `n` inspections spread over the half hour, one that is detected is found half a distance
# later on average, so a share `1 - 1/(2n)` of the half hour's damage is avoided. Under heavy load faults
# do more damage, and the answer must come sooner, so that the machine can be stopped. (These rewards and
# deadlines are assumptions; they are in `tinylab.cost.governor.actions`.)

# %%
points = dvfs_points(BOARD)
actions = actions_for(variants, points, seconds=seconds)
shown = [action for action in actions if action.looks in (0, 4)]
table = pd.DataFrame(
    [(action.name, action.cost, *action.values) for action in shown],
    columns=["action", "cost (mJ)", "off", "light", "normal", "heavy"],
)
heavy = worthwhile(station(actions, store_J=0.6, sleep_mW=points[0].sleep_mW), load=3)
print("worth taking under heavy load:", "; ".join(actions[k].name for k in heavy))
print("damage avoided in a half hour, by the load of the machine:")
table.round(2)

# %% [markdown]
# ## A store that is never large enough
#
# A solar cell of six square millimetres lies under a skylight, a shaker of half a cubic centimetre sits on
# the machine, and a capacitor of 0.6 J stands between them and the device. Both sources are simulated: the
# sun by its elevation and wandering clouds, the shaker by the machine's load. How much power they give for
# their size is *assumed*, in the order of magnitude that surveys report; harvesters differ tenfold, so
# measure yours before you trust a plan.
#
# The accounting is simple. In each half hour the device first pays, if it can; an action that cannot be
# paid is not done, and the device sleeps. Then the harvest comes in, and what does not fit is lost.

# %% exercise="store_after"
def store_after(level, cost, harvest, capacity):
    """Energy in the store at the end of a slot.

    level : what is stored; cost : of the action; harvest : what comes in afterwards
    capacity : what fits. All floats in one unit. Returns a float.
    Examples: store_after(50.0, 20.0, 80.0, 100.0) is 100.0;
    store_after(5.0, 8.0, 2.0, 100.0) is 7.0.
    """
    # solution
    left = level - cost if cost <= level else level
    return min(left + harvest, capacity)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Three steps in this order: can it be paid? What is left and comes in? What fits?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("store_after", store_after)

# %%
place = station(actions, store_J=0.6, sleep_mW=points[0].sleep_mW)
sizes = {"solar_cm2": 0.06, "vibration_cm3": 0.5}
training_days = trace(300, seed=1, **sizes)
held_out = trace(30, seed=2, **sizes)
print(f"a mean day harvests {held_out.harvest_mJ.sum(axis=1).mean() / 1e3:.0f} J;", end=" ")
print(f"the darkest {held_out.harvest_mJ.sum(axis=1).min() / 1e3:.0f} J,", end=" ")
print(f"the brightest {held_out.harvest_mJ.sum(axis=1).max() / 1e3:.0f} J; the store holds 0.6 J")

# %% [markdown]
# ## If the future were known
#
# How good can any governor be? Suppose it knew all weather and work in advance. Then go backwards: after
# the last slot, stored energy is worth nothing. In the slot before, each action brings its reward now,
# and leaves a level whose worth is already known. Take the best; do so for every level; go one slot
# back. This is **dynamic programming** (Bellman 1957).

# %% exercise="best_value"
def best_value(rewards, next_levels, later):
    """What a level is worth, if the best action is taken.

    rewards : float array (actions,), of this slot
    next_levels : int array (actions,), where each leads
    later : float array (levels,), what each level is worth afterwards
    Returns a float.
    Example: best_value(np.array([0., 1.]), np.array([2, 0]), np.array([0., 1., 3.])) is 3.0:
    sleeping keeps level 2.
    """
    # solution
    return float(np.max(rewards + later[next_levels]))
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `later[next_levels]` is the worth of what each action leaves, in the order of the actions.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("best_value", best_value)

# %%
guess = Prediction(
    "How much of that bound does the best fixed setting reach on days it never saw?", unit="%"
)
guess

# %%
bound = offline_optimum(place, held_out)
tuning_days = trace(10, seed=3, **sizes)
fixed, _ = best_fixed(place, tuning_days)
runs = {"always the same": simulate(place, held_out, fixed)}
print(f"best fixed setting: {actions[fixed.action].name}")
guess.reveal(round(100 * runs["always the same"].value_per_day / bound.value_per_day, 1))

# %% [markdown]
# A rule of thumb does better: sleep while the machine is off, spend little while the store is low, and much
# when it is full. Its two levels and three settings were searched on ten other days.

# %%
threshold, _ = best_threshold(place, tuning_days)
runs["by the store's level"] = simulate(place, held_out, threshold)
print(f"below {threshold.low:.0%}: {actions[threshold.actions[0]].name}")
print(f"between:   {actions[threshold.actions[1]].name}")
print(f"above {threshold.high:.0%}: {actions[threshold.actions[2]].name}")
daily = {name: run.values.sum(axis=1) for name, run in runs.items()}
gain = compare(daily["by the store's level"], daily["always the same"])
print(gain.sentence("the rule", "always the same", scale=1, unit="a day"))

# %% claims=true
assert gain.outcome == "better" and gain.repeats == 30

# %% [markdown]
# ## Let it learn
#
# **Q-learning** (Watkins 1989) knows nothing of the sun. It keeps a table: for every state (how
# full, what time, which load, how much came in last) and every action, what may be expected from there
# on. After each slot one entry moves a little towards the reward plus the discounted best of the next
# state.

# %% exercise="q_update"
def q_update(old, reward, next_entries, rate, discount):
    """The new entry of the table.

    old : float, the entry; reward : float; next_entries : float array, the next state's entries
    rate : float in 0..1; discount : float in 0..1
    Returns a float. Example: q_update(2.0, 1.0, np.array([0., 4.]), 0.5, 0.5) is 2.5.
    """
    # solution
    target = reward + discount * np.max(next_entries)
    return old + rate * (target - old)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# First the target: reward, plus discount times the largest of the next entries. Then move by `rate`
# from the old entry towards it.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("q_update", q_update)

# %% [markdown]
# The world is an environment of Gymnasium, so any learner that speaks that interface could be put in.
# This one acts for some thousand days, at first with many random tries, and is then judged on thirty
# days that it never saw.

# %%
env = GovernorEnv(place, training_days)
governor = learn(env, place)
runs["Q-learning"] = simulate(place, held_out, governor)
print(f"{governor.tiles.states:,} states, {governor.visited:.0%} of them visited", end="; ")
tenth = len(governor.curve) // 10
print(
    f"reward a slot {governor.curve[:tenth].mean():.3f} at first,"
    f" {governor.curve[-tenth:].mean():.3f} at last"
)

# %%
results = pd.DataFrame(
    {
        "governor": [*runs, "knowing the future"],
        "damage avoided a day": [run.value_per_day for run in (*runs.values(), bound)],
        "brown-outs in 30 days": [run.brown_outs for run in (*runs.values(), bound)],
    }
)
results["of the bound (%)"] = 100 * results["damage avoided a day"] / bound.value_per_day
results.round(1)

# %%
daily["Q-learning"] = runs["Q-learning"].values.sum(axis=1)
learned = compare(daily["Q-learning"], daily["by the store's level"])
print(learned.sentence("the table", "the rule", scale=1, unit="a day"))

# %% claims=true
assert learned.outcome != "better", "the text asks whether the table is the best"
assert all(run.values.sum() <= bound.values.sum() + 1e-6 for run in runs.values())

# %% [markdown]
# Is the learned table the best? Compare it with the rule of thumb, day by day, before you answer. A table of a
# thousand entries must be visited entry by entry, and a rule that somebody thought about has only five
# numbers to find. Learning pays where nobody has the right idea, or where places differ and nobody can
# go there to tune: the table would have learned the north side of the hall by itself.
#
# Look at single days. On a dark one, who saves for the evening shift? When does the one that knows the
# future empty its store on purpose?

# %%
guess = Prediction(
    "Thirty days: how much of the bound does the learned table reach on its worst day?", unit="%"
)
guess

# %%
shares = runs["Q-learning"].values.sum(axis=1) / bound.values.sum(axis=1)
print(f"worst day {int(shares.argmin()) + 1}")
guess.reveal(round(100 * float(shares.min()), 1))

# %%
governor_explorer(place, held_out, runs, bound, start="Q-learning").behind(guess)

# %% [markdown]
# ## What have you learned?
#
# A letter for each question. The check says what is wrong with a wrong choice.
#
# **1.** Clock and voltage are both halved. The dynamic power is
#
# - a) an eighth
# - b) a half
# - c) a quarter
#
# **2.** The plan that knows the future is computed in order to
#
# - a) train the table
# - b) know how much any governor could still gain
# - c) be put into the device
#
# **3.** The rule of thumb does better than the learned table. The table is still the better choice
# where
#
# - a) there is more time to compute
# - b) the store is larger
# - c) places differ, and nobody can go there to tune a rule

# %% exercise="questions_ad_energy"
def questions_ad_energy():
    """The letters of your choices in order, "-" for an open one.

    Returns a str of 3 letters. Example: "---" leaves all open.
    """
    # solution
    return "abc"
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Look again at *Less voltage* (1); *If the future were known* (2); *Let it learn* (3).
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("questions_ad_energy", questions_ad_energy)

# %% [markdown]
# ## Keep it
#
# The ledger's last row: the int8 model on the board of this class, at its lowest voltage. Its energy is
# that of a whole look: two seconds of listening, all windows of it, and the regulator.

# %%
low = points[0]
latency = cost.latency(graph, BOARD, clock_MHz=low.clock_MHz)
look = look_cost_mJ(low, low, variants[0].cycles, listening(seconds, looks=1))
Ledger("anomaly_detection").record(
    stage="deploy, lowest voltage",
    made_from="adapt, replay" if full.stage == "deploy" else full.stage,
    accuracy=full.metrics["auc"],
    quantity="mean over four phases" if full.stage == "deploy" else None,
    test_set=full.metrics.get("tested_on", "test recordings"),
    examples=full.metrics.get("examples", full.metrics.get("recordings")),
    weight_bytes=count(graph).weight_bytes,
    file_bytes=len(full.model),
    ram_bytes=plan(graph).arena_bytes,
    macs=count(graph).macs,
    latency_ms=latency.latency_ms,
    energy_uJ=1e3 * look,
    board=latency.board,
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
    "anomaly_detection",
    rests_on=["deploy, lowest voltage"],
    choice="",
    rejected="",
    binding_limit="",
    residual_risk="",
)

# %% [markdown]
# You have followed one detector from a sound to a device that lives on light.
#
# **References**
#
# - Xu et al. 2021, as cited by the review, on energy-aware inference at the edge
# - Ishihara and Yasuura 1998, *Voltage Scheduling Problem for Dynamically Variable Voltage Processors*
# - Roundy, Wright and Rabaey 2003, *A Study of Low Level Vibrations as a Power Source for Wireless Sensor
#   Nodes*
# - Bellman 1957, *Dynamic Programming*; Watkins 1989, *Learning from Delayed Rewards*
# - Towers et al. 2024, *Gymnasium: A Standard Interface for Reinforcement Learning Environments*
