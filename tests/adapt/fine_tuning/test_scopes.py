"""Which weights a scope trains."""

import keras
import pytest

from tinylab.adapt.fine_tuning.scopes import SCOPES, blocks, scopes, selection, trainable_variables


def trained_parameters(model, scope):
    return sum(
        int(variable.value.shape.num_elements()) for variable in trainable_variables(model, scope)
    )


def test_a_separable_pair_is_one_block(small_cnn):
    first_layers = [type(block[0]).__name__ for block in blocks(small_cnn)]
    assert first_layers == ["Conv2D", "DepthwiseConv2D", "DepthwiseConv2D"]
    assert all("Dense" not in {type(layer).__name__ for layer in b} for b in blocks(small_cnn))


def test_scopes_of_a_model_run_from_the_last_layer_to_all(small_cnn):
    names = scopes(small_cnn)
    assert names == ("last_layer", "bias_only", "last_1_block", "last_2_blocks", "all")
    deeper = [trained_parameters(small_cnn, name) for name in names]
    assert deeper == sorted(deeper)


def test_parameters_by_hand(small_cnn):
    classifier, stem, pair = 24 * 4 + 4, 4 * 2 * 8 + 8, (9 * 8 + 8) + (8 * 8 + 8)
    assert trained_parameters(small_cnn, "last_layer") == classifier
    assert trained_parameters(small_cnn, "bias_only") == classifier + 5 * 8
    assert trained_parameters(small_cnn, "last_1_block") == classifier + pair
    assert trained_parameters(small_cnn, "last_3_blocks") == classifier + 2 * pair + stem
    assert trained_parameters(small_cnn, "all") == classifier + 2 * pair + stem


def test_batch_norm_counts_as_the_bias_it_folds_into(small_cnn):
    roles = selection(small_cnn, "all")
    kinds = {type(small_cnn.get_layer(name)).__name__: names for name, names in roles.items()}
    assert kinds["Conv2D"] == ("kernel",)
    assert kinds["BatchNormalization"] == ("beta",)
    assert kinds["Dense"] == ("kernel", "bias")


def test_all_trains_as_many_numbers_as_the_folded_ds_cnn_has():
    ds_cnn = pytest.importorskip("tinylab.models.networks.ds_cnn").ds_cnn()
    assert scopes(ds_cnn) == SCOPES
    assert trained_parameters(ds_cnn, "all") == 22_604


@pytest.mark.parametrize("scope", ["last_0_blocks", "first_layer", "last_blocks", ""])
def test_unknown_scope_names_the_known_ones(small_cnn, scope):
    with pytest.raises(ValueError, match="pass one of last_layer, bias_only"):
        selection(small_cnn, scope)


def test_more_blocks_than_there_are(small_cnn):
    with pytest.raises(ValueError, match="has 3 blocks"):
        selection(small_cnn, "last_4_blocks")


def test_a_model_without_kernels():
    inputs = keras.Input((4,))
    with pytest.raises(ValueError, match="no dense or convolution layer"):
        selection(keras.Model(inputs, keras.layers.ReLU()(inputs)), "last_layer")
