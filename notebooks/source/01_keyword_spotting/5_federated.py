# %% [markdown]
# # Keyword spotting 5: federated
#
# In this class a hundred users teach one model thirty new words, and no sound leaves a device. You find
# out what that costs in accuracy, in bytes, in joules and in privacy, and who can spoil it.
#
# **You will be able to**
#
# - say when learning together pays, and measure what unlike users cost;
# - write a round: the mean of updates, the pull of FedProx, momentum at the server;
# - count the bytes and joules of a round, and send a tenth of them;
# - clip and add noise, and read from an accountant what that promises;
# - choose a rule against attackers, and say what it costs in peace.
#
# Time: one class (60 minutes). The whole notebook runs in under a minute on two processor cores.

# %%
import numpy as np
import pandas as pd
from IPython.display import display

from tinylab import data
from tinylab.adapt.federated.compression import few_bits
from tinylab.adapt.federated.keywords.comparison import alone, federated, personalised, together
from tinylab.adapt.federated.keywords.runs import measured_epsilons, measured_runs
from tinylab.adapt.federated.keywords.tuned import tuned_settings
from tinylab.adapt.federated.keywords.users import NEW_WORDS, draw_users, feature_bank, settle
from tinylab.adapt.federated.keywords.vocabularies import ALIKE, effective_words
from tinylab.adapt.federated.messages import LocalRecipe
from tinylab.adapt.federated.privacy import masked
from tinylab.adapt.federated.strategies import FedAvg
from tinylab.adapt.federated.traffic import participation
from tinylab.course import Ledger, check
from tinylab.explore.adapt.federated_cost import federated_cost_explorer
from tinylab.explore.adapt.federated_methods import federated_methods_explorer
from tinylab.explore.adapt.federated_personal import federated_personal_explorer
from tinylab.explore.adapt.federated_poison import federated_poison_explorer
from tinylab.explore.adapt.federated_privacy import federated_privacy_explorer
from tinylab.explore.widget.predict import TIE, Prediction
from tinylab.models import checkpoints
from tinylab.scoring.verdicts import compare, rank

# %% [markdown]
# **Whose data?** Leave the next cell as it is for the built-in set. For your recordings of words put
# the path of a folder in place of `None` (`path/WORD/NAME_1.wav`, a folder for each word), here and
# in the other notebooks of this application; nothing else has to change.

# %%
data.use("keyword_spotting", None)

# %% [markdown]
# ## A hundred users and their words
#
# In the third class one owner taught one word. Now a hundred owners use the same device, and each wants
# words of its own: thirty in all, and the factory model calls every one of them *unknown*. Each user
# has said 40 clips. Nobody says all thirty words, and nobody wants to send a recording.
#
# How unlike are the users? Draw each one's shares of the words from a *Dirichlet distribution* with a
# number alpha: a large alpha gives all users the same shares, a small one gives each a few words. But
# then some words would be rare in all, and rare words are hard for another reason. So scale: first the
# columns, so that every word is said equally often in all; then the rows, so that each user is whole
# again; and so on in turn.

# %% exercise="vocabulary_split"
def vocabulary_split(shares, sweeps):
    """Scale shares of words so that users are whole and words are said equally often.

    shares : float array (users, words), all above 0; sweeps : int, 1 or more
    A sweep scales each column to add up to users / words, then each row to add up to 1.
    Returns a float array (users, words). Write it yourself: vocabularies.balanced_vocabularies may
    not be called. Example: vocabulary_split(np.array([[1., 1.], [1., 3.]]), 1) is about
    [[0.667, 0.333], [0.4, 0.6]].
    """
    # solution
    users, words = shares.shape
    for _ in range(sweeps):
        shares = shares / shares.sum(axis=0) * users / words
        shares = shares / shares.sum(axis=1, keepdims=True)
    return shares
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `shares.sum(axis=0)` has one number a word. `keepdims=True` keeps the column in which the rows' sums
# stand, so that you can divide by it.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("vocabulary_split", vocabulary_split)

