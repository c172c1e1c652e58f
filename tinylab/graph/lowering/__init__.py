"""What an operator becomes in C, as plain data: checked parameters, constants, and a kernel's name.

In: one operator of a graph. Out: calls of kernels (`Call`), which the code generator writes down.
"""

from tinylab.graph.lowering.call import Call, Constant, Symbol, Target
from tinylab.graph.lowering.checks import Affine, Reader, Window

__all__ = ["Affine", "Call", "Constant", "Reader", "Symbol", "Target", "Window"]
