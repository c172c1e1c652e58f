"""The file of Deep Compression (Han, Mao & Dally 2016): write a model, and read it back.

Pruned and shared weights are stored as Huffman-coded gaps and codebook indices. The size of the
compressed model is the size of this file, and its accuracy that of the model read back from it.

The file, integers little-endian::

    4 bytes  "TLDC"
    1        version
    4        size of the whole file in bytes
    4        CRC-32 of everything after this number
    4 + n    the architecture (`tinylab.compress.deep_compression.architecture`), after its size
    then for every convolution, depthwise convolution and dense layer
             its kernel (`tinylab.compress.deep_compression.kernel_coding`) and its biases, if it
             has any
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from tinylab.compress.deep_compression import byte_stream
from tinylab.compress.deep_compression.architecture import pack_architecture, unpack_architecture
from tinylab.compress.deep_compression.byte_stream import ByteReader
from tinylab.compress.deep_compression.codebook_training import cluster_model
from tinylab.compress.deep_compression.kernel_coding import INDEX_BITS, decode_kernel, encode_kernel
from tinylab.compress.deep_compression.weight_sharing import SharedWeights
from tinylab.compress.pruning.prune import prune
from tinylab.files import replacing
from tinylab.models.surgery.blocks import LINEAR_LAYERS
from tinylab.models.surgery.fold import fold_batch_norm

__all__ = [
    "CompressedModel",
    "SizeBreakdown",
    "decode_model",
    "deep_compress",
    "encode_model",
    "float32_bytes",
]

MAGIC, VERSION = b"TLDC", 1
HEADER_BYTES = 13


@dataclass(frozen=True)
class SizeBreakdown:
    """Bytes of a file by what they are for.

    Parameters
    ----------
    header_bytes, architecture_bytes : int
    gap_bytes : int
        Where the weights are.
    value_bytes : int
        What they are: indices into the codebooks, or values.
    codebook_bytes, table_bytes, bias_bytes : int
        The tables are those of the Huffman codes.
    fillers : int
        Zeros that had to be stored because a gap was too wide.
    """

    header_bytes: int
    architecture_bytes: int
    gap_bytes: int
    value_bytes: int
    codebook_bytes: int
    table_bytes: int
    bias_bytes: int
    fillers: int

    @property
    def total_bytes(self) -> int:
        """Size of the file."""
        parts = (self.header_bytes, self.architecture_bytes, self.gap_bytes, self.value_bytes)
        return sum(parts) + self.codebook_bytes + self.table_bytes + self.bias_bytes


@dataclass(frozen=True)
class CompressedModel:
    """A file's bytes, and what they are for."""

    data: bytes
    breakdown: SizeBreakdown

    def __str__(self) -> str:
        parts = self.breakdown
        return (
            f"{len(self.data):,} bytes: {parts.value_bytes:,} for values, {parts.gap_bytes:,} for"
            f" gaps, {parts.codebook_bytes:,} for codebooks, {parts.table_bytes:,} for Huffman"
            f" tables, {parts.bias_bytes:,} for biases,"
            f" {parts.architecture_bytes + parts.header_bytes:,} for the rest"
        )

    def write(self, path: str | Path) -> None:
        """Write the file, whole or not at all; `decode_model` reads it."""
        with replacing(path) as temporary:
            temporary.write_bytes(self.data)


def deep_compress(
    model: keras.Model,
    sparsity: float | Mapping[str, float],
    clusters: int | Mapping[str, int],
    *,
    scope: str = "layer",
    index_bits: int | Sequence[int] | None = INDEX_BITS,
) -> CompressedModel:
    """Fold, prune, share and code a trained model, without any training in between.

    Parameters
    ----------
    model : keras.Model
    sparsity : float or mapping of layer name to float
    clusters : int or mapping of layer name to int
        Shared values of a kernel, beside zero.
    scope : {"layer", "model"}
        See `tinylab.compress.pruning.masks.model_masks`.
    index_bits : int, sequence of int, or None
        See `tinylab.compress.deep_compression.kernel_coding.encode_kernel`.
    """
    pruned = prune(fold_batch_norm(model), sparsity, scope=scope)
    return encode_model(pruned, cluster_model(pruned, clusters), index_bits=index_bits)


