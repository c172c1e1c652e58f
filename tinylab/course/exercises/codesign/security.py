"""Exercises of notebooks/source/04_codesign/3_security.py."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Mistake, Point
from tinylab.course.exercises.judging import (
    also_fixed,
    expect,
    expect_array,
    expect_close,
    expect_number,
)
from tinylab.security.bit_flips import Flip, flipped

__all__ = ["EXERCISES"]


def _attacked(rng, size: int = 40):
    """Features inside a range, and a gradient with some exact zeros."""
    low, high = -10.0, 8.0
    x = rng.uniform(low + 2, high - 2, size)
    x[:4] = (low + 0.1, low + 0.1, high - 0.1, high - 0.1)
    gradient = rng.normal(0, 1e-3, size)
    gradient[:4] = (1e-3, -1e-3, 1e-3, -1e-3)
    gradient[4:6] = 0.0
    return x, gradient, low, high


def steps_along_the_sign(answer, rng):
    """The change is epsilon along the sign of the gradient."""
    for epsilon in (0.5, float(rng.uniform(0.2, 1.5))):
        x, gradient, low, high = _attacked(rng)
        inner = slice(4, None)
        got = expect_array(answer(x, gradient, epsilon, low, high), shape=x.shape)[inner]
        expect_close(
            got,
            (x + epsilon * np.sign(gradient))[inner],
            otherwise="every feature moves by epsilon in the direction that raises the loss.",
            likely={
                "that adds the gradient itself; its size says little, take its sign.": (
                    x + epsilon * gradient
                )[inner],
                "that lowers the loss: an attacker goes up, not down.": (
                    x - epsilon * np.sign(gradient)
                )[inner],
                "the largest change is epsilon for each feature, not for all together.": (
                    x + epsilon * gradient / np.linalg.norm(gradient)
                )[inner],
                "where the gradient is zero nothing is known, and nothing is moved.": (
                    x + epsilon * np.where(gradient >= 0, 1, -1)
                )[inner],
            },
            rtol=1e-4,
        )


def stays_in_range(answer, rng):
    """No feature leaves what the device's input can hold."""
    x, gradient, low, high = _attacked(rng)
    got = expect_array(answer(x, gradient, 1.0, low, high), shape=x.shape)
    expect(
        bool(np.all((got >= low - 1e-6) & (got <= high + 1e-6))),
        "a feature left the range of the device's input: it would saturate; clip to low and high.",
    )
    right = np.clip(x + np.sign(gradient), low, high)
    expect_close(got, right, otherwise="clip after the step, and leave the rest.", rtol=1e-4)


def _walk(rng, long: bool = False):
    """A clean input, an iterate near the border of its ball, a gradient and a step."""
    clean = rng.uniform(-5, 5, 30)
    epsilon = float(rng.uniform(0.7, 1.5))
    step = epsilon * float(rng.uniform(1.2, 1.4) if long else rng.uniform(0.3, 0.6))
    x = clean + rng.uniform(-1, 1, 30) * epsilon
    x[:3] = clean[:3] + epsilon
    gradient = rng.normal(0, 1, 30)
    gradient[:3] = 1.0
    return x, clean, gradient, step, epsilon


def returns_to_the_ball(answer, rng):
    """A step, then back to within epsilon of the clean input."""
    for long in (True, False, False):
        x, clean, gradient, step, epsilon = _walk(rng, long)
        moved = x + step * np.sign(gradient)
        got = expect_array(answer(x, clean, gradient, step, epsilon), shape=x.shape)
        expect_close(
            got,
            np.clip(moved, clean - epsilon, clean + epsilon),
            otherwise="step along the sign, then return to within epsilon of the clean input.",
            likely={
                "that stays near the last input; step by step it would walk away from the clean"
                " one.": np.clip(moved, x - epsilon, x + epsilon),
                "nothing brings it back: after some steps the change is larger than epsilon.": (
                    moved
                ),
                "the step is `step` long; epsilon is how far all steps together may go.": np.clip(
                    x + epsilon * np.sign(gradient), clean - epsilon, clean + epsilon
                ),
                "that starts from the clean input each time, and takes one step only.": np.clip(
                    clean + step * np.sign(gradient), clean - epsilon, clean + epsilon
                ),
            },
            rtol=1e-4,
        )


