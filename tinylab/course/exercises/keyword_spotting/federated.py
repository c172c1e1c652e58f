"""Exercises of notebooks/source/01_keyword_spotting/5_federated.py."""

from math import ceil

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import expect, expect_array, expect_close, expect_number

__all__ = ["EXERCISES"]


def adds_the_weighted_mean(answer, rng):
    """Old weights plus the mean update, each client counting by its examples."""
    for clients, size in [(3, 4), (20, 30), (1, 5)]:
        common, updates = rng.normal(size=size), rng.normal(size=(clients, size))
        examples = rng.integers(1, 200, clients)
        got = expect_array(answer(common, updates, examples), shape=(size,))
        mean = np.average(updates, axis=0, weights=examples)
        expect_close(
            got,
            common + mean,
            otherwise="the new weights are the old ones plus the weighted mean of the updates.",
            likely={
                "updates are changes: add their mean to the old weights.": mean,
                "a client with more examples counts more.": common + updates.mean(axis=0),
                "divide by all examples: that is a sum, not a mean.": common + examples @ updates,
                "take the mean of the updates, not their sum.": common + updates.sum(axis=0),
                "updates were added to the old weights, not subtracted from them.": common - mean,
            },
        )


def goes_where_all_agree(answer, rng):
    """If all clients send the same update, that is the step."""
    common, update = rng.normal(size=6), rng.normal(size=6)
    got = expect_array(answer(common, np.tile(update, (5, 1)), rng.integers(1, 50, 5)), shape=(6,))
    expect_close(
        got, common + update, otherwise="if all send the same update, exactly that is added."
    )


def is_the_slope_of_its_term(answer, rng):
    """The slope of mu / 2 |weights - common|^2, by central differences."""
    for mu in (0.01, 0.7, 3.0):
        weights, common = rng.normal(size=5), rng.normal(size=5)
        got = expect_array(answer(weights.copy(), common.copy(), mu), shape=(5,))

        def term(values, common=common, mu=mu):
            return mu / 2 * np.sum((values - common) ** 2)

        step = 1e-5
        steps = step * np.eye(5)
        slope = [(term(weights + one) - term(weights - one)) / (2 * step) for one in steps]
        expect_close(
            got,
            np.array(slope),
            otherwise="the gradient is not the slope of mu / 2 times the squared distance.",
            likely={
                "the half in the term cancels the two of the square.": 2 * np.array(slope),
                "the sign is turned round: a gradient points away from the common weights.": (
                    -np.array(slope)
                ),
                "that is the slope of the distance; the term has its square.": (
                    mu * (weights - common) / np.linalg.norm(weights - common)
                ),
                "the pull is towards the common weights, not towards zero.": mu * weights,
            },
            rtol=1e-4,
            atol=1e-7,
        )


def pulls_nobody_who_has_not_moved(answer, rng):
    """No distance or no mu: no pull."""
    common = rng.normal(size=8)
    moved = common + 1
    for weights, mu in ((common.copy(), 2.0), (moved, 0.0)):
        got = expect_array(answer(weights, common.copy(), mu), shape=(8,))
        expect_close(got, np.zeros(8), otherwise="without distance or without mu there is no pull.")


def _swept(shares, sweeps):
    """Columns to users / words, then rows to one, so many times."""
    users, words = shares.shape
    for _ in range(sweeps):
        shares = shares / shares.sum(axis=0) * (users / words)
        shares = shares / shares.sum(axis=1, keepdims=True)
    return shares


