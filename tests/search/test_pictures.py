"""Costs of picture networks in whole arrays are those of the network's graph."""

import numpy as np
import pytest

from tests.search.chains import Chain, assert_equal_to_graphs
from tinylab.graph import Graph
from tinylab.search.pictures import (
    PICTURES,
    PictureArchitecture,
    picture_costs_of,
    picture_rows,
)

BUNDLED = PictureArchitecture(96, 8, (16, 32, 64, 128, 256), (1, 2, 2, 6, 2))


def chain(one: PictureArchitecture) -> Graph:
    """The int8 program of a network, written operator by operator."""
    program = Chain("picture", (1, one.resolution, one.resolution, 3))
    side, last = -(-one.resolution // 2), one.stem
    program.convolution((side, side, last), 3, stride=2)
    for stage, (width, depth) in enumerate(zip(one.widths, one.depths)):
        for block in range(depth):
            stride = 2 if stage and not block else 1
            side = -(-side // stride)
            program.depthwise((side, side, last), stride=stride)
            program.convolution((side, side, width), 1)
            last = width
    program.pool_and_classify((side, side), classes=2)
    return program.graph(str(one))


def drawn(count: int) -> list[PictureArchitecture]:
    numbers = np.random.default_rng(5).integers(PICTURES.size, size=count)
    return [PICTURES.architecture(number) for number in numbers]


def test_equal_to_the_graph():
    wide_end = PictureArchitecture(48, 8, (8, 8, 8, 8, 4096), (1, 1, 1, 1, 1))  # pooling needs most
    networks = [*drawn(40), BUNDLED, wide_end]
    assert_equal_to_graphs(picture_costs_of(picture_rows(networks)), map(chain, networks))


def test_the_network_of_mlperf_tiny():
    (costs,) = [picture_costs_of(picture_rows([BUNDLED]))]
    assert (costs.macs[0], costs.arena_bytes[0]) == (7_489_664, 55_296)


def test_every_number_is_a_network_of_its_own():
    rows = PICTURES.rows()
    assert rows.shape == (PICTURES.size, 12) == (262_144, 12)
    assert len(np.unique(rows, axis=0)) == PICTURES.size
    some = [0, 77_777, PICTURES.size - 1]
    assert np.array_equal(picture_rows([PICTURES.architecture(n) for n in some]), rows[some])


def test_a_cost_does_not_depend_on_its_neighbours():
    rows = PICTURES.rows(np.arange(0, PICTURES.size, 997))
    together = picture_costs_of(rows)
    for at in (0, 100, len(rows) - 1):
        alone = picture_costs_of(rows[at : at + 1])
        assert np.array_equal(alone.amounts[0], together.amounts[at])
        assert alone.arena_bytes[0] == together.arena_bytes[at]


@pytest.mark.parametrize(
    "rows", [np.ones((2, 12)), np.ones((2, 11), int), np.zeros((1, 12), int), np.ones(12, int)]
)
def test_rows_that_are_no_networks_are_refused(rows):
    with pytest.raises(ValueError, match="shape|needs"):
        picture_costs_of(rows)
