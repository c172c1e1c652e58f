"""Quantization-aware training: what it computes, what it converts to, and that it pays."""

import subprocess
import sys

import numpy as np
import pytest

keras = pytest.importorskip("keras")
layers = keras.layers

from tinylab.compress.ptq import quantize_model  # noqa: E402
from tinylab.compress.qat import (  # noqa: E402
    calibrate_activations,
    is_quantization_aware,
    quantization_aware,
)
from tinylab.compress.qat_layers import ActivationQuantizer  # noqa: E402
from tinylab.compress.schemes import SCHEMES  # noqa: E402
from tinylab.deploy.litert import LiteRTModel, convert, evaluate  # noqa: E402
from tinylab.graph import read_tflite  # noqa: E402

from .conftest import fit  # noqa: E402


def tensor_types(content):
    return {tensor.dtype for tensor in read_tflite(content).tensors}
