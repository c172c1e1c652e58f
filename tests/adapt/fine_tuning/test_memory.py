"""The memory cost against what TensorFlow's own gradient graph reads, and against hand counts."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from tinylab.adapt.fine_tuning.memory import memory_cost
from tinylab.adapt.fine_tuning.scopes import scopes, trainable_variables
from tinylab.models.surgery.blocks import fresh_copy

BATCH = 5


def activations_read_by_autodiff(model: keras.Model, scope: str) -> dict[str, tuple]:
    """Forward tensors that the gradient graph of TensorFlow reads: name -> (tensor, reader kinds).

    TensorFlow builds one graph, forward first. Walking back from the gradients through the
    backward operators that they really depend on, every edge into the forward part is something
    that had to be kept. Readers of a shape alone keep nothing.
    """
    model = fresh_copy(model)
    model.layers[-1].activation = keras.activations.linear
    forward: set[str] = set()

    @tf.function
    def gradients(x, y):
        variables = [variable.value for variable in trainable_variables(model, scope)]
        with tf.GradientTape() as tape:
            logits = model(x, training=False)
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
        forward.update(op.name for op in tf.compat.v1.get_default_graph().get_operations())
        return tape.gradient(loss, variables)

    graph = gradients.get_concrete_function(
        tf.TensorSpec((BATCH, *model.input_shape[1:])), tf.TensorSpec((BATCH,), tf.int32)
    ).graph
    seen, read, waiting = set(), {}, [tensor.op for tensor in graph.outputs]
    while waiting:
        op = waiting.pop()
        if op.name in seen or op.name in forward:
            continue
        seen.add(op.name)
        for tensor in op.inputs:
            if tensor.op.name not in forward:
                waiting.append(tensor.op)
            elif op.type not in ("Shape", "ShapeN"):
                read.setdefault(tensor.name, (tensor, set()))[1].add(op.type)
    return {name: tensors for name, tensors in read.items() if tensors[0].shape[:1] == [BATCH]}


def bytes_read_by_autodiff(model: keras.Model, scope: str) -> int:
    """Sum of those tensors; one that only ReLU's gradient reads needs a bit per value."""
    total = 0
    for tensor, readers in activations_read_by_autodiff(model, scope).values():
        bits = 1 if readers == {"ReluGrad"} else 32
        total += math.ceil(tensor.shape.num_elements() * bits / 8)
    return total


@pytest.mark.parametrize("fixture", ["small_cnn", "small_residual"])
def test_saved_activations_are_what_autodiff_reads(fixture, request):
    model = request.getfixturevalue(fixture)
    for scope in scopes(model):
        cost = memory_cost(model, scope, batch_size=BATCH)
        assert cost.saved_activation_bytes == bytes_read_by_autodiff(model, scope), scope


def test_parts_by_hand(small_cnn):
    cost = memory_cost(small_cnn, "last_layer", batch_size=2, optimizer="adam")
    assert cost.weight_bytes == 4 * small_cnn.count_params()
    assert cost.gradient_bytes == 4 * 100
    assert cost.optimizer_state_bytes == 2 * 4 * 100
    assert cost.saved_activation_bytes == 2 * (24 + 4) * 4
    parts = (cost.weight_bytes, cost.gradient_bytes, cost.optimizer_state_bytes)
    assert cost.total_bytes == sum(parts) + cost.saved_activation_bytes


def test_biases_keep_a_bit_where_kernels_keep_a_float(small_cnn):
    biases, everything = (memory_cost(small_cnn, scope) for scope in ("bias_only", "all"))
    kept = {row["layer"]: row["saved"] for row in biases.rows() if row["saved_activation_bytes"]}
    assert [saved for saved in kept.values() if "kernel" in saved] == [
        kept[small_cnn.layers[-1].name]
    ]
    assert sum("1 bit" in saved for saved in kept.values()) == 5
    assert everything.saved_activation_bytes > 10 * biases.saved_activation_bytes


