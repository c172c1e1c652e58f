"""Wrong answers to the exercises of `anomaly_detection_adapt`: the mistakes learners make."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


@wrong_answer("recalibrated_threshold", says="take 1 - share")
def takes_the_low_end(scores, share):
    return np.quantile(scores, share)


@wrong_answer("recalibrated_threshold", says="of the normal scores should lie above")
def takes_the_loudest(scores, share):
    return np.max(scores)


@wrong_answer("recalibrated_threshold", says="one loud recording")
def goes_by_mean_and_deviation(scores, share):
    return np.mean(scores) + 2 * np.std(scores)


@wrong_answer("reservoir_place", says="every item is kept")
def always_overwrites(seen, capacity, draw):
    return seen if seen < capacity else int(draw * capacity)


@wrong_answer("reservoir_place", says="seen + 1 positions")
def forgets_the_new_one(seen, capacity, draw):
    if seen < capacity:
        return seen
    slot = int(draw * seen)
    return slot if slot < capacity else -1


@wrong_answer("reservoir_place", says="the next free position")
def draws_from_the_start(seen, capacity, draw):
    slot = int(draw * (seen + 1) * 2)
    return slot if slot < capacity else -1


@wrong_answer("reservoir_place", says="as likely as any other")
def replaces_the_first(seen, capacity, draw):
    if seen < capacity:
        return seen
    return 0 if draw < capacity / (seen + 1) else -1


@wrong_answer("ewc_gradient", says="the sign is turned")
def pushes_away(weights, old_weights, fisher, strength):
    return strength * fisher * (old_weights - weights)


@wrong_answer("ewc_gradient", says="not its gradient")
def gives_the_penalty(weights, old_weights, fisher, strength):
    return strength / 2 * fisher * (weights - old_weights) ** 2


@wrong_answer("ewc_gradient", says="cancels the half")
def keeps_the_half(weights, old_weights, fisher, strength):
    return strength / 2 * fisher * (weights - old_weights)


@wrong_answer("ewc_gradient", says="the Fisher information is missing")
def holds_all_alike(weights, old_weights, fisher, strength):
    return strength * (weights - old_weights)


@wrong_answer("backward_transfer", says="the sign is turned")
def counts_losses(matrix):
    return float(np.mean((np.diag(matrix) - matrix[-1])[:-1]))


@wrong_answer("backward_transfer", says="leave it out of the mean")
def includes_the_last(matrix):
    return float(np.mean(matrix[-1] - np.diag(matrix)))


@wrong_answer("backward_transfer", says="not with the first row")
def compares_with_the_start(matrix):
    return float(np.mean((matrix[-1] - matrix[0])[:-1]))


@wrong_answer("federated_average", says="plain mean")
def counts_clients_alike(weights, examples):
    return weights.mean(axis=0)


@wrong_answer("federated_average", says="must add up to one")
def divides_by_clients(weights, examples):
    return examples @ weights / len(examples)


@wrong_answer("federated_average", says="divide by the number of all examples")
def only_adds(weights, examples):
    return examples @ weights
