"""Exercises of notebooks/source/03_anomaly_detection/3_adapt.py."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Mistake, Point
from tinylab.course.exercises.judging import expect, expect_array, expect_close, expect_number

__all__ = ["EXERCISES"]


def fills_first(answer, rng):
    """While there is room, item number n goes to position n."""
    for seen in range(5):
        index = expect_number(answer(seen, 5, float(rng.uniform())))
        expect(
            index == seen,
            f"while the buffer has room, item {seen} takes the next free position, {seen}.",
        )


def keeps_a_fair_share(answer, rng):
    """Item number n is kept with probability capacity / n, each position alike."""
    for seen, capacity in ((20, 4), (99, 10), (7, 7)):
        draws = (np.arange(5 * (seen + 1)) + 0.5) / (5 * (seen + 1))  # five for every item seen
        positions = [answer(seen, capacity, float(draw)) for draw in draws]
        kept = [int(expect_number(index)) for index in positions if index is not NotImplemented]
        kept = [index for index in kept if index >= 0]
        share = len(kept) / len(draws)
        right = capacity / (seen + 1)
        if abs(share - 1.0) < 1e-3 and right < 0.99:
            raise Mistake(
                "every item is kept: then only the newest survive. Draw among all items seen, this"
                " one included, and return -1 if the position is not in the buffer."
            )
        if abs(share - capacity / seen) < 2e-4 and abs(share - right) > 2e-4:
            raise Mistake("this item counts, too: draw among seen + 1 positions, not seen.")
        expect(
            abs(share - right) < 2e-3,
            f"item {seen} into {capacity} positions must be kept with probability {right:.3f},"
            f" yours is {share:.3f}.",
        )
        counts = np.bincount(kept, minlength=capacity)
        expect(
            len(counts) == capacity and counts.max() - counts.min() <= 2 + 0.02 * counts.mean(),
            "every position in the buffer must be as likely as any other.",
        )


def _matrix(rng, tasks):
    return rng.uniform(0.4, 1.0, size=(tasks, tasks))


def compares_with_when_it_was_learned(answer, rng):
    """Mean over the earlier tasks of the last row minus the diagonal."""
    for tasks in (2, 4, 6):
        matrix = _matrix(rng, tasks)
        last, own = matrix[-1], np.diag(matrix)
        expect_close(
            expect_number(answer(matrix.copy())),
            np.mean((last - own)[:-1]),
            otherwise="compare what is left of each earlier task at the end with what it was "
            "when it was learned.",
            likely={
                "the sign is turned: what was lost must be negative.": np.mean((own - last)[:-1]),
                "the last task cannot be forgotten yet: leave it out of the mean.": np.mean(
                    last - own
                ),
                "compare with the diagonal, each task right after it was learned, not with the"
                " first row.": (np.mean((last - matrix[0])[:-1])),
            },
        )


def nothing_lost_is_zero(answer, rng):
    """A matrix that never changes has no transfer."""
    expect_close(
        expect_number(answer(np.full((3, 3), 0.8))),
        0.0,
        otherwise="where nothing changes, it is 0.",
    )


def pulls_back(answer, rng):
    """Strength times Fisher times the distance."""
    for shape in ((5,), (3, 4)):
        now, old = rng.normal(size=shape), rng.normal(size=shape)
        fisher, strength = rng.uniform(0, 2, shape), rng.uniform(1, 9)
        expect_close(
            expect_array(answer(now.copy(), old.copy(), fisher.copy(), strength), shape=shape),
            strength * fisher * (now - old),
            otherwise="that is not the slope of the penalty: change one weight a little, and "
            "compare.",
            likely={
                "the sign is turned: a gradient points away from the old weights.": (
                    strength * fisher * (old - now)
                ),
                "that is the penalty's value before summing, not its gradient.": (
                    strength / 2 * fisher * (now - old) ** 2
                ),
                "the factor of two from the square cancels the half.": (
                    strength / 2 * fisher * (now - old)
                ),
                "the Fisher information is missing: then every weight is held alike.": (
                    strength * (now - old)
                ),
            },
        )


def lets_free_what_did_not_matter(answer, rng):
    """Weights that have not moved, and weights without information, are not pulled."""
    now = rng.normal(size=6)
    pull = expect_array(answer(now, now.copy(), np.ones(6), 3.0), shape=(6,))
    expect(bool(np.all(pull == 0)), "weights that have not moved must not be pulled.")
    free = expect_array(answer(now, now + 1, np.zeros(6), 3.0), shape=(6,))
    expect(bool(np.all(free == 0)), "a weight with Fisher information 0 must be free.")


def sets_the_share(answer, rng):
    """The wished share of normal scores lies above the threshold."""
    for count, share in ((200, 0.05), (1000, 0.1), (400, 0.02)):
        scores = rng.gamma(4, 3, count)
        threshold = expect_number(answer(scores.copy(), share))
        above = float(np.mean(scores > threshold))
        if abs(above - (1 - share)) < 2 / count:
            raise Mistake("that lets most of the normal recordings raise an alarm: take 1 - share.")
        expect(
            abs(above - share) <= 1.5 / count,
            f"{share:.0%} of the normal scores should lie above the threshold, above yours are"
            f" {above:.1%}.",
        )


def follows_the_scores(answer, rng):
    """Twice the scores, twice the threshold; only ranks matter, not the mean."""
    scores = rng.gamma(2, 5, 300)
    once = expect_number(answer(scores.copy(), 0.05))
    expect_close(
        expect_number(answer(2 * scores, 0.05)),
        2 * once,
        otherwise="twice the scores, twice the threshold.",
    )
    loud = scores.copy()
    loud[np.argmax(loud)] *= 50
    expect_close(
        expect_number(answer(loud, 0.05)),
        once,
        otherwise="one loud recording must not move it: use a quantile, not mean and deviation.",
        rtol=1e-3,
    )


def weighs_by_examples(answer, rng):
    """Each client's weights count by its examples."""
    for clients in (2, 5):
        weights = rng.normal(size=(clients, 7))
        examples = rng.integers(5, 200, clients)
        right = examples @ weights / examples.sum()
        expect_close(
            expect_array(answer(weights.copy(), examples.copy()), shape=(7,)),
            right,
            otherwise="the mean does not count each client by its examples.",
            likely={
                "that is the plain mean: a client with many examples must count more.": (
                    weights.mean(axis=0)
                ),
                "divide by the sum of the examples: the shares must add up to one.": (
                    examples @ weights / clients
                ),
                "divide by the number of all examples.": examples @ weights,
            },
        )


