"""Exercises of keyword_spotting/5_federated: vocabularies, rounds and optimizers."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import (
    expect,
    expect_array,
    expect_close,
    expect_two_arrays,
)

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
        slope = [
            (term(weights + shift) - term(weights - shift)) / (2 * step)
            for shift in step * np.eye(5)
        ]
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


def _factors(shares, sweeps):
    """Of every user and word, after columns went to users / words and rows to one so many times."""
    of_user, of_word = np.ones(len(shares)), np.ones(len(shares[0]))
    for _ in range(int(sweeps)):
        of_word = len(of_user) / len(of_word) / (of_user @ shares)
        of_user = 1 / (shares @ of_word)
    return of_user, of_word


def _times(factors, shares):
    return np.einsum("u,uw,w->uw", factors[0], shares, factors[1])


def scales_words_then_users(answer, rng):
    """Columns first, rows last, as often as asked."""
    for users, words, sweeps in [(6, 3, 1), (10, 30, 2), (4, 4, 7)]:
        shares = rng.uniform(0.01, 1, (users, words)) * rng.uniform(0.2, 2, (users, 1))
        got = expect_array(answer(shares.copy(), sweeps), shape=(users, words))
        columns = shares / shares.sum(axis=0) * (users / words)
        rows = shares / shares.sum(axis=1, keepdims=True)
        before = _times(_factors(rows, sweeps - 1), rows)
        expect_close(
            got,
            _times(_factors(shares, sweeps), shares),
            otherwise="a sweep brings the words to equal sums first, and then each user to one.",
            likely={
                "the rows come last: each user's shares must add up to one.": (
                    before / before.sum(axis=0) * users / words
                ),
                "only the words were scaled: the users' rows must add up to one again.": columns,
                "only the users were scaled: every word must be said equally often in all.": rows,
                "sweep as often as asked, not once.": _times(_factors(shares, 1), shares),
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


def rolls_like_a_heavy_ball(answer, rng):
    """velocity = momentum * velocity + mean update; weights += velocity."""
    for momentum in (0.9, 0.5, 0.0):
        weights, update, velocity = rng.normal(size=(3, 7))
        got = expect_two_arrays(
            answer(weights.copy(), update.copy(), velocity.copy(), momentum),
            "the new weights",
            "the new velocity",
            shape=(7,),
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
        weights, velocity = expect_two_arrays(
            answer(weights, update, velocity, 0.5),
            "the new weights",
            "the new velocity",
            shape=(3,),
        )
    expect_close(
        weights - before,
        2 * update,
        otherwise="with momentum 0.5 and always the same update, the step must tend to twice it.",
        rtol=1e-4,
    )


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
)
