"""Operators that are read and counted, but can neither be evaluated nor become C yet."""

from tinylab.graph.operators.record import Operator

_WITHOUT_MACS = """
    arg_min batch_to_space_nd call_once cumsum densify div dropout equal floor_div floor_mod gather
    gather_nd greater greater_equal identity l2_normalization less less_equal log_softmax
    logical_and logical_not logical_or mirror_pad not_equal one_hot padv2 pow range rank reduce_all
    reduce_any relu_0_to_1 reverse_v2 scatter_nd select select_v2 space_to_batch_nd topk_v2 where
"""

OPERATORS = tuple(Operator(kind=kind) for kind in _WITHOUT_MACS.split())
