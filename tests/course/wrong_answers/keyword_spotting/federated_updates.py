"""Wrong answers to the federated exercises on what is sent: bytes, error feedback, noise."""

from math import ceil

import numpy as np

from tests.course.wrong_answers import wrong_answer


@wrong_answer("round_bytes", says="who does not answer")
def counts_answers_of_all(drawn, answered, weights, bits):
    return drawn * (4 * weights + ceil(weights * bits / 8))


@wrong_answer("round_bytes", says="sent the model all the same")
def forgets_who_dropped_out(drawn, answered, weights, bits):
    return answered * (4 * weights + ceil(weights * bits / 8))


@wrong_answer("round_bytes", says="model goes down")
def counts_one_way(drawn, answered, weights, bits):
    return answered * ceil(weights * bits / 8)


@wrong_answer("round_bytes", says="whatever goes up")
def compresses_the_way_down(drawn, answered, weights, bits):
    return (drawn + answered) * ceil(weights * bits / 8)


@wrong_answer("keep_what_was_lost", says="added before rounding")
def never_looks_at_the_memory(update, memory, step):
    sent = np.round(update / step) * step
    return sent, update - sent


@wrong_answer("keep_what_was_lost", says="part of what was to be sent")
def forgets_part_of_the_debt(update, memory, step):
    sent = np.round((update + memory) / step) * step
    return sent, update - sent


@wrong_answer("keep_what_was_lost", says="sign is turned round")
def owes_backwards(update, memory, step):
    sent = np.round((update + memory) / step) * step
    return sent, sent - update - memory


@wrong_answer("keep_what_was_lost", says="multiply by the step")
def sends_codes(update, memory, step):
    sent = np.round((update + memory) / step)
    return sent, update + memory - sent * step


@wrong_answer("clip_and_noise", says="stays as it is")
def normalizes(updates, clip, z, normal, expected):
    lengths = np.maximum(np.linalg.norm(updates, axis=1, keepdims=True), 1e-12)
    return ((updates * clip / lengths).sum(axis=0) + z * clip * normal) / expected


@wrong_answer("clip_and_noise", says="not each of its numbers")
def clips_numbers(updates, clip, z, normal, expected):
    return (np.clip(updates, -clip, clip).sum(axis=0) + z * clip * normal) / expected


@wrong_answer("clip_and_noise", says="number that came")
def divides_by_who_came(updates, clip, z, normal, expected):
    lengths = np.maximum(np.linalg.norm(updates, axis=1, keepdims=True), 1e-12)
    total = (updates * np.minimum(1, clip / lengths)).sum(axis=0)
    return (total + z * clip * normal) / len(updates)


@wrong_answer("clip_and_noise", says="clipping alone protects nobody")
def adds_no_noise(updates, clip, z, normal, expected):
    lengths = np.maximum(np.linalg.norm(updates, axis=1, keepdims=True), 1e-12)
    return (updates * np.minimum(1, clip / lengths)).sum(axis=0) / expected