# %%
data.aside(
    "keyword_spotting",
    "a folder has no hundred users; the users, their words and the long runs below are built in",
)
SEEDS = range(3)
plans = [draw_users(0.1, seed=seed) for seed in SEEDS]
for alpha in (0.03, 0.1, 1.0, ALIKE):
    words = effective_words(draw_users(alpha).vocabularies).mean()
    print(f"alpha {alpha:<6g}: a user really uses {words:4.1f} of {len(NEW_WORDS)} words")

# %% claims=true
assert all(plan.counts.tolist() == [40] * 100 for plan in plans) and len(NEW_WORDS) == 30
assert max(len(set(said)) for plan in plans for said in plan.labels.tolist()) < 30

# %% [markdown]
# Your own model, of the third class if you did it, else of the first, stays as it is but for its last layer. So its
# 64 features of every clip are computed once, and what the users train is a new last layer: 64 x 30 weights and 30 biases.

# %%
checkpoint = checkpoints.load("keyword_spotting", "adapt", "train")
print(checkpoint)
features = feature_bank(checkpoint.model, plans)
settings = [settle(plan, features) for plan in plans]
WEIGHTS = sum(part.size for part in settings[0].start)
print(
    f"{WEIGHTS:,} weights to learn; measured on {len(settings[0].y):,} clips of voices that no"
    " user has"
)

# %% claims=true
assert WEIGHTS == 64 * 30 + 30

# %% [markdown]
# ## A round
#
# *Federated averaging* (McMahan et al. 2017) goes in rounds. The server draws some users and sends them the
# common weights. Each trains on its own clips for a few epochs and sends back its *update*: what it has
# now minus what it was sent. The server adds the mean of the updates, users with more clips counting more.

# %% exercise="federated_round_mean"
def federated_round_mean(common, updates, examples):
    """The common weights after a round.

    common : float array (size,); updates : float array (clients, size), changes of the weights
    examples : int array (clients,), on how many clips each was trained
    Returns a float array (size,). Write it yourself: rules.weighted_mean may not be called.
    Example: federated_round_mean(np.array([1., 1.]), np.array([[0., 2.], [4., 6.]]),
    np.array([1, 3])) is [4., 6.].
    """
    # solution
    return common + examples @ updates / examples.sum()
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# The shares `examples / examples.sum()` add up to one. The mean of the updates is a change: what is it a
# change of?
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("federated_round_mean", federated_round_mean)

# %% [markdown]
# Two figures are measured, both on voices that nobody trained on. *All words*: each of the thirty counts
# alike. *Own words*: each user's words, as often as that user says them, and the mean over users. Of one
# common model, both are the same number, because all words are said equally often: only a model of
# one's own can make them differ.
#
# Compare four ways: **alone**, every user learns from its own clips; **federated**, thirty rounds with
# twenty users each; **together**, all clips on one computer, which is what nobody wanted; and
# **personalised**: federated, and then every user goes on for five epochs by itself.
#
# The learning rate of each way was tuned for that way alone, on other users, and on voices that are
# neither learned from nor measured here: alone and personalised for own words, the others for all words.
# One rate for all would favour the way that it happens to suit.

# %%
guess = Prediction(
    "With a few words a user (alpha 0.1): what share of all words does the federated model get"
    " right?",
    unit="%",
)
guess

# %%
rates = {
    way: tuned_settings("methods", way, 0.1)["rate"] for way in ("alone", "FedAvg", "together")
}
personal = tuned_settings("personal", "FedAvg, 5 epochs", 0.1)


def by_rounds(setting, rate, seed):
    """Thirty rounds of federated averaging: the common model, and the record."""
    strategy = FedAvg(LocalRecipe(learning_rate=rate))
    return federated(strategy, setting, rounds=30, seed=seed, every=30)


