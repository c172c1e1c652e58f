"""The file format: what goes in comes out, damage is noticed, and the parts add up to the size."""

import errno
import zlib
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from tinylab.compress.deep_compression import file_format as dc
from tinylab.compress.deep_compression.architecture import pack_architecture, unpack_architecture
from tinylab.compress.deep_compression.byte_stream import ByteReader, floats, symbols
from tinylab.compress.deep_compression.codebook_training import cluster_model
from tinylab.compress.deep_compression.kernel_coding import decode_kernel, encode_kernel
from tinylab.compress.deep_compression.relative_index import gaps_of, positions_of
from tinylab.compress.deep_compression.weight_sharing import share_weights
from tinylab.compress.pruning.masks import magnitude_mask
from tinylab.compress.pruning.prune import kernels_of, prune
from tinylab.models.surgery.fold import fold_batch_norm


@given(st.sets(st.integers(0, 3000), max_size=60), st.integers(1, 9))
def test_gaps_round_trip(places, bits):
    places = np.array(sorted(places), np.int64)
    coded = gaps_of(places, bits)
    np.testing.assert_array_equal(positions_of(coded.gaps)[~coded.is_filler], places)
    assert coded.gaps.size == 0 or coded.gaps.max() < 2**bits
    assert coded.gaps.size == places.size + coded.fillers


def test_the_example_of_han_mao_and_dally():
    """Figure 2: weights at 1, 4 and 15 with gaps of 3 bits need one filler, after eight places."""
    coded = gaps_of(np.array([1, 4, 15]), 3)
    assert coded.gaps.tolist() == [1, 2, 7, 2] and coded.is_filler.tolist() == [0, 0, 1, 0]
    with pytest.raises(ValueError, match="rising"):
        gaps_of(np.array([3, 3]), 3)
    with pytest.raises(ValueError, match="bits must be"):
        gaps_of(np.array([3]), 0)


@settings(max_examples=60)
@given(
    st.integers(1, 400),
    st.floats(0, 1),
    st.one_of(st.none(), st.integers(1, 30)),
    st.sampled_from([None, 1, 4, (2, 3, 8)]),
    st.integers(0, 99),
)
def test_kernels_round_trip(size, sparsity, clusters, index_bits, seed):
    kernel = np.random.default_rng(seed).laplace(size=size).astype(np.float32)
    kernel *= magnitude_mask(kernel, sparsity)
    stored = kernel if clusters is None else share_weights(kernel, clusters)
    record = encode_kernel(stored, index_bits=index_bits, value_bytes=4)
    reader = ByteReader(record.data)
    decoded = decode_kernel(reader, (size,))
    assert reader.left == 0
    np.testing.assert_array_equal(decoded, kernel if clusters is None else stored.kernel)


def test_coding_beats_neither_entropy_nor_loses_to_zlib():
    kernel = np.random.default_rng(0).laplace(size=40_000).astype(np.float32)
    kernel *= magnitude_mask(kernel, 0.8)
    shared = share_weights(kernel, 15)
    record = encode_kernel(shared)
    counts = np.bincount(shared.indices) / kernel.size
    entropy_bytes = -np.sum(counts * np.log2(counts)) * kernel.size / 8
    assert entropy_bytes < len(record.data) < 1.1 * entropy_bytes
    assert len(record.data) < len(zlib.compress(shared.indices.tobytes(), 9))


def test_zeros_are_left_out_once_there_are_many():
    rng = np.random.default_rng(0)
    records = {}
    for sparsity in (0.3, 0.9):
        kernel = rng.laplace(size=20_000).astype(np.float32)
        kernel *= magnitude_mask(kernel, sparsity)
        records[sparsity] = encode_kernel(share_weights(kernel, 15))
    assert not records[0.3].gaps and records[0.9].gaps


@pytest.fixture(scope="module")
def folded(trained):
    return prune(fold_batch_norm(trained), 0.5)


def test_a_plain_float32_file_loses_nothing(folded, test_data):
    x, _ = test_data
    compressed = dc.encode_model(folded, value_bytes=4)
    np.testing.assert_array_equal(
        np.asarray(dc.decode_model(compressed.data)(x)), np.asarray(folded(x))
    )


def test_the_decoded_model_has_the_shared_kernels(folded, tmp_path):
    shared = cluster_model(folded, 8)
    compressed = dc.encode_model(folded, shared)
    path = tmp_path / "model.tldc"
    compressed.write(path)
    assert path.read_bytes() == compressed.data
    decoded = dc.decode_model(path)
    for name, kernel in kernels_of(decoded).items():
        book = shared[name].codebook.astype(np.float16).astype(np.float32)
        np.testing.assert_array_equal(kernel, book[shared[name].indices])
    assert [layer.name for layer in decoded.layers if layer.weights] == list(shared)
    for layer in decoded.layers:
        if layer.weights:
            bias = np.asarray(folded.get_layer(layer.name).bias).astype(np.float16)
            np.testing.assert_array_equal(layer.bias, bias)


def test_a_file_that_could_not_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    path = tmp_path / "model.tldc"
    path.write_bytes(b"of yesterday")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    file = dc.CompressedModel(b"new", dc.SizeBreakdown(*[0] * 8))
    with pytest.raises(OSError, match="make room"):
        file.write(path)
    assert path.read_bytes() == b"of yesterday" and list(tmp_path.iterdir()) == [path]