def test_nothing_is_kept_below_the_lowest_trained_layer(small_cnn):
    rows = memory_cost(small_cnn, "last_1_block", optimizer="momentum").rows()
    first = [row["kind"] for row in rows].index("DepthwiseConv2D")
    second = [row["kind"] for row in rows].index("DepthwiseConv2D", first + 1)
    trained = ("gradient_bytes", "optimizer_state_bytes", "saved_activation_bytes")
    assert not any(row[part] for row in rows[:second] for part in trained)
    assert all(rows[second][part] for part in trained)


def test_rows_add_up_to_the_cost(small_cnn):
    cost = memory_cost(small_cnn, "all", batch_size=3, optimizer="adam")
    for part in (
        "weight_bytes",
        "gradient_bytes",
        "optimizer_state_bytes",
        "saved_activation_bytes",
    ):
        assert sum(row[part] for row in cost.rows()) == getattr(cost, part)


def test_other_settings_without_the_model(small_cnn):
    small = memory_cost(small_cnn, "bias_only", batch_size=1)
    large = memory_cost(small_cnn, "bias_only", batch_size=16, optimizer="adam")
    assert small.with_settings(batch_size=16, optimizer="adam") == large


def test_max_pooling_keeps_one_index_an_output():
    inputs = keras.Input((8, 8, 2))
    x = keras.layers.Conv2D(3, 3, padding="same")(inputs)
    x = keras.layers.Flatten()(keras.layers.MaxPooling2D(2)(x))
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))
    kept = {row["kind"]: row["saved_activation_bytes"] for row in memory_cost(model, "all").rows()}
    assert kept["MaxPooling2D"] == 4 * 4 * 3
    assert kept["Conv2D"] == 4 * 8 * 8 * 2


def test_sequential_models_count_the_same(small_cnn):
    sequential = keras.Sequential([small_cnn.inputs[0], *fresh_copy(small_cnn).layers[1:]])
    for scope in scopes(small_cnn):
        ours, theirs = memory_cost(small_cnn, scope), memory_cost(sequential, scope)
        assert ours.total_bytes == theirs.total_bytes


def test_one_dimension_counts_as_two_with_one_column():
    def network(convolution, pooling, shape, window, size):
        inputs = keras.Input(shape)
        x = convolution(8, window, activation="relu")(inputs)
        x = keras.layers.Flatten()(pooling(size)(x))
        return keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x))

    layers = keras.layers
    for one, two in (("MaxPooling1D", "MaxPooling2D"), ("AveragePooling1D", "AveragePooling2D")):
        line = network(layers.Conv1D, getattr(layers, one), (64, 3), 5, 2)
        plane = network(layers.Conv2D, getattr(layers, two), (64, 1, 3), (5, 1), (2, 1))
        assert memory_cost(line, "all").total_bytes == memory_cost(plane, "all").total_bytes


def test_clear_errors(small_cnn):
    with pytest.raises(ValueError, match="batch_size is 0"):
        memory_cost(small_cnn, batch_size=0)
    with pytest.raises(ValueError, match="pass one of sgd, momentum, adam"):
        memory_cost(small_cnn, optimizer="rmsprop")
    inputs = keras.Input((4, 4))
    recurrent = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.LSTM(3)(inputs)))
    with pytest.raises(ValueError, match="no memory rule for layer .* of kind LSTM"):
        memory_cost(recurrent)
    inputs = keras.Input((4,))
    smooth = keras.Model(inputs, keras.layers.Dense(2, activation="gelu")(inputs))
    with pytest.raises(ValueError, match="no memory rule for activation 'gelu'"):
        memory_cost(smooth)


def test_numbers_are_plain_integers(small_cnn):
    cost = memory_cost(small_cnn, "all", batch_size=3)
    assert all(type(value) is int for value in (cost.total_bytes, cost.gradient_bytes))
    assert not any(isinstance(value, np.integer) for row in cost.rows() for value in row.values())