outcomes = {way: [] for way in ("alone", "federated", "together", "personalised")}
for setting, seed in zip(settings, SEEDS):
    _, record = by_rounds(setting, rates["FedAvg"], seed)
    outcomes["federated"].append(record[-1].figures)
    own = LocalRecipe(epochs=30, learning_rate=rates["alone"])
    outcomes["alone"].append(vars(alone(setting, own, seed)))
    all_clips = LocalRecipe(epochs=40, batch_size=50, learning_rate=rates["together"])
    outcomes["together"].append(vars(together(setting, all_clips, seed)))
    common, _ = by_rounds(setting, personal["rate"], seed)
    further = LocalRecipe(epochs=5, learning_rate=personal["personal_rate"])
    outcomes["personalised"].append(vars(personalised(setting, common, further, seed)))
table = pd.DataFrame({way: pd.DataFrame(figures).mean() for way, figures in outcomes.items()}).T
display((100 * table).round(1))
guess.reveal(round(100 * table.all_words["federated"], 1))

# %%
def on_all_words(way):
    """What a way reached on all words, seed by seed."""
    return [figures["all_words"] for figures in outcomes[way]]


for way in ("alone", "together"):
    verdict = compare(on_all_words("federated"), on_all_words(way))
    print(verdict.sentence("Federated", way))

# %% claims=true
assert table.all_words["federated"] > 3 * table.all_words["alone"]
assert table.all_words["together"] - table.all_words["federated"] < 0.08
assert table.own_words["personalised"] > table.own_words["federated"]

# %% [markdown]
# Alone, nobody can learn a word that it never says. By rounds, everybody gets all thirty words, at a few
# points less than if all clips lay on one computer.
#
# ## Unlike users
#
# Everything from here on was measured in the same way for many settings, with the bundled model and five
# seeds; the explorers look it up. From vocabularies that are alike to alpha 0.03, FedAvg loses accuracy.

# %%
guess = Prediction(
    "How much of what FedAvg loses there would learning *together* lose, too?",
    choices={
        "less than a half": (
            "unlike users look like a trouble of averaging; but each word is also heard from fewer"
            " voices, and one computer with all clips hears no more of them"
        ),
        "more than a half": "",
    },
    tie=True,
)
guess

# %% [markdown]
# Move alpha from right to left, and watch the black marks, where each way stood when vocabularies were
# alike. Then change what is compared: an optimizer against FedAvg, slow users, users of unlike sizes.

# %%
runs = measured_runs()
federated_methods_explorer(runs).behind(guess)

# %%
gaps = pd.DataFrame(
    {
        f"alpha {alpha:g}": {
            name: 100 * runs.last("methods", name, alpha).mean()
            for name in ("alone", "FedAvg", "together")
        }
        for alpha in runs.alphas("methods")
    }
)
gaps.loc["together - FedAvg"] = gaps.loc["together"] - gaps.loc["FedAvg"]


def lost(name):
    """What alpha 0.03 takes from a way, seed by seed."""
    return runs.last("methods", name, ALIKE) - runs.last("methods", name, 0.03)


display(gaps.round(1))
half = compare(lost("together"), lost("FedAvg") / 2)
print(f"lost: FedAvg {lost('FedAvg').mean():.1%}, together {lost('together').mean():.1%}")
guess.reveal({"better": "more than a half", "worse": "less than a half", "tie": TIE}[half.outcome])

# %% claims=true
assert half.outcome == "better"

# %% [markdown]
# Most of what a low alpha takes, it takes from *together* as well; the price of federation itself is the last
# row. Some ideas try to lower it.
#
# **FedProx** (Li et al. 2020) pulls each user back while it trains, by the gradient of
# $\frac{\mu}{2} |w - w_\text{common}|^2$.

# %% exercise="proximal_gradient"
def proximal_gradient(weights, common, mu):
    """Gradient of mu / 2 * |weights - common|^2 with respect to the weights.

    weights, common : float arrays of one shape; mu : float, 0 or more
    Returns an array of that shape. Write it yourself: trainers.proximal_penalty may not be called.
    Example: proximal_gradient(np.array([3., 1.]), np.array([1., 1.]), 0.5) is [1., 0.].
    """
    # solution
    return mu * (weights - common)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# The derivative of a square brings down a factor of two.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("proximal_gradient", proximal_gradient)

