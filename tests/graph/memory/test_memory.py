"""The arena planners: every plan is valid, and the exact one is the smallest there is."""

from itertools import combinations, permutations
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.graph import Graph, Op, Tensor, peak_activation_bytes
from tinylab.graph.memory import STRATEGIES, Buffer, find_buffers, lower_bound, plan
from tinylab.graph.memory.exact import branch_and_bound
from tinylab.graph.memory.planners import best_fit, greedy_by_size, place_in_order, two_ends


def op(kind, inputs, outputs):
    return Op(kind, tuple(inputs), tuple(outputs), MappingProxyType({}))


def chain(sizes, kinds=None):
    """A graph whose operators hand one activation to the next."""
    tensors = tuple(Tensor(f"t{i}", (size,), "int8") for i, size in enumerate(sizes))
    kinds = kinds or ["conv2d"] * (len(sizes) - 1)
    ops = tuple(op(kind, [i], [i + 1]) for i, kind in enumerate(kinds))
    return Graph("chain", tensors, ops, (0,), (len(sizes) - 1,))


buffers_strategy = st.lists(
    st.tuples(st.integers(1, 64), st.integers(0, 7), st.integers(0, 4)), min_size=1, max_size=7
).map(
    lambda rows: tuple(
        Buffer((i,), size, first, first + length, f"b{i}")
        for i, (size, first, length) in enumerate(rows)
    )
)


def peak(buffers, offsets):
    return max(o + b.size_bytes for o, b in zip(offsets, buffers, strict=True))


def assert_no_overlap(buffers, offsets):
    for (i, a), (j, b) in combinations(enumerate(buffers), 2):
        if a.overlaps(b):
            apart = (
                offsets[i] + a.size_bytes <= offsets[j] or offsets[j] + b.size_bytes <= offsets[i]
            )
            assert apart, (a, b)


@given(buffers_strategy, st.sampled_from([1, 4, 16]))
@settings(max_examples=100)
def test_plans_are_valid_and_exact_is_never_worse(buffers, alignment):
    plans = {f.__name__: f(buffers, alignment) for f in (greedy_by_size, best_fit)}
    start = min(plans.values(), key=lambda offsets: peak(buffers, offsets))
    plans["exact"], proved = branch_and_bound(
        buffers, alignment, start=start, lower_bound_bytes=lower_bound(buffers), max_nodes=50_000
    )
    for offsets in plans.values():
        assert_no_overlap(buffers, offsets)
        assert all(offset % alignment == 0 for offset in offsets)
        assert peak(buffers, offsets) >= lower_bound(buffers)
    assert peak(buffers, plans["exact"]) <= peak(buffers, start)
    assert proved


@given(buffers_strategy.filter(lambda buffers: len(buffers) <= 5))
@settings(max_examples=40)
def test_exact_equals_all_permutations(buffers):
    orders = permutations(range(len(buffers)))
    smallest = min(peak(buffers, place_in_order(buffers, order, 1)) for order in orders)
    offsets, proved = branch_and_bound(
        buffers, 1, start=greedy_by_size(buffers, 1), lower_bound_bytes=0, max_nodes=10**6
    )
    assert proved and peak(buffers, offsets) == smallest


def test_a_gap_that_fits_exactly_is_used():
    """Two buffers that live for ever leave 16 bytes between them while a third is gone."""
    lives = ((0, 9), (0, 3), (0, 9), (5, 9))
    buffers = tuple(Buffer((i,), 16, *life, f"b{i}") for i, life in enumerate(lives))
    for smallest_gap in (False, True):
        offsets = place_in_order(buffers, (0, 1, 2, 3), 4, smallest_gap=smallest_gap)
        assert offsets == [0, 16, 32, 16]


def test_exact_beats_both_heuristics():
    rows = [(8, 0, 1), (8, 2, 3), (6, 1, 2), (5, 0, 0), (7, 3, 4), (9, 4, 5), (4, 2, 5)]
    buffers = [Buffer((i,), *row, f"b{i}") for i, row in enumerate(rows)]
    start = greedy_by_size(buffers, 1)
    offsets, proved = branch_and_bound(
        buffers, 1, start=start, lower_bound_bytes=lower_bound(buffers), max_nodes=10**5
    )
    assert_no_overlap(buffers, offsets)
    assert proved and peak(buffers, offsets) <= min(
        peak(buffers, start), peak(buffers, best_fit(buffers, 1))
    )


@pytest.mark.parametrize(
    "rows",
    [
        [(4, 1, 2), (7, 1, 1), (7, 2, 4), (9, 3, 3), (2, 4, 4), (7, 2, 3)],
        [(2, 0, 2), (4, 0, 1), (6, 2, 3), (7, 0, 0), (1, 2, 4), (8, 3, 3)],
        [(2, 1, 2), (4, 3, 4), (7, 1, 1), (4, 2, 3)],  # the lowest place alone keeps the bound true
    ],
)
def test_exact_finds_the_smallest_plan_where_both_heuristics_fail(rows):
    buffers = [Buffer((i,), *row, f"b{i}") for i, row in enumerate(rows)]
    orders = permutations(range(len(buffers)))
    smallest = min(peak(buffers, place_in_order(buffers, order, 1)) for order in orders)
    start = greedy_by_size(buffers, 1)
    assert min(peak(buffers, start), peak(buffers, best_fit(buffers, 1))) > smallest
    # The bound prunes: without it the proof takes more than 300 nodes.
    offsets, proved = branch_and_bound(buffers, 1, start=start, lower_bound_bytes=0, max_nodes=100)
    assert_no_overlap(buffers, offsets)
    assert proved
    assert peak(buffers, offsets) == smallest


