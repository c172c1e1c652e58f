"""Tells Thumb-2 instructions apart: their length, their class, and how many registers they move.

ARMv7-M Architecture Reference Manual (ARM DDI 0403), chapter A5.
"""

from dataclasses import dataclass

CLASSES = (
    "arithmetic",
    "multiply",
    "divide",
    "load",
    "store",
    "load_multiple",
    "store_multiple",
    "branch",
    "other",
)


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Parameters
    ----------
    kind : str
        One of `CLASSES`. "multiply" includes the DSP extension's multiply-accumulates.
    size_bytes : int
        2 or 4.
    registers : int
        How many registers a load or store multiple moves.
    conditional : bool
        Whether it is a branch that may not be taken.
    """

    kind: str
    size_bytes: int
    registers: int = 0
    conditional: bool = False


def decode(code: bytes, offset: int) -> Instruction:
    """The instruction at `offset`."""
    first = int.from_bytes(code[offset : offset + 2], "little")
    if first >> 11 < 0b11101:
        return _decode_narrow(first)
    second = int.from_bytes(code[offset + 2 : offset + 4], "little")
    return _decode_wide(first, second)


def decode_block(code: bytes, offset: int, size_bytes: int) -> list[Instruction]:
    """The instructions of a block."""
    instructions, end = [], offset + size_bytes
    while offset < end:
        instructions.append(decode(code, offset))
        offset += instructions[-1].size_bytes
    return instructions


def is_call(code: bytes, offset: int) -> bool:
    """Whether a `bl` stands at `offset`."""
    first = int.from_bytes(code[offset : offset + 2], "little")
    second = int.from_bytes(code[offset + 2 : offset + 4], "little")
    return first >> 11 == 0b11110 and second & 0xD000 == 0xD000


def _decode_narrow(word: int) -> Instruction:
    high = word >> 8
    if 0x40 <= high <= 0x43 and word >> 6 == 0x10D:
        return Instruction("multiply", 2)
    if high in (0x44, 0x45, 0x46) and (word >> 4 & 8 | word & 7) == 15:
        return Instruction("branch", 2)
    if high == 0x47:
        return Instruction("branch", 2)
    if 0x48 <= high <= 0x9F:
        return Instruction("load" if _narrow_is_load(word) else "store", 2)
    if word & 0xF600 == 0xB400:  # push, pop; pop of the program counter also jumps
        registers = (word & 0x1FF).bit_count()
        return Instruction("load_multiple" if word & 0x800 else "store_multiple", 2, registers)
    if word & 0xF500 == 0xB100:
        return Instruction("branch", 2, conditional=True)
    if 0xC0 <= high <= 0xCF:
        registers = (word & 0xFF).bit_count()
        return Instruction("load_multiple" if word & 0x800 else "store_multiple", 2, registers)
    if 0xD0 <= high <= 0xDD:
        return Instruction("branch", 2, conditional=True)
    if 0xE0 <= high <= 0xE7:
        return Instruction("branch", 2)
    if high in (0xBE, 0xBF, 0xDE, 0xDF):
        return Instruction("other", 2)
    return Instruction("arithmetic", 2)


def _narrow_is_load(word: int) -> bool:
    if word >> 11 == 0x09:
        return True
    if word >> 12 == 0x5:
        return (word >> 9 & 7) >= 3
    return bool(word & 0x800)


def _decode_wide(first: int, second: int) -> Instruction:
    group = first >> 11
    if group == 0b11101:
        return _decode_load_store_multiple(first, second)
    if group == 0b11110:
        if not second & 0x8000:
            return Instruction("arithmetic", 4)
        if second & 0x5000:
            return Instruction("branch", 4)
        if first & 0x0380 != 0x0380:
            return Instruction("branch", 4, conditional=True)
        return Instruction("other", 4)
    if first & 0xFF10 == 0xF800:
        return Instruction("store", 4)
    if first & 0xFE10 == 0xF810:
        return Instruction("load", 4)
    if first & 0xFF00 == 0xFB00:
        return Instruction("divide" if first & 0xFFD0 == 0xFB90 else "multiply", 4)
    if first & 0xFF00 == 0xFA00:
        return Instruction("arithmetic", 4)
    return Instruction("other", 4)


def _decode_load_store_multiple(first: int, second: int) -> Instruction:
    if first & 0xFE00 != 0xE800:
        return Instruction("arithmetic" if first & 0xFE00 == 0xEA00 else "other", 4)
    kind = "load_multiple" if first & 0x10 else "store_multiple"
    if not first & 0x40:
        return Instruction(kind, 4, second.bit_count())
    if first & 0xFFF0 == 0xE8D0 and second & 0xFFE0 == 0xF000:
        return Instruction("branch", 4)
    return Instruction(kind, 4, 2)
