"""Wrong answers to the federated exercises on words, rounds and optimizers."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


@wrong_answer("federated_round_mean", says="add their mean to the old weights")
def forgets_the_old_weights(common, updates, examples):
    return examples @ updates / examples.sum()


@wrong_answer("federated_round_mean", says="more examples counts more")
def counts_all_alike(common, updates, examples):
    return common + updates.mean(axis=0)


@wrong_answer("federated_round_mean", says="a sum, not a mean")
def forgets_to_divide(common, updates, examples):
    return common + examples @ updates


@wrong_answer("federated_round_mean", says="not subtracted")
def goes_backwards(common, updates, examples):
    return common - examples @ updates / examples.sum()


@wrong_answer("vocabulary_split", says="rows come last")
def scales_users_first(shares, sweeps):
    for _ in range(sweeps):
        shares = shares / shares.sum(axis=1, keepdims=True)
        shares = shares / shares.sum(axis=0) * len(shares) / shares.shape[1]
    return shares


@wrong_answer("vocabulary_split", says="only the users")
def forgets_the_words(shares, sweeps):
    return shares / shares.sum(axis=1, keepdims=True)


@wrong_answer("vocabulary_split", says="not once")
def sweeps_once(shares, sweeps):
    shares = shares / shares.sum(axis=0) * len(shares) / shares.shape[1]
    return shares / shares.sum(axis=1, keepdims=True)


@wrong_answer("vocabulary_split", says="only the words")
def forgets_the_users(shares, sweeps):
    for _ in range(sweeps):
        shares = shares / shares.sum(axis=0) * len(shares) / shares.shape[1]
    return shares


@wrong_answer("proximal_gradient", says="cancels the two")
def keeps_the_two(weights, common, mu):
    return 2 * mu * (weights - common)


@wrong_answer("proximal_gradient", says="sign is turned round")
def pushes_away(weights, common, mu):
    return mu * (common - weights)


@wrong_answer("proximal_gradient", says="has its square")
def has_no_square(weights, common, mu):
    return mu * (weights - common) / max(np.linalg.norm(weights - common), 1e-12)


@wrong_answer("proximal_gradient", says="not the slope")
def compares_with_an_alias(weights, common, mu):
    common = weights
    return mu * (weights - common)


@wrong_answer("server_momentum", says="not multiplied by 1 - momentum")
def averages(weights, mean_update, velocity, momentum):
    velocity = momentum * velocity + (1 - momentum) * mean_update
    return weights + velocity, velocity


@wrong_answer("server_momentum", says="not the update")
def damps_the_update(weights, mean_update, velocity, momentum):
    velocity = velocity + momentum * mean_update
    return weights + velocity, velocity


@wrong_answer("server_momentum", says="Nesterov")
def looks_ahead(weights, mean_update, velocity, momentum):
    velocity = momentum * velocity + mean_update
    return weights + mean_update + momentum * velocity, velocity


@wrong_answer("server_momentum", says="not by the old one")
def steps_by_the_old_velocity(weights, mean_update, velocity, momentum):
    return weights + velocity, momentum * velocity + mean_update