def scales_words_then_users(answer, rng):
    """Columns first, rows last, as often as asked."""
    for users, words, sweeps in [(6, 3, 1), (10, 30, 2), (4, 4, 7)]:
        shares = rng.uniform(0.01, 1, (users, words)) * rng.uniform(0.2, 2, (users, 1))
        got = expect_array(answer(shares.copy(), sweeps), shape=(users, words))
        columns = shares / shares.sum(axis=0) * (users / words)
        rows = shares / shares.sum(axis=1, keepdims=True)
        expect_close(
            got,
            _swept(shares, sweeps),
            otherwise="a sweep scales columns to users / words each, and then rows to one each.",
            likely={
                "the rows come last: each user's shares must add up to one.": (
                    _swept(rows, sweeps - 1) / _swept(rows, sweeps - 1).sum(axis=0) * users / words
                ),
                "only the words were scaled: the users' rows must add up to one again.": columns,
                "only the users were scaled: every word must be said equally often in all.": rows,
                "sweep as often as asked, not once.": _swept(shares, 1),
            },
        )


def ends_balanced(answer, rng):
    """After many sweeps both sums are right, and nothing is negative."""
    shares = rng.dirichlet(np.full(6, 0.8), 20) + 1e-4
    got = expect_array(answer(shares, 300), shape=(20, 6))
    expect_close(got.sum(axis=1), np.ones(20), otherwise="each user's shares must add up to one.")
    expect_close(
        got.sum(axis=0),
        np.full(6, 20 / 6),
        otherwise="in the end all words must be said equally often: columns of users / words.",
        rtol=1e-3,
    )
    expect(bool((got >= 0).all()), "a share cannot be negative.")


def _two(result, first, second, shape):
    expect(
        isinstance(result, (tuple, list)) and len(result) == 2,
        f"return two arrays: {first} and {second}.",
    )
    return tuple(
        expect_array(value, shape=shape, name=name)
        for value, name in zip(result, (first, second), strict=True)
    )


def rolls_like_a_heavy_ball(answer, rng):
    """velocity = momentum * velocity + mean update; weights += velocity."""
    for momentum in (0.9, 0.5, 0.0):
        weights, update, velocity = rng.normal(size=(3, 7))
        got = _two(
            answer(weights.copy(), update.copy(), velocity.copy(), momentum),
            "the new weights",
            "the new velocity",
            (7,),
        )
        new = momentum * velocity + update
        for name, value, right, likely in (
            (
                "velocity",
                got[1],
                new,
                {
                    "the update counts in full: it is not multiplied by 1 - momentum.": (
                        momentum * velocity + (1 - momentum) * update
                    ),
                    "momentum multiplies the old velocity, not the update.": (
                        velocity + momentum * update
                    ),
                },
            ),
            (
                "weights",
                got[0],
                weights + new,
                {
                    "step by the new velocity, not by the old one.": weights + velocity,
                    "step by the velocity, not by the update alone.": weights + update,
                    "add the velocity: an update already points downhill.": weights - new,
                    "that looks ahead (Nesterov); plain momentum adds the new velocity.": (
                        weights + update + momentum * new
                    ),
                },
            ),
        ):
            expect_close(
                value, right, otherwise=f"the new {name} is not that of momentum.", likely=likely
            )


def gathers_speed(answer, rng):
    """The same update again and again: the step tends to update / (1 - momentum)."""
    weights, velocity, update = np.zeros(3), np.zeros(3), rng.normal(size=3)
    for _ in range(60):
        before = weights
        weights, velocity = _two(
            answer(weights, update, velocity, 0.5), "the new weights", "the new velocity", (3,)
        )
    expect_close(
        weights - before,
        2 * update,
        otherwise="with momentum 0.5 and always the same update, the step must tend to twice it.",
        rtol=1e-4,
    )


