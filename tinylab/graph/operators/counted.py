"""Operators that are read and counted, but can neither be evaluated nor become C yet."""

from tinylab.graph.operators.record import Operator

_WITHOUT_MACS = """
    abs arg_min batch_to_space_nd ceil cos cumsum densify div equal floor floor_div floor_mod gather
    gather_nd gelu greater greater_equal l2_normalization less less_equal log_softmax logical_and
    logical_not logical_or mirror_pad neg not_equal one_hot padv2 pow range rank reduce_all
    reduce_any relu_0_to_1 reverse_v2 round scatter_nd select select_v2 sin space_to_batch_nd sqrt
    square squared_difference topk_v2 where identity dropout
    rsqrt
    call_once
"""

OPERATORS = tuple(Operator(kind=kind) for kind in _WITHOUT_MACS.split())
