"""Exercises of notebooks/source/02_visual_wake_words/3_adapt.py."""

import numpy as np
import scipy  # its parts are loaded when they are first used

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import expect, expect_array, expect_close

__all__ = ["EXERCISES"]


def descends_on_the_task(answer, rng):
    """Some steps of gradient descent on the task's own loss."""
    for steps in (1, 2, 5):
        start, target, curvature = _task(rng, 4)
        rate = float(rng.uniform(0.02, 0.1))
        got = expect_array(answer(start.copy(), target, curvature, rate, steps), shape=(4,))
        expect_close(
            got,
            target + _left_over(curvature, rate, steps) @ (start - target),
            otherwise="each step must go against the gradient at the point that the step "
            "before it reached.",
            likely={
                "the sign is turned round: go against the gradient.": (
                    target + _left_over(curvature, -rate, steps) @ (start - target)
                ),
                "take as many steps as asked, each from where the last one ended.": (
                    start - rate * curvature @ (start - target)
                ),
                "compute the gradient anew in each step, not once at the start.": (
                    start - steps * rate * curvature @ (start - target)
                ),
                "the gradient is curvature @ (weights - target): the curvature is missing.": (
                    target + _left_over(np.eye(4), rate, steps) @ (start - target)
                ),
            },
        )


def shrinks_the_distance(answer, rng):
    """With a curvature of one in every direction each step leaves the same share of the way."""
    start, target, _ = _task(rng, 3)
    for steps in (1, 3, 10):
        expect_close(
            expect_array(answer(start.copy(), target, np.eye(3), 0.25, steps), shape=(3,)),
            target + 0.75**steps * (start - target),
            otherwise="with curvature 1 each step of rate 0.25 must leave 0.75 of the distance.",
        )


def stays_without_steps(answer, rng):
    """No step, no change; at the target, no change either."""
    start, target, curvature = _task(rng, 3)
    expect_close(
        expect_array(answer(start.copy(), target, curvature, 0.1, 0), shape=(3,)),
        start,
        otherwise="with 0 steps the weights stay as they are.",
    )
    expect_close(
        expect_array(answer(target.copy(), target, curvature, 0.1, 4), shape=(3,)),
        target,
        otherwise="at the target the gradient is 0, so the weights stay.",
    )


def multiplies_by_what_the_step_does(answer, rng):
    """(I - rate * support curvature), transposed, times the query gradient after the step."""
    for size in (2, 5):
        start, target, support = _task(rng, size)
        _, query_target, query = _task(rng, size)
        rate = float(rng.uniform(0.05, 0.2))
        got = expect_array(
            answer(start.copy(), target, support, query_target, query, rate), shape=(size,)
        )
        adapted = target + _left_over(support, rate, 1) @ (start - target)
        slope = query @ (adapted - query_target)
        through = np.eye(size) - rate * support
        expect_close(
            got,
            through.T @ slope,
            otherwise=(
                "that is not the gradient by the start: how does the adapted weight move when the"
                " start does?"
            ),
            likely={
                "that is first-order MAML: the step's own derivative, identity - rate *"
                " support_curvature, is missing.": slope,
                "take the query gradient at the adapted weights, not at the start.": (
                    through.T @ (query @ (start - query_target))
                ),
                "the step was made on the support task: its curvature belongs in the derivative.": (
                    (np.eye(size) - rate * query).T @ slope
                ),
                "the derivative of a step down has a minus: identity - rate * support_curvature.": (
                    (np.eye(size) + rate * support).T @ slope
                ),
                "the derivative of weights - rate * gradient is the identity minus something.": (
                    -rate * support @ slope
                ),
            },
        )


def agrees_with_small_changes(answer, rng):
    """The loss after adapting really changes by what the gradient says (central differences)."""
    start, target, support = _task(rng, 4)
    _, query_target, query = _task(rng, 4)
    got = expect_array(answer(start.copy(), target, support, query_target, query, 0.1), shape=(4,))

    def after(weights):
        left = target + _left_over(support, 0.1, 1) @ (weights - target) - query_target
        return left @ query @ left / 2

    for index in range(4):
        moved = np.zeros(4)
        moved[index] = 1e-4
        slope = (after(start + moved) - after(start - moved)) / 2e-4
        expect_close(
            got[index],
            slope,
            otherwise="a small change of the start does not change the loss as your gradient says.",
            rtol=1e-4,
            atol=1e-6,
        )


def moves_towards_the_adapted(answer, rng):
    """A share of the way from the start to the mean of the adapted weights."""
    for tasks, size in [(1, 3), (4, 6), (7, 2)]:
        start, adapted = rng.normal(size=size), rng.normal(size=(tasks, size))
        share = float(rng.uniform(0.1, 0.6))
        way = adapted.mean(axis=0) - start
        expect_close(
            expect_array(answer(start.copy(), adapted, share), shape=(size,)),
            start + share * way,
            otherwise="the start must go a share of the way to the mean of the adapted "
            "weights, and no further.",
            likely={
                "the direction is turned round: move towards the adapted weights.": start
                - share * way,
                "go only a share of the way, not all of it.": adapted.mean(axis=0),
                "that is only the step: add it to the start.": share * way,
                "take the mean over the tasks, not the sum.": (
                    start + share * (adapted - start).sum(axis=0)
                ),
                "use every task, not only one of them.": start + share * (adapted[0] - start),
                "share is how far to go, not how much of the old start to forget twice.": (
                    (1 - share) * start + adapted.mean(axis=0)
                ),
            },
        )