def keeps_what_all_agree_on(answer, rng):
    """Equal models stay as they are."""
    agreed = rng.normal(size=4)
    got = expect_array(answer(np.tile(agreed, (3, 1)), np.array([1, 10, 100])), shape=(4,))
    expect_close(got, agreed, otherwise="if all clients agree, the mean is what they agree on.")


EXERCISES = (
    Exercise(
        id="recalibrated_threshold",
        title="A new threshold from normal sound",
        points=(
            Point("sets the share", sets_the_share),
            Point("follows the scores", follows_the_scores),
        ),
    ),
    Exercise(
        id="reservoir_place",
        title="A fair sample of a stream",
        points=(
            Point("fills first", fills_first),
            Point("keeps a fair share", keeps_a_fair_share),
        ),
    ),
    Exercise(
        id="ewc_gradient",
        title="Hold the weights that matter",
        points=(
            Point("pulls back", pulls_back),
            Point("lets free what did not matter", lets_free_what_did_not_matter),
        ),
        forbidden=("tinylab.adapt.continual.ewc.ewc_penalty_gradient",),
    ),
    Exercise(
        id="backward_transfer",
        title="How much was forgotten",
        points=(
            Point("compares with when it was learned", compares_with_when_it_was_learned),
            Point("nothing lost is zero", nothing_lost_is_zero),
        ),
        forbidden=("tinylab.adapt.continual.forgetting.backward_transfer",),
    ),
    Exercise(
        id="federated_average",
        title="One model out of many",
        points=(
            Point("weighs by examples", weighs_by_examples),
            Point("keeps what all agree on", keeps_what_all_agree_on),
        ),
        forbidden=("tinylab.adapt.federated.rules.weighted_mean",),
    ),
)