def test_search_without_budget_keeps_the_heuristic_and_admits_it():
    buffers = find_buffers(chain([27, 18, 18, 36, 9, 18]))
    start = greedy_by_size(buffers, 1)
    offsets, proved = branch_and_bound(buffers, 1, start=start, lower_bound_bytes=54, max_nodes=1)
    assert offsets == start and not proved


def test_a_chain_needs_its_two_largest_neighbours():
    result = plan(chain([10, 80, 60, 20]), alignment_bytes=1)
    assert result.arena_bytes == result.lower_bound_bytes == 140
    assert result.optimal and result.live_bytes() == (90, 140, 80)


@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=60), st.sampled_from([1, 4, 16]))
@settings(max_examples=60)
def test_any_chain_needs_its_two_largest_neighbours(sizes, alignment):
    """Also where the search for the best plan would never end."""
    aligned = [-(-size // alignment) * alignment for size in sizes]
    result = plan(chain(aligned), alignment_bytes=alignment)
    assert result.arena_bytes == max(a + b for a, b in zip(aligned, aligned[1:]))
    assert result.optimal


@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=60))
def test_two_ends_alone_suffice_for_a_chain(sizes):
    buffers = find_buffers(chain(sizes))
    bound = lower_bound(buffers)
    offsets = two_ends(buffers, 1, bound)
    assert_no_overlap(buffers, offsets)
    assert peak(buffers, offsets) == bound


@given(buffers_strategy, st.sampled_from([1, 4, 16]))
def test_two_ends_are_valid_for_any_buffers(buffers, alignment):
    offsets = two_ends(buffers, alignment, lower_bound(buffers))
    assert_no_overlap(buffers, offsets)
    assert all(offset >= 0 and offset % alignment == 0 for offset in offsets)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_lower_bound_without_in_place_is_the_counted_peak(strategy):
    graph = chain([10, 80, 60, 20, 7, 91])
    result = plan(graph, strategy=strategy, in_place=False)
    assert result.lower_bound_bytes == peak_activation_bytes(graph)
    assert result.strategy == strategy


@pytest.mark.parametrize("strategy", ["greedy_by_size", "best_fit"])
def test_a_heuristic_proves_a_plan_only_by_reaching_the_bound(strategy):
    tight = plan(chain([16, 80]), strategy=strategy, alignment_bytes=16)
    loose = plan(chain([10, 81]), strategy=strategy, alignment_bytes=16)
    assert tight.optimal and tight.arena_bytes == tight.lower_bound_bytes
    assert not loose.optimal and loose.arena_bytes > loose.lower_bound_bytes


def test_elementwise_and_reshape_work_in_place():
    graph = chain([50, 50, 50, 20], ["relu", "reshape", "conv2d"])
    assert plan(graph, alignment_bytes=1).arena_bytes == 70
    assert plan(graph, alignment_bytes=1, in_place=False).arena_bytes == 100
    result = plan(graph)
    assert result.offset_of(0) == result.offset_of(1) == result.offset_of(2)


def test_an_input_read_again_later_is_not_overwritten():
    tensors = tuple(Tensor(f"t{i}", (10,), "int8") for i in range(4))
    ops = (op("conv2d", [0], [1]), op("relu", [1], [2]), op("add", [2, 1], [3]))
    buffers = find_buffers(Graph("residual", tensors, ops, (0,), (3,)))
    assert sorted(buffer.tensors for buffer in buffers) == [(0,), (1,), (2, 3)]


def test_a_graph_output_is_not_overwritten():
    tensors = tuple(Tensor(f"t{i}", (10,), "int8") for i in range(3))
    ops = (op("conv2d", [0], [1]), op("relu", [1], [2]))
    assert len(find_buffers(Graph("two outputs", tensors, ops, (0,), (1, 2)))) == 3


def test_scratch_lives_during_its_operator_only():
    result = plan(chain([10, 80, 60]), alignment_bytes=1, scratch_bytes={0: 50})
    assert result.arena_bytes == 140
    assert result.scratch_offset_of(0) is not None and result.scratch_offset_of(1) is None


def test_constants_take_no_room():
    tensors = (
        Tensor("x", (10,), "int8"),
        Tensor("w", (99,), "int8", data=np.zeros(99, np.int8)),
        Tensor("y", (20,), "int8"),
    )
    result = plan(Graph("g", tensors, (op("conv2d", [0, 1, -1], [2]),), (0,), (2,)))
    assert result.arena_bytes <= 32
    with pytest.raises(KeyError, match="not in the arena"):
        result.offset_of(1)


def test_no_buffers_need_no_memory():
    assert lower_bound([]) == 0


def test_errors_say_what_to_pass():
    with pytest.raises(ValueError, match="greedy_by_size"):
        plan(chain([1, 2]), strategy="magic")
    with pytest.raises(ValueError, match="at least 1"):
        plan(chain([1, 2]), alignment_bytes=0)
    dangling = Graph("d", (Tensor("a", (1,), "int8"),) * 2, (op("relu", [0], [1]),), (), (1,))
    with pytest.raises(ValueError, match="no operator writes"):
        plan(dangling)


@pytest.mark.parametrize(
    ("name", "arena_bytes"),
    [("kws_ref_model", 16_000), ("vww_96_int8", 55_296), ("ad01_int8", 768)],
)
def test_reference_models_reach_the_lower_bound(real_data, name, arena_bytes):
    from tinylab.graph import read_tflite

    result = plan(read_tflite(real_data / "reference_models" / f"{name}.tflite"))
    assert result.arena_bytes == result.lower_bound_bytes == arena_bytes