def counts_both_ways(answer, rng):
    """The model to all that were drawn; an update from those that answered."""
    for bits in (32, 8, 4, 1):
        drawn = int(rng.integers(5, 50))
        answered = int(rng.integers(1, drawn))
        weights = 8 * int(rng.integers(20, 400)) + 3
        got = expect_number(answer(drawn, answered, weights, bits))
        up = ceil(weights * bits / 8)
        expect_close(
            got,
            4 * weights * drawn + up * answered,
            otherwise="bytes are 4 * weights to each that was drawn, and weights * bits / 8 back.",
            likely={
                "who does not answer sends nothing.": (4 * weights + up) * drawn,
                "who drops out was sent the model all the same.": (4 * weights + up) * answered,
                "the model goes down, too.": up * answered,
                "the way down is float32 whatever goes up: four bytes a weight.": (
                    up * (drawn + answered)
                ),
                "eight bits are a byte.": 32 * weights * drawn + weights * bits * answered,
                "half a byte cannot be sent: round each update up to whole bytes.": (
                    4 * weights * drawn + weights * bits * answered / 8
                ),
                "round down and the last weight is lost: round up.": (
                    4 * weights * drawn + weights * bits // 8 * answered
                ),
            },
            rtol=0,
            atol=1e-6,
        )


def costs_the_way_down_when_nobody_answers(answer, rng):
    """All drop out: only the way down."""
    weights = int(rng.integers(10, 5000))
    expect_close(
        expect_number(answer(7, 0, weights, 8)),
        28 * weights,
        otherwise="when nobody answers, the model was still sent to all.",
    )


def _halves_free(rng, size):
    """Numbers that no reasonable rounding to steps of 0.25 would disagree about."""
    return 0.25 * (rng.integers(-20, 20, size) + rng.uniform(-0.4, 0.4, size))


def sends_whole_steps_and_keeps_the_rest(answer, rng):
    """What is sent is the nearest multiple of the step; what is kept is the rest."""
    for size in (12, 30):
        memory = rng.uniform(-0.24, 0.24, size)
        update = _halves_free(rng, size) - memory
        sent, kept = _two(
            answer(update.copy(), memory.copy(), 0.25), "what is sent", "what is kept", (size,)
        )
        whole = update + memory
        right = np.round(whole / 0.25) * 0.25
        expect_close(
            sent,
            right,
            otherwise="send update + memory, each number rounded to the nearest whole step.",
            likely={
                "what was kept before must be added before rounding.": np.round(update / 0.25)
                * 0.25,
                "send numbers in units of the weights: multiply by the step again.": right / 0.25,
                "round to the nearest step, not down.": np.floor(whole / 0.25) * 0.25,
            },
            atol=1e-7,
        )
        expect_close(
            kept,
            whole - right,
            otherwise="keep update + memory minus what was sent.",
            likely={
                "the old memory is part of what was to be sent.": update - right,
                "the sign is turned round: keep what is still owed.": right - whole,
                "the memory is replaced: what was kept before has been used up.": (
                    memory + whole - right
                ),
            },
            atol=1e-7,
        )


def loses_nothing_over_many_rounds(answer, rng):
    """All that was sent, and what is kept, add up to all updates."""
    memory, total = np.zeros(5), np.zeros(5)
    updates = rng.normal(0, 0.1, (20, 5))
    for update in updates:
        sent, memory = _two(answer(update, memory, 0.25), "what is sent", "what is kept", (5,))
        total = total + sent
    expect_close(
        total + memory,
        updates.sum(axis=0),
        otherwise="over many rounds, what was sent and what is kept must add up to all updates.",
        atol=1e-6,
    )
    expect(
        bool(np.abs(memory).max() <= 0.126),
        "more than half a step is kept: it should have been sent.",
    )


