"""A deployed model as plain data.

In: a `.tflite` flatbuffer. Out: a `Graph`, which the memory planner, the code generator, the cost
model and the architecture search all read. Knows nothing of Keras or TensorFlow.
"""

from tinylab.graph.core.ir import Graph, Op, Quantization, Tensor, UnsupportedOperatorError
from tinylab.graph.counting import Footprint, OpFootprint, count, peak_activation_bytes
from tinylab.graph.live import live_channels, live_shares
from tinylab.graph.reader import read_tflite

__all__ = [
    "Footprint",
    "Graph",
    "Op",
    "OpFootprint",
    "Quantization",
    "Tensor",
    "UnsupportedOperatorError",
    "count",
    "live_channels",
    "live_shares",
    "peak_activation_bytes",
    "read_tflite",
]