# %% [markdown]
# **Momentum at the server** (FedAvgM, Hsu et al. 2019) treats the mean update as a push: the server keeps a
# velocity, which the old velocity and the new update make together.

# %% exercise="server_momentum"
def server_momentum(weights, mean_update, velocity, momentum):
    """A step of the server with momentum.

    weights, mean_update, velocity : float arrays of one shape; momentum : float in 0..1
    Returns (new weights, new velocity). The update counts in full. Write it yourself:
    strategies.FedAvgM may not be used. Example: server_momentum(np.array([1.]), np.array([2.]),
    np.array([4.]), 0.5) is ([5.], [4.]).
    """
    # solution
    velocity = momentum * velocity + mean_update
    return weights + velocity, velocity
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# First the new velocity; then step by it.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("server_momentum", server_momentum)

# %% [markdown]
# **SCAFFOLD** (Karimireddy et al. 2020) sends each user a correction: how its gradient usually differs from
# everyone's. That doubles the bytes on the way down. **FedAdam** (Reddi et al. 2021) steps by Adam at the
# server.

# %%
def against_fedavg(name, alpha):
    """Points gained on FedAvg on all words, in pairs of seeds; each tuned by itself."""
    return compare(runs.last("methods", name, alpha), runs.last("methods", "FedAvg", alpha))


NAMES = ("FedProx, mu 0.01", "FedProx, mu 1", "FedAvgM", "FedAdam", "SCAFFOLD")
for alpha in (0.03, 0.1, ALIKE):
    print(f"alpha {alpha:g}")
    for name in NAMES:
        print("  " + against_fedavg(name, alpha).sentence(name, "FedAvg"))

# %% claims=true
for alpha in (0.03, 0.1, ALIKE):
    assert against_fedavg("SCAFFOLD", alpha).outcome == "better", alpha
    assert against_fedavg("FedProx, mu 1", alpha).outcome == "worse", alpha
    assert against_fedavg("FedProx, mu 0.01", alpha).outcome != "better", alpha

# %% [markdown]
# Each method had the learning rate that suits it, and they differ: compared at one rate for all, a method looks
# good that merely makes longer steps.

# %%
chosen = {name: tuned_settings("methods", name, 0.1) for name in ("FedAvg", *NAMES)}
pd.DataFrame(chosen).T.astype(object).fillna("")

# %% [markdown]
# FedProx does not help here, at any rate; a strong pull costs points. Training a last layer is a convex problem, and
# users do not run far apart in five epochs. SCAFFOLD gains everywhere. FedProx's paper is about deeper models, and
# about something else that you can see here: *slow* users. If half or nine tenths of the users cannot finish in
# time, should the server drop them, or take the part that they have done?

# %%
slow = pd.DataFrame(
    {
        kind: {
            share: 100 * runs.last("stragglers", f"{share} slow, {kind}", 0.1).mean()
            for share in ("50%", "90%")
        }
        for kind in ("dropped", "partial work")
    }
)
slow.index.name = "slow users"
partial = compare(
    runs.last("stragglers", "90% slow, partial work", 0.1),
    runs.last("stragglers", "90% slow, dropped", 0.1),
)
print(partial.sentence("With nine tenths slow, partial work", "dropping them"))
slow.round(1)

# %% claims=true
assert partial.outcome == "better"
assert partial.difference > max(against_fedavg(name, 0.1).difference for name in NAMES)

# %% [markdown]
# Partial work is then worth more than any of the optimizers. One more choice: McMahan's mean lets users with many
# clips count more. When sizes are very unlike (8 to 240 clips) and vocabularies too, is that good for all
# words?

# %%
sizes = {
    alpha: compare(runs.last("sizes", "all alike", alpha), runs.last("sizes", "by examples", alpha))
    for alpha in runs.alphas("sizes")
}
for alpha, verdict in sizes.items():
    print(f"alpha {alpha:g}: {verdict.sentence('Counting all users alike', 'by examples')}")

# %% claims=true
assert sizes[0.1].outcome == "better" and sizes[ALIKE].outcome == "tie"