def stays_where_tasks_agree(answer, rng):
    """If every task leads back to the start, the start stays; with share 1 it becomes the mean."""
    start = rng.normal(size=5)
    expect_close(
        expect_array(answer(start.copy(), np.tile(start, (3, 1)), 0.4), shape=(5,)),
        start,
        otherwise="where the adapted weights equal the start, nothing moves.",
    )
    adapted = rng.normal(size=(3, 5))
    expect_close(
        expect_array(answer(start.copy(), adapted, 1.0), shape=(5,)),
        adapted.mean(axis=0),
        otherwise="with share 1 the new start is the mean of the adapted weights.",
    )


def is_students_interval(answer, rng):
    """Mean difference, and t times its standard error to either side."""
    for tasks in (5, 28):
        hard = rng.normal(0.7, 0.1, tasks)
        ours, theirs = hard + rng.normal(0.02, 0.02, tasks), hard
        got = answer(ours.copy(), theirs.copy())
        expect(
            isinstance(got, (tuple, list, np.ndarray)) and len(got) == 3,
            "return three numbers: mean, low, high.",
        )
        got = expect_array(got, shape=(3,))
        gap = ours - theirs
        expect_close(
            got,
            _interval(gap, gap.std(ddof=1) / np.sqrt(tasks), tasks),
            otherwise="the ends are not those of the interval above: check t, the deviation "
            "and the number of tasks.",
            likely={
                "the sign is turned round: by how much are the first better?": (
                    _interval(-gap, gap.std(ddof=1) / np.sqrt(tasks), tasks)
                ),
                "the standard error of a mean is the deviation divided by sqrt(tasks).": (
                    _interval(gap, gap.std(ddof=1), tasks)
                ),
                "the mean is taken from the same tasks: use ddof=1 (divide by tasks - 1).": (
                    _interval(gap, gap.std() / np.sqrt(tasks), tasks)
                ),
                "pair the tasks: take the deviation of the differences, not of each method.": (
                    _interval(gap, np.sqrt((ours.var(ddof=1) + theirs.var(ddof=1)) / tasks), tasks)
                ),
                "with few tasks use Student's t (tasks - 1 degrees of freedom), not 1.96.": (
                    _normal_interval(gap)
                ),
                "95% in the middle leave 2.5% on either side: ask for t at 0.975.": (
                    _interval(gap, gap.std(ddof=1) / np.sqrt(tasks), tasks, quantile=0.95)
                ),
            },
        )


def narrows_with_agreement(answer, rng):
    """Where every task differs by the same amount, there is no doubt left."""
    theirs = rng.uniform(0.5, 0.8, 9)
    expect_close(
        expect_array(answer(theirs + 0.125, theirs), shape=(3,)),
        np.full(3, 0.125),
        otherwise="if all tasks agree, the interval has no width, however different the tasks are.",
        atol=1e-9,
    )


def _task(rng, size):
    """Start, target and a symmetric positive curvature of a quadratic task."""
    root = rng.normal(size=(size, size))
    return rng.normal(size=size), rng.normal(size=size), root @ root.T + 0.5 * np.eye(size)


def _left_over(curvature, rate, steps):
    """What some steps of descent leave of the way to the target, in every direction."""
    size, _ = np.shape(curvature)
    return np.linalg.matrix_power(np.eye(size) - rate * curvature, steps)


def _interval(gap, error, tasks, quantile=0.975):
    reach = scipy.special.stdtrit(tasks - 1, quantile) * error
    return np.array([gap.mean(), gap.mean() - reach, gap.mean() + reach])


def _normal_interval(gap):
    reach = scipy.special.ndtri(0.975) * gap.std(ddof=1) / np.sqrt(len(gap))
    return np.array([gap.mean(), gap.mean() - reach, gap.mean() + reach])


EXERCISES = (
    Exercise(
        id="adapt_to_task",
        title="Learn one task",
        points=(
            Point("descends on the task", descends_on_the_task),
            Point("shrinks the distance", shrinks_the_distance),
            Point("stays without steps", stays_without_steps),
        ),
    ),
    Exercise(
        id="meta_gradient",
        title="The gradient through a step",
        points=(
            Point("multiplies by what the step does", multiplies_by_what_the_step_does),
            Point("agrees with small changes", agrees_with_small_changes),
        ),
        forbidden=("tinylab.adapt.few_shot.meta.meta_gradient",),
    ),
    Exercise(
        id="reptile_step",
        title="Reptile",
        points=(
            Point("moves towards the adapted", moves_towards_the_adapted),
            Point("stays where tasks agree", stays_where_tasks_agree),
        ),
    ),
    Exercise(
        id="paired_difference",
        title="Is it really better?",
        points=(
            Point("is Student's interval", is_students_interval),
            Point("narrows with agreement", narrows_with_agreement),
        ),
        forbidden=(
            "tinylab.scoring.intervals.paired_interval",
            "tinylab.scoring.intervals.t_interval",
            "tinylab.adapt.few_shot.results.paired_interval",
            "tinylab.adapt.few_shot.results.t_interval",
        ),
    ),
)
