"""The verb `convert`: from a model to a C program."""

from pathlib import Path

from tinylab.deploy.codegen.c_text import identifier
from tinylab.deploy.codegen.front_end import INDEX as FRONT_END
from tinylab.deploy.codegen.front_end import front_end_call
from tinylab.deploy.codegen.kernel_files import free_name
from tinylab.deploy.codegen.obstacles import check_supported
from tinylab.deploy.codegen.port import make_ports
from tinylab.deploy.codegen.program import CProgram
from tinylab.deploy.codegen.write import Writer
from tinylab.graph import Graph, read_tflite
from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.memory import MemoryPlan, plan
from tinylab.graph.operators import check_shapes, find_operator
from tinylab.graph.passes import optimize
from tinylab.signal.mfcc import MfccConfig

KERNELS = ("plain", "dsp")
ROUNDINGS = ("single", "double")
MAX_ARENA_BYTES = 2**24
_SLACK_PERCENT = 4  # of what is alive at once, for scratch memory


def convert(
    model: Graph | str | Path | bytes,
    *,
    kernels: str = "plain",
    rounding: str = "single",
    name: str | None = None,
    front_end: MfccConfig | None = None,
) -> CProgram:
    """Turn a model into a C program.

    The graph is optimized first, see `tinylab.graph.passes`: what is constant is computed here.

    Parameters
    ----------
    model : Graph, or path or content of a `.tflite` file
        Its operators must be ones that can become C: `tinylab.graph.operators.find_operator` gives
        the record of a kind, whose `lower` is not None.
    kernels : str
        "plain" for portable C99 that is easy to read; "dsp" for kernels that use the Cortex-M4's
        two-way multiply-accumulate (they also run elsewhere, in plain C). Layers to which no such
        kernel applies take the plain one; `CProgram.report` says which, and why.
    rounding : str
        How fully connected layers scale their sums back to int8: "single" rounds once, bit for bit
        like LiteRT's reference kernels; "double" rounds twice, like TensorFlow Lite Micro. All
        other operators round alike in both.
    name : str, optional
        Prefix of the C functions and files; by default the model's name. Names of kernels and of
        the C library get "model_" before them.
    front_end : MfccConfig, optional
        Let the program compute its features itself: its input is then int16 sound, and everything
        from the sound to the answer is C. The model's input must be made of such features.

    Returns
    -------
    CProgram

    Raises
    ------
    UnsupportedOperatorError
        A ValueError that lists everything that stands in the way, and what to do about it.
    """
    if kernels not in KERNELS:
        raise ValueError(f"kernels must be one of {', '.join(KERNELS)}, not {kernels!r}")
    if rounding not in ROUNDINGS:
        raise ValueError(f"rounding must be one of {', '.join(ROUNDINGS)}, not {rounding!r}")
    graph = model if isinstance(model, Graph) else read_tflite(model)
    graph = optimize(graph).graph
    check_supported(graph, rounding)
    inputs, outputs = make_ports(graph)
    first_plan = _plan(graph)
    calls, reasons = _lower(graph, first_plan, kernels, rounding)
    memory = _plan(graph, {i: max(c.scratch_bytes for c in cs) for i, cs in calls.items()})
    if memory.arena_bytes > memory.lower_bound_bytes and _is_bytes_only(graph, memory, calls):
        memory = plan(graph, alignment_bytes=1)
    if front_end is not None:
        call, source = front_end_call(front_end, inputs[0])
        calls, inputs = {FRONT_END: (call,), **calls}, (source, *inputs[1:])
    prefix = free_name(identifier(name or graph.name))
    return CProgram(
        name=prefix,
        graph=graph,
        kernels=kernels,
        rounding=rounding,
        sources=Writer(prefix, graph, calls, memory, inputs, outputs).sources(),
        plan=memory,
        calls=calls,
        plain_reasons=reasons,
        inputs=inputs,
        outputs=outputs,
    )


def _plan(graph: Graph, scratch_bytes: dict[int, int] | None = None) -> MemoryPlan:
    memory = plan(graph, scratch_bytes=scratch_bytes)
    if memory.arena_bytes > MAX_ARENA_BYTES:
        raise ValueError(
            f"{graph.name} needs an arena of {memory.arena_bytes:,} bytes; "
            f"at most {MAX_ARENA_BYTES:,} make sense on a microcontroller"
        )
    return memory


def _is_bytes_only(graph: Graph, memory: MemoryPlan, calls: dict[int, tuple[Call, ...]]) -> bool:
    """Whether nothing in the arena must begin at a word: neither numbers nor scratch memory."""
    scratch = any(c.scratch_bytes or c.finds_scratch for cs in calls.values() for c in cs)
    tensors = (graph.tensors[i] for allocation in memory.allocations for i in allocation.tensors)
    return not scratch and all(tensor.dtype in ("int8", "uint8") for tensor in tensors)


def _lower(
    graph: Graph, memory: MemoryPlan, kernels: str, rounding: str
) -> tuple[dict[int, tuple[Call, ...]], dict[int, str]]:
    """The calls of each operator that costs something, and why DSP kernels did not apply."""
    calls, reasons = {}, {}
    live = memory.live_bytes()
    for index, op in enumerate(graph.ops):
        operator, reader = find_operator(op.kind), Reader(graph, index)
        check_shapes(reader, operator)
        if operator.in_place == "view" and _is_free(graph, index, memory):
            continue
        spare = memory.lower_bound_bytes - live[index] if index < len(live) else 0
        slack = memory.lower_bound_bytes * _SLACK_PERCENT // 100
        target = Target(rounding, spare, slack, _input_dies(graph, index, memory))
        call: Call | str = ""
        if kernels == "dsp" and operator.lower_dsp is not None:
            call = operator.lower_dsp(reader, target)
            if isinstance(call, str):
                reasons[index] = call
        elif kernels == "dsp" and _multiplies(graph, index):
            reasons[index] = f"there is no DSP kernel of {op.kind}"
        lowered = operator.lower(reader, target) if isinstance(call, str) else call
        lowered = lowered if isinstance(lowered, tuple) else (lowered,)
        if lowered:
            calls[index] = lowered
    return calls, reasons


def _input_dies(graph: Graph, index: int, memory: MemoryPlan) -> bool:
    """Whether an operator is the last one that reads the memory of its first input."""
    first = graph.ops[index].inputs[0] if graph.ops[index].inputs else -1
    for allocation in memory.allocations:
        if first in allocation.tensors:
            is_output = set(allocation.tensors) & set(graph.outputs)
            return allocation.last_op == index and not is_output
    return False


def _multiplies(graph: Graph, index: int) -> bool:
    """Whether an operator has multiply-accumulates at all."""
    op = graph.ops[index]
    operator = find_operator(op.kind)
    shapes = [graph.tensors[i].shape if i >= 0 else () for i in op.inputs]
    output = graph.tensors[op.outputs[0]].shape if op.outputs else ()
    return operator is not None and operator.macs(shapes, output) > 0


def _is_free(graph: Graph, index: int, memory: MemoryPlan) -> bool:
    """A reshape whose output lies where its input is."""
    op = graph.ops[index]
    if graph.tensors[op.inputs[0]].is_constant or graph.tensors[op.inputs[0]].is_state:
        return False
    return memory.offset_of(op.inputs[0]) == memory.offset_of(op.outputs[0])