# %% [markdown]
# A user who talks much of few words pulls the model towards them. Where vocabularies are alike, that does no harm; at
# alpha 0.1 it does. Counting by examples is a choice, not a law.
#
# ## Your own words
#
# So far everybody got the same model. But a user wants its own words. At alpha 0.03 a user really uses
# about three.

# %% claims=true
assert 2.5 < effective_words(draw_users(0.03).vocabularies).mean() < 4.5

# %%
guess = Prediction(
    "Alpha 0.03: who serves a user's own words best?",
    choices={
        "alone": (
            "its own clips are few, and the common model has learned what clips in general need"
        ),
        "common": "the common model spends itself on thirty words, of which the user says a few",
        "common, then tuned by the user": "",
    },
    tie=True,
)
guess

# %%
federated_personal_explorer(runs).behind(guess)

# %%
own = {
    "alone": runs.last("methods", "alone", 0.03, "own_words"),
    "common": runs.last("methods", "FedAvg", 0.03, "own_words"),
    "common, then tuned by the user": runs.last("personal", "FedAvg, 5 epochs", 0.03, "own_words"),
}
for name, values in own.items():
    print(f"{name:<31} {values.mean():.1%} of a user's own words")
print(compare(own["common, then tuned by the user"], own["alone"]).sentence("Tuned", "alone"))
guess.reveal(rank(own).winner or TIE)

# %% claims=true
assert compare(own["common, then tuned by the user"], own["alone"]).outcome == "better"
assert compare(own["alone"], own["common"]).outcome == "better"
assert own["common, then tuned by the user"].mean() - own["common"].mean() > 0.1

# %% [markdown]
# Where users are unlike, a common model is the wrong model for each of them, and the right one to start from.
# Tune for long and the user's other words are forgotten; and where users are alike, tuning brings nothing.
# Find that in the explorer.

# %% claims=true
def after_tuning(epochs, alpha, figure):
    return runs.last("personal", f"FedAvg, {epochs} epochs", alpha, figure)


assert compare(*(after_tuning(n, 0.03, "all_words") for n in (20, 0))).outcome == "worse"
assert compare(*(after_tuning(n, ALIKE, "own_words") for n in (5, 0))).outcome != "better"

# %% [markdown]
#
# ## Bytes and joules
#
# The radio sends the model to every user that was drawn, in float32, four bytes a weight. Back comes an update
# from those that answer; it may have fewer bits.

