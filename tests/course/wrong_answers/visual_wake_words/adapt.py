"""Wrong answers to the exercises of `visual_wake_words_adapt`: the mistakes learners make."""

import numpy as np
from scipy import stats

from tests.course.wrong_answers import wrong_answer


@wrong_answer("adapt_to_task", says="sign is turned round")
def climbs(weights, target, curvature, rate, steps):
    for _ in range(steps):
        weights = weights + rate * curvature @ (weights - target)
    return weights


@wrong_answer("adapt_to_task", says="gradient anew in each step")
def keeps_the_first_gradient(weights, target, curvature, rate, steps):
    gradient = curvature @ (weights - target)
    for _ in range(steps):
        weights = weights - rate * gradient
    return weights


@wrong_answer("adapt_to_task", says="as many steps as asked")
def takes_one_step(weights, target, curvature, rate, steps):
    return weights - rate * curvature @ (weights - target)


@wrong_answer("adapt_to_task", says="curvature is missing")
def forgets_the_curvature(weights, target, curvature, rate, steps):
    for _ in range(steps):
        weights = weights - rate * (weights - target)
    return weights


@wrong_answer("meta_gradient", says="first-order MAML")
def is_first_order(weights, target, curvature, query_target, query_curvature, rate):
    adapted = weights - rate * curvature @ (weights - target)
    return query_curvature @ (adapted - query_target)


@wrong_answer("meta_gradient", says="not at the start")
def looks_at_the_start(weights, target, curvature, query_target, query_curvature, rate):
    step = np.eye(len(weights)) - rate * curvature
    return step @ query_curvature @ (weights - query_target)


@wrong_answer("meta_gradient", says="its curvature belongs in the derivative")
def mixes_the_tasks_up(weights, target, curvature, query_target, query_curvature, rate):
    adapted = weights - rate * curvature @ (weights - target)
    step = np.eye(len(weights)) - rate * query_curvature
    return step @ query_curvature @ (adapted - query_target)


@wrong_answer("reptile_step", says="direction is turned round")
def moves_away(start, adapted, share):
    return start - share * (adapted.mean(axis=0) - start)


@wrong_answer("reptile_step", says="only a share of the way")
def jumps(start, adapted, share):
    return adapted.mean(axis=0)


@wrong_answer("reptile_step", says="not the sum")
def adds_up_the_tasks(start, adapted, share):
    return start + share * (adapted - start).sum(axis=0)


@wrong_answer("paired_difference", says="divided by sqrt(tasks)")
def shows_the_spread(ours, theirs):
    gap = ours - theirs
    reach = stats.t.ppf(0.975, len(gap) - 1) * gap.std(ddof=1)
    return gap.mean(), gap.mean() - reach, gap.mean() + reach


@wrong_answer("paired_difference", says="pair the tasks")
def forgets_the_pairs(ours, theirs):
    gap, error = ours - theirs, np.sqrt((ours.var(ddof=1) + theirs.var(ddof=1)) / len(ours))
    reach = stats.t.ppf(0.975, len(gap) - 1) * error
    return gap.mean(), gap.mean() - reach, gap.mean() + reach


@wrong_answer("paired_difference", says="not 1.96")
def takes_the_normal(ours, theirs):
    gap = ours - theirs
    reach = stats.norm.ppf(0.975) * gap.std(ddof=1) / np.sqrt(len(gap))
    return gap.mean(), gap.mean() - reach, gap.mean() + reach


@wrong_answer("choose_layers", says="compare")
def takes_the_largest_gain_first(gains, sizes, budget):
    chosen = []
    for layer in sorted(range(len(gains)), key=lambda i: -gains[i]):
        if gains[layer] > 0 and sum(sizes[i] for i in chosen) + sizes[layer] <= budget:
            chosen.append(layer)
    return tuple(sorted(chosen))


@wrong_answer("choose_layers", says="compare")
def takes_the_best_rate_first(gains, sizes, budget):
    chosen = []
    for layer in sorted(range(len(gains)), key=lambda i: -gains[i] / sizes[i]):
        if gains[layer] > 0 and sum(sizes[i] for i in chosen) + sizes[layer] <= budget:
            chosen.append(layer)
    return tuple(sorted(chosen))


@wrong_answer("choose_layers", says="the budget is")
def ignores_the_budget(gains, sizes, budget):
    return tuple(layer for layer, gain in enumerate(gains) if gain > 0)


@wrong_answer("choose_layers", says="leave it out even if it fits")
def fills_the_budget(gains, sizes, budget):
    best, chosen = -1.0, ()
    for code in range(2 ** len(gains)):
        layers = tuple(layer for layer in range(len(gains)) if code >> layer & 1)
        taken = sum(sizes[layer] for layer in layers)
        if taken <= budget and (taken, sum(gains[p] for p in layers)) > (best, -1e9):
            best, chosen = taken, layers
    return chosen
