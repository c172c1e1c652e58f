"""Memory that outlives an inference: variables, and the state of recurrent layers."""

from dataclasses import dataclass

import numpy as np

from tinylab.graph import Graph
from tinylab.graph.evaluate import initial_state
from tinylab.graph.operators.state.variables import variable_name


@dataclass(frozen=True, eq=False)
class StateLayout:
    """Offsets of variables (by name) and state tensors (by index), and what they hold at first."""

    offsets: dict[int | str, int]
    initial: bytes

    @classmethod
    def of(cls, graph: Graph) -> "StateLayout":
        offsets, initial = {}, b""
        for key, values in initial_state(graph).items():
            offsets[key] = len(initial)
            initial += np.ascontiguousarray(values).tobytes()
            initial += bytes(-len(initial) % 4)
        return cls(offsets, initial)

    def offset_of(self, graph: Graph, tensor: int) -> int | None:
        """Where a state tensor, or the variable behind a handle, begins; None for other tensors."""
        if graph.tensors[tensor].dtype == "resource":
            return self.offsets[variable_name(graph, tensor)]
        return self.offsets.get(tensor)

    def definition(self) -> str:
        """The memory itself; empty if there is none."""
        if not self.initial:
            return ""
        words = np.frombuffer(self.initial, "<u4")
        title = "/* What outlives an inference. */\n"
        access = "#define STATE(offset) ((int8_t *)state + (offset))\n"
        if not words.any():
            return f"{title}static uint32_t state[{len(words)}];\n{access}"
        values = ", ".join(f"{word}u" for word in words.tolist())
        return (
            f"{title}static const uint32_t initial_state[{len(words)}] = {{{values}}};\n"
            f"static uint32_t state[{len(words)}] = {{{values}}};\n{access}"
        )

    def reset_function(self, name: str) -> str:
        """`{name}_reset`; empty if there is no state."""
        if not self.initial:
            return ""
        value = "initial_state[i]" if any(self.initial) else "0"
        count = len(self.initial) // 4
        return (
            f"void {name}_reset(void)\n{{\n    for (int i = 0; i < {count}; i++)\n"
            f"        state[i] = {value};\n}}\n"
        )