def never_leaves_it(answer, rng):
    """After twenty steps the change is still at most epsilon."""
    x, clean, gradient, step, epsilon = _walk(rng)
    for _ in range(20):
        x = expect_array(answer(x, clean, gradient, step, epsilon), shape=clean.shape)
    expect(
        bool(np.all(np.abs(x - clean) <= epsilon * (1 + 1e-6))),
        "after twenty steps a feature is further than epsilon from the clean input.",
    )


def counts_only_what_was_right(answer, rng):
    """Fooled, of those that were right before."""
    for size in (30, 200):
        labels = rng.integers(0, 4, size)
        before = np.where(rng.uniform(size=size) < 0.7, labels, (labels + 1) % 4)
        after = np.where(rng.uniform(size=size) < 0.5, before, rng.integers(0, 4, size))
        right = before == labels
        turned = (after != labels) & right
        expect_close(
            expect_number(answer(before, after, labels)),
            turned.sum() / right.sum(),
            otherwise="the rate is turned answers over answers that were right before.",
            likely={
                "errors that were there before are no success of the attack.": (
                    after != labels
                ).mean(),
                "an attack succeeds on answers that were right; divide by those, not by all.": (
                    turned.mean()
                ),
                "a changed answer is not always a wrong one.": ((after != before).mean()),
                "count what is wrong after the attack, not what is right.": (
                    ((after == labels) & right).sum() / right.sum()
                ),
            },
        )


def refuses_nothing_to_attack(answer, rng):
    """No right answer before: no rate."""
    labels = rng.integers(0, 3, 12)
    wrong = (labels + 1) % 3
    try:
        answer(wrong, wrong, labels)
    except Mistake as mistake:
        expect("ValueError" in str(mistake), "raise ValueError where no answer was right before.")
        return
    raise Mistake("no answer was right before, so there is no rate: raise ValueError.")


def flips_in_twos_complement(answer, rng):
    """The stored byte changes in one bit; the value follows two's complement."""
    # Below zero first: a function of the package that opens what it is given would open file 5.
    for weight, bit in [(-123, 7), (5, 7), (0, 7), (-1, 0), (127, 6), (-128, 7)]:
        got = expect_number(answer(weight, bit))
        expect(got == int(got), "a stored weight is a whole number.")
        right = int(flipped([weight], [Flip(0, bit)])[0])
        if got == right:
            continue
        stored = weight % 256
        if got == (stored ^ (1 << bit)):
            raise Mistake(f"{int(got)} is no int8: what exceeds 127 stands for 256 less.")
        if bit == 7 and got == -weight:
            raise Mistake(
                "bit 7 is no minus sign before the number: in two's complement it is worth -128."
            )
        if got == weight:
            raise Mistake("nothing changed: flipping means the other value, not setting to 0.")
        raise Mistake(f"flip_bit({weight}, {bit}) must be {right}; yours is {int(got)}.")


def flips_back(answer, rng):
    """Twice is nothing, for every weight and bit."""
    for weight in [-100, *rng.integers(-128, 128, 12).tolist()]:
        for bit in range(8):
            there = int(expect_number(answer(int(weight), bit)))
            expect(
                there == int(flipped([weight], [Flip(0, bit)])[0]),
                f"bit {bit} of {weight} is not flipped as in memory.",
            )
            expect(int(expect_number(answer(there, bit))) == weight, "twice must be nothing.")


def _best_flip(weights, gradient) -> tuple[float, np.ndarray]:
    others = [flipped(weights, [Flip(at, bit) for at in range(len(weights))]) for bit in range(8)]
    changes = np.stack(others, axis=1).astype(float) - weights.astype(float)[:, None]
    gains = changes * gradient[:, None]
    return float(gains.max()), gains


def chooses_by_the_rise(answer, rng):
    """The bit with the largest gradient times change."""
    for _ in range(4):
        weights = rng.integers(-120, 121, 25).astype(np.int8)
        gradient = rng.normal(0, 1, 25)
        largest = int(np.abs(gradient).argmax())
        # Make the tempting choices wrong: there, the top bit would lower the loss.
        gradient[largest] = abs(gradient[largest]) * (1 if weights[largest] >= 0 else -1)
        weights[(largest + 1) % 25] = 127
        gradient[(largest + 1) % 25] = 0.9 * abs(gradient[largest])
        best, gains = _best_flip(weights, gradient)
        index, bit = _choice(answer(weights, gradient))
        expect(0 <= index < 25 and 0 <= bit < 8, "return an index and a bit, 0 to 7.")
        if gains[index, bit] >= best - 1e-9:
            continue
        if gains[index, bit] < 0:
            raise Mistake(
                "this flip lowers the loss: the direction of the change counts, not only its size."
            )
        if index == largest:
            raise Mistake(
                "the largest gradient is not enough: a flip changes by gradient * change."
            )
        if index == int(np.abs(weights.astype(int)).argmax()):
            raise Mistake("the largest weight need not matter: look at gradient * change.")
        raise Mistake("another flip raises the loss more: maximise gradient * change.")


