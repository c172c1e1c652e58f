"""Exercises of keyword_spotting/5_federated: what is sent, its bytes, its noise."""

from math import ceil

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import (
    expect,
    expect_array,
    expect_close,
    expect_number,
    expect_two_arrays,
)

__all__ = ["EXERCISES"]


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
            otherwise="count the two ways apart: what goes down, in which width and to whom, "
            "and what comes back.",
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
        sent, kept = expect_two_arrays(
            answer(update.copy(), memory.copy(), 0.25),
            "what is sent",
            "what is kept",
            shape=(size,),
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
        sent, memory = expect_two_arrays(
            answer(update, memory, 0.25), "what is sent", "what is kept", shape=(5,)
        )
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


def _short_and_long(rng, clients, clip):
    """Updates of which some are shorter than the clip and some longer, float64 (clients, 6)."""
    directions = rng.normal(size=(clients, 6))
    lengths = clip * rng.uniform(1.3, 5, (clients, 1))
    lengths[::3] = clip * rng.uniform(0.2, 0.8, lengths[::3].shape)
    return directions / np.linalg.norm(directions, axis=1, keepdims=True) * lengths


def clips_and_adds_noise(answer, rng):
    """Each update cut to the clip, the sum, noise of z times the clip, over the expected number."""
    for clients, expected in [(5, 8.0), (30, 20.0)]:
        clip, z = float(rng.uniform(0.5, 1.5)), float(rng.uniform(0.5, 2))
        updates, normal = _short_and_long(rng, clients, clip), rng.normal(size=6)
        got = expect_array(answer(updates.copy(), clip, z, normal.copy(), expected), shape=(6,))
        lengths = np.linalg.norm(updates, axis=1, keepdims=True)
        total = np.sum(np.where(lengths > clip, updates * clip / lengths, updates), axis=0)
        stretched = (updates * clip / lengths).sum(axis=0)
        boxed = np.clip(updates, -clip, clip).sum(axis=0)
        noise = z * clip * normal
        expect_close(
            got,
            (total + noise) / expected,
            otherwise="the step is not that of the rule above: check what is clipped, what "
            "the noise grows with, and what you divide by.",
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
