"""Wrong answers to the exercises of `04_codesign/1_search`: the mistakes learners make."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


@wrong_answer("arena_of_chain", says="that is the sum of all")
def adds_all_tensors(sizes):
    return sum(sizes)


@wrong_answer("arena_of_chain", says="the largest tensor")
def takes_the_largest_tensor(sizes):
    return max(sizes)


@wrong_answer("arena_of_chain", says="the first and the last count")
def forgets_the_input(sizes):
    return max((a + b for a, b in zip(sizes[1:], sizes[2:])), default=sizes[-1])


@wrong_answer("calibrate_batch_norm", says="divides by n - 1")
def divides_by_one_less(activations):
    flat = activations.reshape(-1, activations.shape[-1])
    return flat.mean(axis=0), flat.var(axis=0, ddof=1)


@wrong_answer("calibrate_batch_norm", says="one mean for all channels")
def takes_one_mean_for_all(activations):
    channels = activations.shape[-1]
    flat = activations.reshape(-1, channels)
    return np.full(channels, activations.mean()), flat.var(axis=0)


@wrong_answer("calibrate_batch_norm", says="standard deviation")
def returns_the_deviation(activations):
    flat = activations.reshape(-1, activations.shape[-1])
    return flat.mean(axis=0), flat.std(axis=0)


@wrong_answer("calibrate_batch_norm", says="take the mean away first")
def takes_the_mean_square(activations):
    flat = activations.reshape(-1, activations.shape[-1])
    return flat.mean(axis=0), (flat**2).mean(axis=0)


def _pairs(a, b):
    i, j = np.triu_indices(len(a), 1)
    return np.sign(a[i] - a[j]) * np.sign(b[i] - b[j])


@wrong_answer("kendall_tau", says="tau-a")
def ignores_ties(a, b):
    return float(_pairs(a, b).mean())


@wrong_answer("kendall_tau", says="Pearson")
def correlates_values(a, b):
    return float(np.corrcoef(a, b)[0, 1])


@wrong_answer("kendall_tau", says="those that disagree count -1")
def counts_agreement_alone(a, b):
    return float((_pairs(a, b) > 0).mean())


@wrong_answer("pareto_mask", says="as good in the first column")
def asks_for_better_everywhere(points):
    return ~(points[:, None] < points[None]).all(axis=2).any(axis=0)


@wrong_answer("pareto_mask", says="two equal points")
def lets_equal_points_beat_each_other(points):
    as_good = (points[:, None] <= points[None]).all(axis=2)
    np.fill_diagonal(as_good, False)
    return ~as_good.any(axis=0)


@wrong_answer("pareto_mask", says="less is better")
def keeps_the_worst(points):
    as_good = (points[:, None] >= points[None]).all(axis=2)
    better = (points[:, None] > points[None]).any(axis=2)
    return ~(as_good & better).any(axis=0)


@wrong_answer("covered_area", says="count once")
def adds_every_rectangle(points, reference):
    return float(np.sum(np.prod(np.maximum(reference - points, 0), axis=1)))


def _stairs(points, reference):
    area, top = 0.0, reference[1]
    for x, y in points[np.argsort(points[:, 0])]:
        if y < top:
            area += (reference[0] - x) * (top - y)
            top = y
    return float(area)


@wrong_answer("covered_area", says="beyond the reference")
def subtracts_what_lies_beyond(points, reference):
    return _stairs(points, reference)


@wrong_answer("covered_area", says="rectangle")
def forgets_to_sort(points, reference):
    area, top = 0.0, reference[1]
    for x, y in points:
        if y < top and x < reference[0]:
            area += (reference[0] - x) * (top - y)
            top = y
    return float(area)


def _tournament(costs, rng):
    a, b = rng.integers(len(costs), size=2)
    return int(a if costs[a] < costs[b] else b)


def _child(population, parents, choices, rng, chance=0.15):
    mother, father = population[list(parents)]
    child = np.where(rng.random(len(mother)) < 0.5, mother, father)
    fresh = rng.random(len(child)) < chance
    return np.where(fresh, rng.integers(choices, size=len(child)), child)


@wrong_answer("next_child", says="like one parent alone")
def copies_the_mother(population, costs, choices, seed):
    rng = np.random.default_rng(seed)
    parents = _tournament(costs, rng), _tournament(costs, rng)
    return _child(population, (parents[0], parents[0]), choices, rng), parents


@wrong_answer("next_child", says="change a gene now and then")
def never_changes_a_gene(population, costs, choices, seed):
    rng = np.random.default_rng(seed)
    parents = _tournament(costs, rng), _tournament(costs, rng)
    return _child(population, parents, choices, rng, chance=0), parents


@wrong_answer("next_child", says="nearly random search")
def draws_nearly_all_anew(population, costs, choices, seed):
    rng = np.random.default_rng(seed)
    parents = _tournament(costs, rng), _tournament(costs, rng)
    return _child(population, parents, choices, rng, chance=0.95), parents


@wrong_answer("next_child", says="no better than the average")
def takes_any_parents(population, costs, choices, seed):
    rng = np.random.default_rng(seed)
    parents = tuple(int(k) for k in rng.integers(len(costs), size=2))
    return _child(population, parents, choices, rng), parents


@wrong_answer("next_child", says="worse than the average")
def prefers_high_costs(population, costs, choices, seed):
    rng = np.random.default_rng(seed)
    parents = _tournament(-costs, rng), _tournament(-costs, rng)
    return _child(population, parents, choices, rng), parents


@wrong_answer("next_child", says="one family")
def always_takes_the_best(population, costs, choices, seed):
    rng = np.random.default_rng(seed)
    best = np.argsort(costs)
    return _child(population, best[:2], choices, rng), (int(best[0]), int(best[1]))


@wrong_answer("next_child", says="default_rng(seed)")
def ignores_the_seed(population, costs, choices, seed):
    rng = np.random.default_rng()
    parents = _tournament(costs, rng), _tournament(costs, rng)
    return _child(population, parents, choices, rng), parents
