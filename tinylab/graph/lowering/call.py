"""What an operator becomes: a call of one C kernel, or of a few."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


class Symbol(str):
    """The name of something in the C program, as opposed to a string."""


@dataclass(frozen=True, eq=False)
class Constant:
    """An array in flash. `c_type` names the structure when `values` has a row for each element."""

    name: str
    values: np.ndarray
    c_type: str | None = None

    @property
    def symbol(self) -> Symbol:
        return Symbol(self.name)


@dataclass(frozen=True)
class Target:
    """What the lowering of an operator may choose by.

    Parameters
    ----------
    rounding : str
        "single" or "double": how fully connected layers scale back to int8.
    spare_bytes : int
        What the arena has free while the operator runs.
    slack_bytes : int
        How much larger than necessary the arena may become for the sake of speed.
    input_dies : bool
        Nobody reads the memory of the first input after the operator.
    """

    rounding: str = "single"
    spare_bytes: int = 0
    slack_bytes: int = 0
    input_dies: bool = False


@dataclass(frozen=True, eq=False)
class Call:
    """A call of `function(&parameters, inputs..., output, scratch)`.

    Parameters
    ----------
    function : str
        The kernel.
    kernel : str
        The kernel's source file below `kernels/`.
    parameters : mapping
        The fields of its parameter structure.
    structure : str
        The structure's name, or empty if the only parameter is `size`.
    inputs, output : tuple of int, int
        Indices into `Graph.tensors`.
    constants : tuple of Constant
    scratch_bytes : int
    finds_scratch : bool
        The kernel takes a null pointer for `scratch` and finds memory itself: where its output is
        still to come, and where its input was read for the last time.
    """

    function: str
    kernel: str
    structure: str
    parameters: Mapping[str, object]
    inputs: tuple[int, ...]
    output: int
    constants: tuple[Constant, ...] = field(default=())
    scratch_bytes: int = 0
    finds_scratch: bool = False
