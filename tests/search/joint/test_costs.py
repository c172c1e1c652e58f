"""Work, flash and memory of compressed networks with exits: against graphs and by hand."""

import keras
import numpy as np
import pytest

from tests.search.joint.examples import COMPRESSIONS, SPACE, made_up_results
from tinylab import cost
from tinylab.deploy.keras_graph import from_keras
from tinylab.graph.passes import optimize
from tinylab.search.joint.costs import joint_costs, kernels_of, stored_bytes
from tinylab.search.joint.settings import Compression
from tinylab.search.network import build_network
from tinylab.search.space import CLASSES, Architecture, as_rows, costs_of

RESULTS = made_up_results()
COSTS = joint_costs(RESULTS)
ONE = Architecture(4, (16, 64, 16, 64))


def column(one: Architecture, after: int, threshold: float = 0.5) -> int:
    exits = RESULTS.exits
    same = (exits.network == SPACE.architectures.index(one)) & (exits.after == after)
    return int(np.flatnonzero(same & ((after == 0) | (exits.threshold == threshold)))[0])


def test_without_compression_and_exit_costs_are_those_of_the_network():
    at, costs = column(ONE, 0), costs_of(as_rows([ONE]))
    np.testing.assert_allclose(COSTS.early[0, at], costs.amounts[0])
    np.testing.assert_allclose(COSTS.most[0, at], costs.amounts[0])
    assert COSTS.flash_bytes[0, at] == costs.weight_bytes[0]
    assert COSTS.ram_bytes[0, at] == costs.arena_bytes[0]


def test_an_exit_costs_what_a_graph_of_the_classifier_costs():
    model = build_network(ONE, dropout=0.0)
    there = model.get_layer("block2_pointwise_relu")
    inputs = keras.Input(there.output.shape[1:])
    pooled = keras.layers.Flatten()(keras.layers.AveragePooling2D(inputs.shape[1:3])(inputs))
    head = keras.Model(inputs, keras.layers.Dense(CLASSES, activation="softmax")(pooled))
    load = cost.workload(optimize(from_keras(head)).graph)
    at = column(ONE, 2)
    np.testing.assert_allclose(
        COSTS.most[0, at] - costs_of(as_rows([ONE])).amounts[0], load.features
    )
    front = costs_of(as_rows([Architecture(4, (16, 64, 16))])).amounts[0]
    np.testing.assert_allclose(COSTS.early[0, at], front)
    added = COSTS.flash_bytes[0, at] - COSTS.flash_bytes[0, column(ONE, 0)]
    assert added == CLASSES * 16 + 4 * CLASSES


def test_weights_are_counted_as_keras_has_them():
    kernels, model = kernels_of(as_rows([ONE])), build_network(ONE)
    sizes = {
        layer.name: int(np.prod(layer.get_weights()[0].shape))
        for layer in model.layers
        if layer.weights and "norm" not in layer.name
    }
    pruned = [size for name, size in sizes.items() if name == "stem" or "pointwise" in name]
    assert kernels.pruned[0] == sum(pruned) and kernels.largest_pruned[0] == max(pruned)
    assert kernels.pruned[0] + kernels.whole[0] == sum(sizes.values())
    assert kernels.largest[0] == max(sizes.values())


@pytest.mark.parametrize(
    "compression, wanted",
    [
        (Compression(8, 1.0), lambda pruned, whole: pruned + whole),
        (Compression(4, 1.0), lambda pruned, whole: (pruned + whole) / 2),
        (Compression(8, 0.5), lambda pruned, whole: pruned * (1 / 8 + 1 / 2) + whole),
        (Compression(4, 0.5), lambda pruned, whole: pruned * (1 / 8 + 1 / 4) + whole / 2),
    ],
)
def test_stored_kernels_take_bits_of_a_map_and_of_what_stays(compression, wanted):
    kernels = kernels_of(as_rows([ONE]))
    by_hand = int(np.ceil(wanted(int(kernels.pruned[0]), int(kernels.whole[0]))))
    assert stored_bytes(kernels, compression)[0] == by_hand


def test_compressed_weights_save_flash_and_cost_work_and_memory():
    at = column(ONE, 0)
    element = cost.FEATURES.index("elements")
    for kind, compression in enumerate(COMPRESSIONS[1:], start=1):
        assert COSTS.flash_bytes[kind, at] < COSTS.flash_bytes[0, at]
        more = COSTS.most[kind, at] - COSTS.most[0, at]
        kernels = kernels_of(as_rows([ONE]))
        unpacked = kernels.pruned[0] + kernels.whole[0] * (compression.bits < 8)
        assert more[element] == unpacked and np.count_nonzero(more) == 1
        assert COSTS.ram_bytes[kind, at] - COSTS.ram_bytes[0, at] == 16 * 64
