"""What tinylab knows about operators: one record a kind, in `record.Operator`.

To add an operator, write one file in a folder below this one with `OPERATOR = Operator(...)`, or
with `OPERATORS`, a tuple of them, and a test of it. Nothing else has to be changed, unless it needs
a new C kernel. `trial_operators` lets a record of a notebook's own hold for a while.
"""

from tinylab.graph.operators.record import Operator, check_shapes
from tinylab.graph.operators.registry import find_operator, operator_kinds, trial_operators
from tinylab.graph.operators.step import Step

__all__ = ["Operator", "Step", "check_shapes", "find_operator", "operator_kinds", "trial_operators"]