def clips_and_adds_noise(answer, rng):
    """Each update cut to the clip, the sum, noise of z times the clip, over the expected number."""
    for clients, expected in [(5, 8.0), (30, 20.0)]:
        updates = rng.normal(size=(clients, 6)) * rng.uniform(0.1, 3, size=(clients, 1))
        clip, z, normal = (
            float(rng.uniform(0.5, 1.5)),
            float(rng.uniform(0.5, 2)),
            rng.normal(size=6),
        )
        got = expect_array(answer(updates.copy(), clip, z, normal.copy(), expected), shape=(6,))
        lengths = np.linalg.norm(updates, axis=1, keepdims=True)
        total = (updates * np.minimum(1, clip / lengths)).sum(axis=0)
        stretched = (updates * clip / lengths).sum(axis=0)
        boxed = np.clip(updates, -clip, clip).sum(axis=0)
        noise = z * clip * normal
        expect_close(
            got,
            (total + noise) / expected,
            otherwise="the step is (sum of the clipped updates + z * clip * normal) / expected.",
            likely={
                "an update that is short enough stays as it is.": (stretched + noise) / expected,
                "clip the length of an update, not each of its numbers.": (boxed + noise)
                / expected,
                "clip every update: else one client can move the mean as far as it likes.": (
                    (updates.sum(axis=0) + noise) / expected
                ),
                "the noise is z times the clip.": (total + z * normal) / expected,
                "the noise is missing: clipping alone protects nobody.": total / expected,
                "divide by the number expected: the number that came tells something itself.": (
                    (total + noise) / clients
                ),
                "the noise goes onto the sum, before dividing.": total / expected + noise,
            },
        )


def bounds_every_client(answer, rng):
    """However large an update, it moves the result by no more than clip / expected."""
    normal, others = rng.normal(size=4), rng.normal(0, 0.1, (6, 4))
    shout = 1e6 * rng.normal(size=(1, 4))
    without = expect_array(answer(others.copy(), 0.5, 1.0, normal.copy(), 10.0), shape=(4,))
    loud = answer(np.concatenate([others, shout]), 0.5, 1.0, normal.copy(), 10.0)
    moved = np.linalg.norm(expect_array(loud, shape=(4,)) - without)
    expect(bool(moved <= 0.05 * 1.001), "one client moved the result by more than clip / expected.")
    zeros = np.zeros((3, 4))
    got = expect_array(answer(zeros, 0.5, 2.0, normal.copy(), 5.0), shape=(4,))
    expect_close(got, normal / 5, otherwise="updates of zero leave the noise alone.")


EXERCISES = (
    Exercise(
        id="federated_round_mean",
        title="A round's mean",
        points=(
            Point("adds the weighted mean", adds_the_weighted_mean),
            Point("goes where all agree", goes_where_all_agree),
        ),
        forbidden=("tinylab.adapt.federated.rules.weighted_mean",),
    ),
    Exercise(
        id="vocabulary_split",
        title="Words for everyone",
        points=(
            Point("scales words, then users", scales_words_then_users),
            Point("ends balanced", ends_balanced),
        ),
        forbidden=("tinylab.adapt.federated.keywords.vocabularies.balanced_vocabularies",),
    ),
    Exercise(
        id="proximal_gradient",
        title="The pull of FedProx",
        points=(
            Point("is the slope of its term", is_the_slope_of_its_term),
            Point("pulls nobody who has not moved", pulls_nobody_who_has_not_moved),
        ),
        forbidden=("tinylab.adapt.federated.trainers.proximal_penalty",),
    ),
    Exercise(
        id="server_momentum",
        title="Momentum at the server",
        points=(
            Point("rolls like a heavy ball", rolls_like_a_heavy_ball),
            Point("gathers speed", gathers_speed),
        ),
        forbidden=("tinylab.adapt.federated.strategies.FedAvgM",),
    ),
    Exercise(
        id="round_bytes",
        title="The bytes of a round",
        points=(
            Point("counts both ways", counts_both_ways),
            Point("costs the way down when nobody answers", costs_the_way_down_when_nobody_answers),
        ),
    ),
    Exercise(
        id="keep_what_was_lost",
        title="Error feedback",
        points=(
            Point("sends whole steps and keeps the rest", sends_whole_steps_and_keeps_the_rest),
            Point("loses nothing over many rounds", loses_nothing_over_many_rounds),
        ),
    ),
    Exercise(
        id="clip_and_noise",
        title="Clip, and add noise",
        points=(
            Point("clips and adds noise", clips_and_adds_noise),
            Point("bounds every client", bounds_every_client),
        ),
        forbidden=("tinylab.adapt.federated.rules.clipped",),
    ),
)