def _choice(value) -> tuple[int, int]:
    pair = expect_array(value, shape=(2,), name="the result")
    return int(pair[0]), int(pair[1])


def tries_every_bit(answer, rng):
    """A small positive weight has its largest rise in bit 6, where the gradient is positive."""
    index, bit = _choice(answer(np.array([3, 5], np.int8), np.array([2.0, 0.1])))
    expect(
        (index, bit) == (0, 6),
        "flipping bit 7 of 3 gives -125 and lowers the loss; bit 6 gives 67 and raises it. Try all"
        " eight bits.",
    )


def _with_copies(rng, size: int = 60):
    original = rng.integers(0, 256, size, dtype=np.int64).astype(np.uint8)
    copies = np.repeat((original >> 7)[:, None], 2, axis=1)
    stored = original.copy()
    kind = np.arange(size) % 4  # nothing, stored, first copy, second copy
    stored[kind == 1] ^= 128
    copies[kind == 2, 0] ^= 1
    copies[kind == 3, 1] ^= 1
    return original, stored, copies


def outvotes_one_wrong_bit(answer, rng):
    """Whichever of the three is wrong, the other two win."""
    for _ in range(3):
        original, stored, copies = _with_copies(rng)
        got = expect_array(answer(stored, copies), shape=stored.shape)
        if np.array_equal(got, original):
            continue
        if np.array_equal(got, stored):
            raise Mistake("nothing was repaired: two copies that agree outvote the stored bit.")
        if np.array_equal(got, (stored & 127) | (copies[:, 0] << 7)):
            raise Mistake("that trusts the first copy, and a copy lies in the same flash.")
        if np.array_equal(got, (stored & 127) | ((copies.min(axis=1) & (stored >> 7)) << 7)):
            raise Mistake("all three need not agree: two of three decide.")
        low = got.astype(int) & 127
        expect(np.array_equal(low, stored & 127), "only the top bit is voted on; the others stay.")
        raise Mistake("the top bit must be what two of the three say.")


def keeps_the_other_bits(answer, rng):
    """Flips in other bits are left as they are, and the type is kept."""
    original, _, copies = _with_copies(rng)
    copies = np.repeat((original >> 7)[:, None], 2, axis=1)
    stored = original ^ np.uint8(3)
    got = expect_array(answer(stored, copies), shape=stored.shape)
    expect(
        np.array_equal(got, stored), "there is no copy of the low bits: they cannot be repaired."
    )
    expect(got.dtype == np.uint8, "return uint8, as the weights are stored.")


EXERCISES = (
    Exercise(
        "fgsm_step",
        "One step against the model",
        (Point("sign of the gradient", steps_along_the_sign), Point("range", stays_in_range)),
        forbidden=("tinylab.security.inputs.fgsm",),
    ),
    Exercise(
        "pgd_step",
        "Many steps, never too far",
        (Point("back to the ball", returns_to_the_ball), Point("twenty steps", never_leaves_it)),
        forbidden=("tinylab.security.inputs.pgd",),
    ),
    Exercise(
        "success_rate",
        "When an attack succeeds",
        (
            Point("of those that were right", counts_only_what_was_right),
            Point("nothing to attack", refuses_nothing_to_attack),
        ),
        forbidden=("tinylab.security.inputs.count_fooled",),
    ),
    Exercise(
        "flip_bit",
        "A bit in flash",
        (Point("two's complement", flips_in_twos_complement), Point("twice", flips_back)),
        forbidden=("tinylab.security.bit_flips.flipped",),
    ),
    Exercise(
        "most_damaging_flip",
        "The bit that hurts most",
        (
            Point("gradient times change", also_fixed(chooses_by_the_rise, 6)),
            Point("all bits", tries_every_bit),
        ),
        forbidden=("tinylab.security.chosen_flips.most_damaging",),
    ),
    Exercise(
        "vote_top_bit",
        "Two of three",
        (Point("majority", outvotes_one_wrong_bit), Point("the rest", keeps_the_other_bits)),
    ),
)