def test_the_parts_add_up(folded):
    for bits in (None, 3, (2, 3, 4)):
        compressed = dc.encode_model(folded, cluster_model(folded, 8), index_bits=bits)
        assert compressed.breakdown.total_bytes == len(compressed.data)
        assert f"{len(compressed.data):,} bytes" in str(compressed)
        assert bool(compressed.breakdown.gap_bytes) == (bits == 3)


def test_deep_compress_is_much_smaller_and_nearly_as_good(trained, accuracy):
    compressed = dc.deep_compress(trained, {"pointwise": 0.5, "classifier": 0.5}, 15)
    assert dc.float32_bytes(trained) == 4 * sum(
        w.size for w in fold_batch_norm(trained).get_weights()
    )
    assert len(compressed.data) < dc.float32_bytes(trained) / 2
    assert accuracy(dc.decode_model(compressed.data)) > accuracy(trained) - 0.1


@pytest.fixture(scope="module")
def file(folded):
    return dc.encode_model(folded, cluster_model(folded, 8), index_bits=4).data


@settings(max_examples=80)
@given(data=st.data())
def test_a_damaged_file_gives_one_sentence(file, data):
    kind = data.draw(st.sampled_from(["cut", "flip", "longer"]))
    offset = data.draw(st.integers(0, len(file) - 1))
    if kind == "cut":
        broken = file[:offset]
    elif kind == "longer":
        broken = file + bytes(offset + 1)
    else:
        broken = bytearray(file)
        broken[offset] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match="Deep Compression file") as caught:
        dc.decode_model(bytes(broken))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_forged_checksum_gives_a_model_or_one_sentence(file, changes):
    body = bytearray(file[dc.HEADER_BYTES :])
    for offset, value in changes:
        body[offset % len(body)] = value
    try:
        model = dc.decode_model(dc._with_header(bytes(body)))
    except ValueError as error:
        assert str(error).startswith("this Deep Compression file")
    else:
        assert model.count_params() < 10_000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: b"PK\x03\x04" + data[4:], "does not begin with TLDC"),
        (lambda data: b"", "does not begin with TLDC"),
        (lambda data: data[:8], "cut short: it has 8 bytes"),
        (lambda data: data[:-1], r"cut short: it has \d+ bytes of \d+"),
        (lambda data: data + b"x", "followed by something else"),
        (lambda data: data[:4] + b"\x09" + data[5:], "version 9; this tinylab reads 1"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "checksum does not fit"),
    ],
)
def test_each_damage_has_its_sentence(file, change, said):
    with pytest.raises(ValueError, match=said):
        dc.decode_model(change(file))


def test_architecture_round_trip():
    x = source = keras.Input((8, 8, 3), name="picture")
    x = layers.ZeroPadding2D(1)(x)
    x = layers.Conv2D(4, 3, strides=2, activation="relu6", name="first")(x)
    y = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(layers.SpatialDropout2D(0.3)(x))
    x = layers.ReLU()(layers.Add()([x, y]))
    x = layers.Concatenate()([x, layers.MaxPooling2D(1)(x)])
    x = layers.Softmax()(layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))
    model = keras.Model(source, x, name="branched")
    again = unpack_architecture(pack_architecture(model))
    again.set_weights(model.get_weights())
    picture = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype(np.float32)
    np.testing.assert_allclose(np.asarray(again(picture)), np.asarray(model(picture)), rtol=1e-6)
    assert again.name == "branched" and again.get_layer("first").strides == (2, 2)


def described(layer) -> bytes:
    text = f'{{"name":"m","input":["x",[4]],"layers":[{layer}],"output":1}}'
    return zlib.compress(text.encode())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (described('["Lambda","l",[0],{"function":"evil"}]'), "'Lambda'"),
        (described('["Dense","l",[0],{"units":3,"use_bias":true,"activation":"exec"}]'), "'exec'"),
        (described('["Dense","l",[5],{"units":3,"use_bias":true,"activation":"relu"}]'), "cannot"),
        (
            described('["Dense","l",[0],{"units":900000000,"use_bias":true,"activation":"relu"}]'),
            "more than 20,000,000 weights",
        ),
        (zlib.compress(b" " * 5_000_000), "damaged or too long"),
        (b"nothing", "cannot be built"),
    ],
)
def test_an_architecture_holds_nothing_but_a_network(data, said):
    with pytest.raises(ValueError, match=said):
        unpack_architecture(data)


def test_what_cannot_be_stored(trained):
    with pytest.raises(ValueError, match="BatchNormalization, which cannot be stored here; fold"):
        dc.encode_model(trained)
    with pytest.raises(ValueError, match="no kernel named 'nowhere'"):
        dc.encode_model(fold_batch_norm(trained), {"nowhere": share_weights(np.ones(3), 2)})


def test_streams_of_floats_and_symbols():
    values = np.array([0.1, -70000.0, 3.0], np.float32)
    assert ByteReader(floats(values)).floats(3).tolist() == values.tolist(), (
        "float16 would overflow"
    )
    half = ByteReader(floats(values[:1])).floats(1)
    assert half == np.float16(0.1) and len(floats(values[:1])) == 3
    table, coded = symbols(np.array([2, 2, 0, 5]), 6)
    assert ByteReader(table + coded).symbols(6, 4).tolist() == [2, 2, 0, 5]
    with pytest.raises(ValueError, match="are expected where"):
        ByteReader(table + coded[:-1]).symbols(6, 4)