# %% exercise="round_bytes"
def round_bytes(drawn, answered, weights, bits):
    """Bytes on the air in a round.

    drawn, answered : int, users that were sent the model, users that sent an update
    weights : int, numbers in the model; bits : int, of each number of an update
    The model goes down in four bytes a weight; each update is rounded up to whole bytes.
    Returns an int. Example: round_bytes(3, 2, 5, 4) is 66: 3 times 20 down, 2 times 3 up.
    """
    # solution
    update = -(-weights * bits // 8)
    return 4 * weights * drawn + update * answered
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `-(-a // b)` divides and rounds up. A user that drops out was sent the model all the same.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("round_bytes", round_bytes)

# %%
radios = ("ble_nrf52840", "wifi_esp32s2", "lora_sf7", "lora_sf12")
rows = {}
for radio in radios:
    for bits in (32, 4):
        up_bytes = -(-WEIGHTS * bits // 8) + (4 if bits < 32 else 0)
        rows[radio, bits] = participation(4 * WEIGHTS, up_bytes, radio)
spent = pd.DataFrame(
    {
        "down (mJ)": {key: row.down_uJ / 1e3 for key, row in rows.items()},
        "up (mJ)": {key: row.up_uJ / 1e3 for key, row in rows.items()},
        "next allowed after (s)": {key: row.air_limit_s for key, row in rows.items()},
    }
).rename_axis(["radio", "bits up"])
spent.round(2)

# %% claims=true
for radio in radios:
    small = rows[radio, 4]
    assert small.down_uJ > 0.5 * small.energy_uJ, radio
assert rows["wifi_esp32s2", 32].energy_uJ < 1.02 * rows["wifi_esp32s2", 4].energy_uJ
assert rows["lora_sf12", 4].air_limit_s > 2 * 3600

# %% [markdown]
# Once updates are small, the way *down* is most of the cost. Wi-Fi pays for its start, whatever is sent. Over LoRa
# at its slowest the law decides: one percent of the time on the air, so a participation takes hours.
#
# Few bits lose something. But what is lost need not be lost: a user keeps what the rounding took away and adds it
# to its next update. That is **error feedback** (Seide et al. 2014).

# %% exercise="keep_what_was_lost"
def keep_what_was_lost(update, memory, step):
    """Round an update to whole steps, and keep the rest for the next one.

    update, memory : float arrays of one shape; step : float above 0
    What is to be sent is update + memory; each number is rounded to the nearest multiple of step.
    Returns (what is sent, what is kept), both in the unit of the weights.
    Example: keep_what_was_lost(np.array([0.3]), np.array([0.1]), 0.25) is about ([0.5], [-0.1]).
    """
    # solution
    whole = update + memory
    sent = np.round(whole / step) * step
    return sent, whole - sent
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Whatever you do, what is sent and what is kept must add up to the update and the old memory.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("keep_what_was_lost", keep_what_was_lost)

# %%
update = np.random.default_rng(0).normal(0, 0.01, WEIGHTS).astype(np.float32)
sent, size = few_bits(update, 2)
worst = np.abs(sent - update).max()
print(f"one update in 2 bits: {size} bytes instead of {4 * WEIGHTS:,}, and {worst:.3f} off at most")
for name in ("32 bits", "8 bits", "4 bits", "2 bits", "largest 1 %", "sign"):
    plain = runs.last("compression", name, 0.1).mean()
    kept = ""
    if name != "32 bits":
        accuracy = runs.last("compression", f"{name}, feedback", 0.1).mean()
        kept = f", with feedback {accuracy:.1%}"
    print(f"{name:<12} {plain:.1%} of all words{kept}")

# %% claims=true
for rough in ("2 bits", "sign", "largest 1 %"):
    pair = (runs.last("compression", f"{rough}{end}", 0.1) for end in (", feedback", ""))
    assert compare(*pair).outcome == "better", rough
assert (
    abs(np.subtract(*(runs.last("compression", n, 0.1).mean() for n in ("8 bits", "32 bits"))))
    < 0.005
)

# %% [markdown]
# Which combination takes the least energy to reach an accuracy? Fewer bits may need more rounds. Change the radio,
# and ask the same again.

# %%
federated_cost_explorer(runs)

# %% [markdown]
# ## Privacy
#
# An update is not a recording, but it is not nothing: whose words were trained can be read from it. **Masks** hide
# each update from the server: every pair of users agrees on a random number that one adds and the other
# subtracts. The sum is right, and nothing else can be seen.

# %%
secret = np.round(np.random.default_rng(1).normal(size=(3, 4)), 2)
hidden = masked(secret, seed=0)
print("what the server sees of the first user:", hidden[0].round(1), "instead of", secret[0])
print(
    "sum of all that it sees:",
    hidden.sum(axis=0).round(2),
    "the true sum:",
    secret.sum(axis=0).round(2),
)

# %% claims=true
assert np.allclose(hidden.sum(axis=0), secret.sum(axis=0))

# %% [markdown]
# But the model itself still tells. **Differential privacy** limits what it can tell: every update is cut to a length,
# and noise is added to the sum. Then nobody can say whether one user took part, up to a number *epsilon*.
# Divide by the number of users you *expected*: how many came would tell something itself.

# %% exercise="clip_and_noise"
def clip_and_noise(updates, clip, z, normal, expected):
    """A private mean of updates.

    updates : float array (clients, size); clip : float, the longest update that counts in full
    z : float, the noise multiplier; normal : float array (size,), drawn from N(0, 1)
    expected : float, how many clients come on average
    Updates longer than clip keep their direction; noise of standard deviation z * clip goes onto
    the sum. Returns a float array (size,). Write it yourself: rules.clipped may not be called.
    Example: clip_and_noise(np.array([[3., 4.], [0., 1.]]), 2.5, 0., np.zeros(2), 2.) is
    [0.75, 1.5].
    """
    # solution
    lengths = np.maximum(np.linalg.norm(updates, axis=1, keepdims=True), 1e-12)
    total = (updates * np.minimum(1, clip / lengths)).sum(axis=0)
    return (total + z * clip * normal) / expected
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# The length of an update is the root of the sum of all its squares. What factor brings a length down to `clip`,
# and what factor leaves a short one alone? Guard against dividing by zero.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("clip_and_noise", clip_and_noise)

# %% [markdown]
# Epsilon is not computed here but looked up: it comes from an *accountant*, dp-accounting, which follows the
# privacy that is spent over thirty rounds when each user takes part by a coin of its own. Clipping without noise
# has no epsilon at all: it promises nothing.

# %%
guess = Prediction(
    "Epsilon stays the same: do 240 users instead of 100 make the common model better or worse?",
    choices={
        "better": "",
        "worse": "the noise is added once to the sum, however many users are in it",
    },
    tie=True,
)
guess

# %%
federated_privacy_explorer(runs, measured_epsilons()).behind(guess)

# %%
few, many = (
    runs.last("privacy", f"{users} users, share 0.2, noise 1", ALIKE) for users in (100, 240)
)
print(
    f"noise 1, share 0.2, the same epsilon: 100 users {few.mean():.1%}, 240 users {many.mean():.1%}"
)
outcome = compare(many, few).outcome
guess.reveal(TIE if outcome == "tie" else outcome)

# %% claims=true
assert compare(many, few).outcome == "better"

# %% [markdown]
# (The clip was tuned, too, on other users; with private data, that would have to be counted as well.) The noise on
# the sum stays the same while more users are added up, so it weighs less on each. (Delta, 0.001 here, should
# be well below one over the number of users; for 240 it is not: real systems have thousands.)
#
# ## Poison
#
# A server that sees no clips cannot see wrong ones. Some users may shift all their labels, or send an update turned
# round and blown up. **Robust rules** replace the mean: the median of each weight, a mean without the extremes, the
# update nearest to the others (Krum), or the mean after long updates were cut.

# %%
guess = Prediction(
    "Nobody attacks, and vocabularies are unlike: which rule costs the most accuracy?",
    choices={
        "median": (
            "of a word that few users say, most users send no change: the median keeps theirs"
        ),
        "Krum": "",
        "norm clipping": "it shortens the longest updates and takes no direction away",
    },
    tie=True,
)
guess

# %%
federated_poison_explorer(runs).behind(guess)

# %%
peace = {
    rule: runs.last("poison", f"nobody | {rule}", 0.1)
    for rule in ("mean", "median", "Krum", "norm clipping")
}
print(", ".join(f"{rule} {values.mean():.1%}" for rule, values in peace.items()))
guess.reveal(rank({rule: -peace[rule] for rule in guess.choices if rule in peace}).winner or TIE)


# %%
def against_mean(attack, rule, alpha=0.1):
    """Points that a rule gains on the mean under an attack, in pairs of seeds."""
    ours, mean = (runs.last("poison", f"{attack} | {name}", alpha) for name in (rule, "mean"))
    return compare(ours, mean)


for rule in ("median", "trimmed mean", "Krum", "multi-Krum", "norm clipping"):
    for attack in ("nobody", "5 send x -5", "30 shift labels"):
        verdict = against_mean(attack, rule)
        print(f"{attack + ':':<17}{verdict.sentence(rule, 'the mean')}")

# %% claims=true
for rule in ("median", "trimmed mean", "Krum"):
    assert against_mean("nobody", rule).high < -0.05, rule
assert -0.06 < against_mean("nobody", "norm clipping").difference < 0
assert against_mean("5 send x -5", "norm clipping").outcome == "better"
assert against_mean("30 shift labels", "norm clipping").outcome == "tie"
for attack in ("5 send x -5", "30 shift labels"):
    assert against_mean(attack, "multi-Krum").outcome == "better", attack
assert against_mean("nobody", "multi-Krum", ALIKE).high < -0.05

# %% [markdown]
# Without any attacker the median, the trimmed mean and Krum lose many points, though each was tuned while nobody attacked:
# **robust rules take a rare vocabulary for an attack**. Whoever says words that few others say sends an update unlike all
# others. Norm clipping costs a few points and stops those that shout, but not those that shift labels. Multi-Krum stops
# both; but where vocabularies are alike, it throws good updates away. No rule is best everywhere.
#
# ## On a real engine
#
# Everything above ran in one process. The same strategy and the same users also run over a network, on
# [Flower](https://flower.ai): `tinylab federated --flower` in a terminal starts a server and two devices on this computer,
# runs three rounds, and compares the weights with the loop's. It needs an environment of its own; the command says how
# to make it. `--write` writes what several machines need, and the file that it names says how to start them, with
# certificates.

# %% [markdown]
# ## What have you learned?
#
# A letter for each question. The check says what is wrong with a wrong choice.
#
# **1.** In a round of federated averaging the server averages
#
# - a) the users' answers
# - b) the changes of the weights, users with more clips counting more
# - c) the users' recordings
#
# **2.** Pairwise masks hide
#
# - a) each update from the server
# - b) from everybody whether you took part
# - c) poisoned updates
#
# **3.** At alpha 0.03 FedAvg loses 15 points. Most of that is lost
#
# - a) because users pull the model apart while they train
# - b) by learning together as well: each word is heard from fewer voices
# - c) because of the radio
#
# **4.** Without any attacker, the median costs accuracy because
#
# - a) it is noisier than the mean
# - b) it ignores the number of clips
# - c) most users send no change for a rare word, and the median keeps theirs

# %% exercise="questions_kws_federated"
def questions_kws_federated():
    """The letters of your choices in order, "-" for an open one.

    Returns a str of 4 letters. Example: "----" leaves all open.
    """
    # solution
    return "babc"
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Look again at *A round* (1); *Privacy* (2); *Unlike users* (3); *Poison* (4).
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("questions_kws_federated", questions_kws_federated)

# %% [markdown]
# ## Keep it

# %%
common, record = by_rounds(settings[0], personal["rate"], seed=0)
tuned = personalised(settings[0], common, further, seed=0)
sent = sum(done.sent_bytes for done in record) / len(plans[0].speakers)
print(f"own words {tuned.own_words:.1%}, the user at the lowest tenth {tuned.own_worst_tenth:.1%}")
print(f"on the air: {sent / 1000:.0f} kB a user in 30 rounds")
Ledger("keyword_spotting").record(
    stage="federated, personalised",
    made_from=checkpoint.stage,
    accuracy=tuned.own_words,
    quantity="own words",
    test_set="users, each on new clips",
    examples=len(plans[0].speakers),
)

# %% [markdown]
# The accuracy in this row is that of a user's own model on that user's own new words: do not compare it with the rows
# above it, which are about the ten commands. A personalised model
# goes on to nothing but its own device: no other user, no later class, and not the server.
#
# **Next:** the second application, visual wake words. The third shows when *not* to federate: four machines that
# each have enough to learn alone.
#
# **References**
#
# - McMahan et al. 2017, *Communication-Efficient Learning of Deep Networks from Decentralized Data*
# - Li et al. 2020, *Federated Optimization in Heterogeneous Networks*
# - Hsu et al. 2019, *Measuring the Effects of Non-Identical Data Distribution*; Reddi et al. 2021, *Adaptive Federated
#   Optimization*; Karimireddy et al. 2020, *SCAFFOLD*
# - Seide et al. 2014, *1-Bit Stochastic Gradient Descent*; Karimireddy et al. 2019, *Error Feedback Fixes SignSGD*
# - Bonawitz et al. 2017, *Practical Secure Aggregation*; McMahan et al. 2018, *Learning Differentially Private Recurrent
#   Language Models*
# - Blanchard et al. 2017, *Byzantine Tolerant Gradient Descent*; Yin et al. 2018, *Byzantine-Robust Distributed Learning*
