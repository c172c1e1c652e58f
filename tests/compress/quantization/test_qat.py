"""Quantization-aware training: what it computes, what it converts to, and that it pays."""

from tinylab.graph import read_tflite


def tensor_types(content):
    return {tensor.dtype for tensor in read_tflite(content).tensors}
