"""Costs in whole arrays are those of the network's graph: cycles, arena, weights."""

import numpy as np
import pytest

from tests.search.chains import Chain, assert_equal_to_graphs
from tinylab.graph import Graph
from tinylab.search.space import KEYWORDS, Architecture, Space, as_rows, costs_of

WIDE = Space((2, 3, 4), (16, 24, 32, 48, 64))


def chain(one: Architecture) -> Graph:
    """The int8 program of a network, written operator by operator."""
    program, frames = Chain("mfcc", (1, 49, 10, 1)), -(-49 // one.stride)
    last, *others = one.widths
    program.convolution((frames, 5, last), (10, 4), stride=(one.stride, 2))
    for width in others:
        program.depthwise((frames, 5, last))
        program.convolution((frames, 5, width), 1)
        last = width
    program.pool_and_classify((frames, 5), classes=12)
    return program.graph(str(one))


def drawn(number: int) -> list[Architecture]:
    rng = np.random.default_rng(3)
    return [(WIDE if k % 2 else KEYWORDS).sample(rng) for k in range(number)]


def test_equal_to_the_graph():
    networks = drawn(50)
    assert_equal_to_graphs(costs_of(as_rows(networks)), map(chain, networks))


def test_the_bundled_network_is_the_largest_of_the_space():
    (costs,) = [costs_of(as_rows([Architecture(2, (64,) * 5)]))]
    assert (costs.macs[0], costs.arena_bytes[0]) == (2_656_768, 16_000)


def test_how_many_there_are():
    assert len(KEYWORDS.architectures) == len(set(KEYWORDS.architectures)) == 1_080
    assert len(WIDE.architectures) == 11_700


def test_every_depth_is_drawn():
    rng = np.random.default_rng(0)
    known = set(KEYWORDS.architectures)
    sample = [KEYWORDS.sample(rng) for _ in range(200)]
    assert set(sample) <= known and {one.depth for one in sample} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    "rows",
    [
        np.zeros((2, 6)),
        np.zeros((2, 5), int),
        np.array([[2, 16, 0, 16, 0, 0]]),
        np.array([[0, 16, 16, 0, 0, 0]]),
        np.array([[2, 0, 16, 0, 0, 0]]),
    ],
)
def test_rows_that_are_no_networks_are_refused(rows):
    with pytest.raises(ValueError, match="shape|needs"):
        costs_of(rows)
