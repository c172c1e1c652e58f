"""Cycles of a block of instructions on a Cortex-M4, by its reference manual."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from tinylab.deploy.emulator.thumb import Instruction

BOUNDS = ("low", "typical", "high")


@dataclass(frozen=True)
class BlockTiming:
    """Cycles of one pass through a block, and what a jump out of it adds."""

    cycles: MappingProxyType
    jump_cycles: MappingProxyType


@cache
def timings() -> MappingProxyType:
    """The data file, with its source."""
    text = (files("tinylab.deploy.emulator") / "cortex_m4.json").read_text(encoding="utf-8")
    return MappingProxyType(json.loads(text))


def time_block(instructions: list[Instruction]) -> BlockTiming:
    """Low, typical and high cycles.

    The manual gives ranges for divisions (by operand) and for taken branches (by the alignment and
    width of the target); all else is exact for zero wait states.
    """
    table = timings()
    fixed, divisions, pipelined = 0, 0, False
    for instruction in instructions:
        kind = instruction.kind
        if kind == "load":
            fixed += table["load"]["after_load_or_store" if pipelined else "alone"]
        elif kind.endswith("_multiple"):
            fixed += table["multiple"]["first"]
            fixed += table["multiple"]["each_register"] * instruction.registers
        elif kind == "divide":
            divisions += 1
        elif kind == "branch":
            fixed += table["branch_not_taken"]
        else:
            fixed += table[kind]
        pipelined = kind in ("load", "store")
    cycles = {bound: fixed + divisions * table["divide"][bound] for bound in BOUNDS}
    return BlockTiming(MappingProxyType(cycles), MappingProxyType(table["branch_refill"]))
