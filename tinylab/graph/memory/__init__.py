"""Plans the arena: where each activation lives in one static block of memory, and when.

In: a `Graph`. Out: a `MemoryPlan` with an offset for every activation, and the lower bound that no
plan can beat.
"""

from tinylab.graph.memory.lifetimes import Buffer, find_buffers
from tinylab.graph.memory.planner import STRATEGIES, Allocation, MemoryPlan, lower_bound, plan

__all__ = [
    "STRATEGIES",
    "Allocation",
    "Buffer",
    "MemoryPlan",
    "find_buffers",
    "lower_bound",
    "plan",
]
