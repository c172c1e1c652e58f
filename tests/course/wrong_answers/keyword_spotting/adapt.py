"""Wrong answers to the exercises of `keyword_spotting_adapt`: the mistakes learners make."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


@wrong_answer("logits_gradient", says="the loss is a mean")
def forgets_the_mean(probabilities, one_hot):
    return probabilities - one_hot


@wrong_answer("logits_gradient", says="sign is turned round")
def points_downhill(probabilities, one_hot):
    return (one_hot - probabilities) / len(one_hot)


@wrong_answer("logits_gradient", says="not of classes")
def divides_by_classes(probabilities, one_hot):
    return (probabilities - one_hot) / one_hot.shape[1]


@wrong_answer("last_layer_gradients", says="transpose it")
def is_transposed(features, logits_gradient):
    return logits_gradient.T @ features, logits_gradient.sum(axis=0)


@wrong_answer("last_layer_gradients", says="mean was taken already")
def takes_the_mean_twice(features, logits_gradient):
    return features.T @ logits_gradient / len(features), logits_gradient.mean(axis=0)


@wrong_answer("last_layer_gradients", says="not over the classes")
def sums_over_classes(features, logits_gradient):
    return features.T @ logits_gradient, logits_gradient.sum(axis=1)


@wrong_answer("training_bytes", says="four bytes")
def counts_numbers(weights, trained, saved_per_example, batch_size, optimizer_slots):
    return weights + trained * (1 + optimizer_slots) + saved_per_example * batch_size


@wrong_answer("training_bytes", says="multiply by batch_size")
def saves_one_example(weights, trained, saved_per_example, batch_size, optimizer_slots):
    return 4 * (weights + trained * (1 + optimizer_slots) + saved_per_example)


@wrong_answer("training_bytes", says="only trained weights")
def trains_everything(weights, trained, saved_per_example, batch_size, optimizer_slots):
    return 4 * (weights * (2 + optimizer_slots) + saved_per_example * batch_size)


@wrong_answer("imprint", says="by its length once more")
def stays_short(features):
    return (features / np.linalg.norm(features, axis=1, keepdims=True)).mean(axis=0)


@wrong_answer("imprint", says="loud clips count more")
def lets_loudness_count(features):
    mean = features.mean(axis=0)
    return mean / np.linalg.norm(mean)


@wrong_answer("imprint", says="length one, before and after")
def takes_the_plain_mean(features):
    return features.mean(axis=0)


@wrong_answer("forgetting", says="sign is turned round")
def counts_gains(before, after):
    return float(np.mean(after - before))


@wrong_answer("forgetting", says="not the sum")
def adds_up(before, after):
    return float(np.sum(before - after))


@wrong_answer("forgetting", says="a word that improved counts too")
def ignores_gains(before, after):
    return float(np.mean(np.maximum(before - after, 0)))
