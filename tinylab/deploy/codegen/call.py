"""What an operator becomes: a call of one C kernel."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tinylab.deploy.codegen.c_text import Symbol


@dataclass(frozen=True, eq=False)
class Constant:
    """An array in flash. `c_type` names the structure when `values` has a row for each element."""

    name: str
    values: np.ndarray
    c_type: str | None = None

    @property
    def symbol(self) -> Symbol:
        return Symbol(self.name)


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
    """

    function: str
    kernel: str
    structure: str
    parameters: Mapping[str, object]
    inputs: tuple[int, ...]
    output: int
    constants: tuple[Constant, ...] = field(default=())
    scratch_bytes: int = 0
