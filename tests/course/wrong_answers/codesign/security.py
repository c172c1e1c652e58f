"""Wrong answers to the exercises of `04_codesign/3_security`: the mistakes learners make."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


@wrong_answer("fgsm_step", says="take its sign")
def adds_the_gradient(x, gradient, epsilon, low, high):
    return np.clip(x + epsilon * gradient, low, high)


@wrong_answer("fgsm_step", says="goes up, not down")
def goes_down(x, gradient, epsilon, low, high):
    return np.clip(x - epsilon * np.sign(gradient), low, high)


@wrong_answer("fgsm_step", says="left the range")
def forgets_the_range(x, gradient, epsilon, low, high):
    return x + epsilon * np.sign(gradient)


@wrong_answer("pgd_step", says="stays near the last input")
def projects_on_the_last_input(x, clean, gradient, step, epsilon):
    return np.clip(x + step * np.sign(gradient), x - epsilon, x + epsilon)


@wrong_answer("pgd_step", says="nothing brings it back")
def never_projects(x, clean, gradient, step, epsilon):
    return x + step * np.sign(gradient)


@wrong_answer("pgd_step", says="starts from the clean input")
def starts_anew(x, clean, gradient, step, epsilon):
    return np.clip(clean + step * np.sign(gradient), clean - epsilon, clean + epsilon)


@wrong_answer("success_rate", says="no success of the attack")
def counts_old_errors(before, after, labels):
    _right(before, labels)
    return float((after != labels).mean())


@wrong_answer("success_rate", says="divide by those, not by all")
def divides_by_all(before, after, labels):
    right = _right(before, labels)
    return float((right & (after != labels)).mean())


@wrong_answer("success_rate", says="not always a wrong one")
def counts_changes(before, after, labels):
    _right(before, labels)
    return float((after != before).mean())


@wrong_answer("success_rate", says="raise ValueError")
def calls_nothing_zero(before, after, labels):
    right = before == labels
    return float((after != labels)[right].sum() / max(1, right.sum()))


def _right(before, labels):
    right = before == labels
    if not right.any():
        raise ValueError("nothing to attack")
    return right


@wrong_answer("flip_bit", says="no minus sign")
def takes_bit_7_for_a_sign(weight, bit):
    if bit == 7:
        return -weight
    value = (weight % 256) ^ (1 << bit)
    return value - 256 if value > 127 else value


@wrong_answer("flip_bit", says="is no int8")
def forgets_to_wrap(weight, bit):
    return (weight % 256) ^ (1 << bit)


@wrong_answer("flip_bit", says="nothing changed")
def clears_the_bit(weight, bit):
    value = (weight % 256) & ~(1 << bit)
    return value - 256 if value > 127 else value


@wrong_answer("most_damaging_flip", says="the direction of the change")
def ignores_the_direction(weights, gradient):
    gains = np.abs(_changes(weights) * gradient[:, None])
    return tuple(int(i) for i in np.unravel_index(gains.argmax(), gains.shape))


@wrong_answer("most_damaging_flip", says="Try all eight bits")
def flips_the_top_bit_only(weights, gradient):
    gains = _changes(weights)[:, 7] * gradient
    return int(gains.argmax()), 7


@wrong_answer("most_damaging_flip", says="another flip raises the loss more")
def takes_the_smallest_rise(weights, gradient):
    gains = _changes(weights) * gradient[:, None]
    gains[gains <= 0] = np.inf
    index = np.unravel_index(gains.argmin(), gains.shape)
    return int(index[0]), int(index[1])


def _changes(weights):
    stored = weights.view(np.uint8)
    flips = [(stored ^ np.uint8(1 << bit)).view(np.int8) for bit in range(8)]
    return np.stack(flips, axis=1).astype(float) - weights[:, None]


@wrong_answer("vote_top_bit", says="nothing was repaired")
def trusts_the_stored_bit(stored, copies):
    return stored


@wrong_answer("vote_top_bit", says="trusts the first copy")
def trusts_the_first_copy(stored, copies):
    return (stored & np.uint8(127)) | (copies[:, 0].astype(np.uint8) << np.uint8(7))


@wrong_answer("vote_top_bit", says="two of three decide")
def wants_all_three(stored, copies):
    top = (copies.min(axis=1) & (stored >> np.uint8(7))).astype(np.uint8)
    return (stored & np.uint8(127)) | (top << np.uint8(7))
