"""The verb `convert`: from a model to a C program."""

from pathlib import Path

import numpy as np

from tinylab.deploy.codegen import lower, lower_dsp, lower_elementwise
from tinylab.deploy.codegen.c_text import identifier
from tinylab.deploy.codegen.call import Call
from tinylab.deploy.codegen.front_end import INDEX as FRONT_END
from tinylab.deploy.codegen.front_end import front_end_call
from tinylab.deploy.codegen.program import CProgram, Port
from tinylab.deploy.codegen.write import Writer
from tinylab.graph import Graph, UnsupportedOperatorError, read_tflite
from tinylab.graph.memory import MemoryPlan, plan
from tinylab.graph.memory.lifetimes import VIEWS
from tinylab.signal.mfcc import MfccConfig

KERNELS = ("plain", "dsp")
ROUNDINGS = ("single", "double")
MAX_ARENA_BYTES = 2**24

_PLAIN = {
    "add": lower.lower_add,
    "average_pool2d": lower.lower_pool,
    "conv2d": lower.lower_convolution,
    "depthwise_conv2d": lower.lower_convolution,
    "dequantize": lower_elementwise.lower_dequantize,
    "fully_connected": lower.lower_fully_connected,
    "max_pool2d": lower.lower_pool,
    "mean": lower.lower_mean,
    "pad": lower.lower_pad,
    "quantize": lower_elementwise.lower_quantize,
    "relu": lower_elementwise.lower_rescale,
    "relu6": lower_elementwise.lower_rescale,
    "softmax": lower.lower_softmax,
    **dict.fromkeys(VIEWS, lower_elementwise.lower_copy),
}
_DSP = {
    "conv2d": lower_dsp.lower_conv2d,
    "depthwise_conv2d": lower_dsp.lower_depthwise_conv2d,
    "fully_connected": lower_dsp.lower_fully_connected,
}


def convert(
    model: Graph | str | Path | bytes,
    *,
    kernels: str = "plain",
    rounding: str = "single",
    name: str | None = None,
    front_end: MfccConfig | None = None,
) -> CProgram:
    """Turn an int8 model into a C program.

    Parameters
    ----------
    model : Graph, or path or content of a `.tflite` file
        With one input and one output. Supported operators: add, average_pool2d, conv2d,
        depthwise_conv2d, dequantize, fully_connected, max_pool2d, mean (over height and width),
        pad, quantize, relu, relu6, reshape, softmax.
    kernels : str
        "plain" for portable C99 that is easy to read; "dsp" for kernels that use the Cortex-M4's
        two-way multiply-accumulate (they also run elsewhere, in plain C).
    rounding : str
        How fully connected layers scale their sums back to int8: "single" rounds once, bit for bit
        like LiteRT's reference kernels; "double" rounds twice, like TensorFlow Lite Micro. All
        other operators round alike in both.
    name : str, optional
        Prefix of the C functions; by default the model's name.
    front_end : MfccConfig, optional
        Let the program compute its features itself: its input is then int16 sound, and everything
        from the sound to the answer is C. The model's input must be made of such features.

    Returns
    -------
    CProgram

    Raises
    ------
    UnsupportedOperatorError
        A ValueError that names the operator and what is not supported about it.
    """
    if kernels not in KERNELS:
        raise ValueError(f"kernels must be one of {', '.join(KERNELS)}, not {kernels!r}")
    if rounding not in ROUNDINGS:
        raise ValueError(f"rounding must be one of {', '.join(ROUNDINGS)}, not {rounding!r}")
    graph = model if isinstance(model, Graph) else read_tflite(model)
    ports = _port(graph, graph.inputs, "input"), _port(graph, graph.outputs, "output")
    first_plan = _plan(graph)
    calls = _lower(graph, first_plan, kernels, rounding)
    memory = _plan(graph, {index: call.scratch_bytes for index, call in calls.items()})
    source, target = ports
    if front_end is not None:
        call, source = front_end_call(front_end, source)
        calls = {FRONT_END: call, **calls}
    prefix = identifier(name or graph.name)
    writer = Writer(prefix, graph, calls, memory, source, target)
    return CProgram(
        name=prefix,
        graph=graph,
        kernels=kernels,
        rounding=rounding,
        sources=writer.sources(),
        plan=memory,
        calls=calls,
        input=source,
        output=target,
    )


def _plan(graph: Graph, scratch_bytes: dict[int, int] | None = None) -> MemoryPlan:
    memory = plan(graph, scratch_bytes=scratch_bytes)
    if memory.arena_bytes > MAX_ARENA_BYTES:
        raise ValueError(
            f"{graph.name} needs an arena of {memory.arena_bytes:,} bytes; "
            f"at most {MAX_ARENA_BYTES:,} make sense on a microcontroller"
        )
    return memory


def _lower(graph: Graph, memory: MemoryPlan, kernels: str, rounding: str) -> dict[int, Call]:
    """One call an operator, without those that cost nothing."""
    calls = {}
    live = memory.live_bytes()
    for index, op in enumerate(graph.ops):
        if op.kind not in _PLAIN:
            raise UnsupportedOperatorError(
                f"operator {index} is {op.kind!r}; only {', '.join(sorted(_PLAIN))} can become C"
            )
        if _is_free(graph, index, memory):
            continue
        call = None
        if kernels == "dsp" and op.kind in _DSP:
            spare = memory.lower_bound_bytes - live[index]
            call = _DSP[op.kind](graph, index, rounding, spare)
        calls[index] = call or _PLAIN[op.kind](graph, index, rounding)
    return calls


def _is_free(graph: Graph, index: int, memory: MemoryPlan) -> bool:
    """A reshape whose output lies where its input is."""
    op = graph.ops[index]
    if op.kind not in VIEWS or not op.inputs or graph.tensors[op.inputs[0]].is_constant:
        return False
    return memory.offset_of(op.inputs[0]) == memory.offset_of(op.outputs[0])


def _port(graph: Graph, tensors: tuple[int, ...], role: str) -> Port:
    if len(tensors) != 1:
        raise ValueError(f"{graph.name} has {len(tensors)} {role}s; pass a model with one {role}")
    tensor = graph.tensors[tensors[0]]
    if tensor.is_constant or tensor.dtype not in ("int8", "float32"):
        raise ValueError(
            f"the {role} of {graph.name} is {tensor.dtype}; pass a model with int8 or float32 ends"
        )
    stored = tensor.quantization
    scale, zero_point = (1.0, 0) if stored is None else (stored.scale[0], stored.zero_point[0])
    dtype = np.dtype(tensor.dtype).name
    return Port(tensors[0], tensor.shape, dtype, float(scale), int(zero_point))