def encode_model(
    model: keras.Model,
    shared: Mapping[str, SharedWeights] | None = None,
    *,
    index_bits: int | Sequence[int] | None = INDEX_BITS,
    value_bytes: int = 2,
) -> CompressedModel:
    """Code a model as a file.

    Parameters
    ----------
    model : keras.Model
        With batch norm folded in, of the layers in
        `tinylab.compress.deep_compression.architecture`.
    shared : mapping of layer name to SharedWeights, optional
        Kernels to store instead of the model's own; the other kernels are stored value by value.
    index_bits : int, sequence of int, or None
        See `tinylab.compress.deep_compression.kernel_coding.encode_kernel`.
    value_bytes : int
        4 or 2, for float32 or float16: of biases, codebooks and values that are not shared.

    Raises
    ------
    ValueError
        If a layer cannot be stored, or `shared` names one that there is not.
    """
    layers = _linear_layers(model)
    shared = dict(shared or {})
    unknown = sorted(set(shared) - {layer.name for layer in layers})
    if unknown:
        raise ValueError(f"the model has no kernel named {unknown[0]!r}")
    architecture = pack_architecture(model)
    body = [byte_stream.number(len(architecture), 4), architecture]
    records, bias_bytes = [], 0
    for layer in layers:
        kernel = shared.get(layer.name, np.asarray(layer.kernel))
        records.append(encode_kernel(kernel, index_bits=index_bits, value_bytes=value_bytes))
        bias = byte_stream.floats(layer.bias, value_bytes) if layer.use_bias else b""
        bias_bytes += len(bias)
        body += [records[-1].data, bias]
    data = _with_header(b"".join(body))
    breakdown = SizeBreakdown(
        header_bytes=HEADER_BYTES + 4 + sum(len(r.head) for r in records),
        architecture_bytes=len(architecture),
        gap_bytes=sum(len(r.gaps) for r in records),
        value_bytes=sum(len(r.values) for r in records),
        codebook_bytes=sum(len(r.codebook) for r in records),
        table_bytes=sum(len(r.gap_table) + len(r.value_table) for r in records),
        bias_bytes=bias_bytes,
        fillers=sum(r.fillers for r in records),
    )
    return CompressedModel(data, breakdown)


def decode_model(file: bytes | str | Path) -> keras.Model:
    """The model that a file holds.

    Parameters
    ----------
    file : bytes, str or Path
        The file's bytes, or where it is.

    Returns
    -------
    keras.Model
        An ordinary model, not compiled.

    Raises
    ------
    ValueError
        If the file is something else, cut short, or damaged: one sentence says which.
    """
    data = bytes(file) if isinstance(file, (bytes, bytearray)) else Path(file).read_bytes()
    reader = ByteReader(_checked_body(data))
    try:
        model = unpack_architecture(reader.take(reader.number(4)))
        for layer in _linear_layers(model):
            weights = [decode_kernel(reader, tuple(layer.kernel.shape))]
            if layer.use_bias:
                weights.append(reader.floats(layer.bias.shape[0]))
            layer.set_weights(weights)
    except ValueError as error:
        raise ValueError(f"this Deep Compression file makes no sense: {error}") from error
    if reader.left:
        raise ValueError(f"this Deep Compression file has {reader.left} bytes too many inside")
    return model


def float32_bytes(model: keras.Model) -> int:
    """What the model takes with four bytes for each parameter, batch norm folded in."""
    return sum(4 * weight.size for weight in fold_batch_norm(model).get_weights())


def _with_header(body: bytes) -> bytes:
    size, checksum = HEADER_BYTES + len(body), zlib.crc32(body)
    start = MAGIC + byte_stream.number(VERSION, 1) + byte_stream.number(size, 4)
    return start + byte_stream.number(checksum, 4) + body


def _checked_body(data: bytes) -> bytes:
    if data[:4] != MAGIC:
        raise ValueError("this is no Deep Compression file: it does not begin with TLDC")
    if len(data) < HEADER_BYTES:
        raise ValueError(f"this Deep Compression file is cut short: it has {len(data)} bytes")
    reader = ByteReader(data[4:HEADER_BYTES])
    version, size, checksum = reader.number(1), reader.number(4), reader.number(4)
    if version != VERSION:
        raise ValueError(
            f"this Deep Compression file is of version {version}; this tinylab reads {VERSION}"
        )
    if len(data) != size:
        what = "cut short" if len(data) < size else "followed by something else"
        raise ValueError(
            f"this Deep Compression file is {what}: it has {len(data)} bytes of {size}"
        )
    if zlib.crc32(data[HEADER_BYTES:]) != checksum:
        raise ValueError("this Deep Compression file is damaged: its checksum does not fit")
    return data[HEADER_BYTES:]


def _linear_layers(model: keras.Model) -> list[keras.Layer]:
    return [layer for layer in model.layers if isinstance(layer, LINEAR_LAYERS)]
