"""Counts executed blocks, in C where possible, and turns the counts into a profile."""

import ctypes
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from tinylab.deploy import toolchain
from tinylab.deploy.emulator.elf import Elf
from tinylab.deploy.emulator.thumb import decode_block, is_call
from tinylab.deploy.emulator.timing import BOUNDS, time_block

_SOURCE = Path(__file__).resolve().parent / "block_counter.c"


@dataclass(frozen=True)
class Profile:
    """Executed instructions and estimated cycles.

    Parameters
    ----------
    instructions : int
    by_class : mapping of str to int
        Instructions by class, see `thumb.CLASSES`.
    cycles, cycles_low, cycles_high : int
        By the reference manual's timings, for a memory without wait states.
    """

    instructions: int
    by_class: MappingProxyType
    cycles: int
    cycles_low: int
    cycles_high: int


class _Fields(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_uint64)
        for name in ("code_start", "code_bytes", "watched_start", "watched_bytes")
    ] + [
        ("row", ctypes.c_uint64),
        ("last", ctypes.c_uint64),
        ("last_end", ctypes.c_uint64),
        ("executed", ctypes.c_void_p),
        ("left", ctypes.c_void_p),
        ("block_bytes", ctypes.c_void_p),
    ]


class BlockCounter:
    """Counts the blocks of a program, separately for each call that one function makes.

    Parameters
    ----------
    elf : Elf
    watched : str
        The function whose calls are counted one by one.
    """

    def __init__(self, elf: Elf, watched: str):
        self._start, size = elf.sections[".text"]
        self._code = _content(elf, self._start, size)
        symbol = elf.symbols[watched]
        self._watched = symbol
        self._halfwords = size // 2
        rows = symbol.size_bytes // 2 + 1
        self._executed = np.zeros((rows, self._halfwords), np.uint64)
        self._left = np.zeros((rows, self._halfwords), np.uint64)
        self._block_bytes = np.zeros(self._halfwords, np.uint16)
        self.fields = _Fields(
            code_start=self._start,
            code_bytes=2 * self._halfwords,
            watched_start=symbol.address,
            watched_bytes=symbol.size_bytes,
            executed=self._executed.ctypes.data,
            left=self._left.ctypes.data,
            block_bytes=self._block_bytes.ctypes.data,
        )

    def clear(self) -> None:
        self._executed[:] = 0
        self._left[:] = 0
        self.fields.last_end = 0

    def count_block(self, _emulator, address: int, size: int, _data) -> None:
        """The same as in `block_counter.c`, for computers without a C compiler."""
        fields, offset = self.fields, address - self._start
        if not 0 <= offset < 2 * self._halfwords:
            return
        if 0 <= address - fields.watched_start < fields.watched_bytes:
            fields.row = (address - fields.watched_start) // 2
        if address != fields.last_end:
            self._left.flat[fields.last] += 1
        self._block_bytes[offset // 2] = size
        fields.last = fields.row * self._halfwords + offset // 2
        fields.last_end = address + size
        self._executed.flat[fields.last] += 1

    def profiles(self) -> list[Profile]:
        """One profile for each call of the watched function, in the order they stand in it."""
        rows = np.flatnonzero(self._executed.any(axis=1))
        by_call: dict[int, list[int]] = {}
        for row in rows.tolist():
            by_call.setdefault(self._calls_before(2 * row), []).append(row)
        return [self._profile(by_call[call]) for call in sorted(by_call)]

    def _calls_before(self, offset: int) -> int:
        """How many calls stand before `offset` in the watched function."""
        start = self._watched.address - self._start
        calls, at = 0, start
        while at < start + offset:
            calls += is_call(self._code, at)
            at += decode_block(self._code, at, 2)[0].size_bytes
        return calls

    def _profile(self, rows: list[int]) -> Profile:
        executed = self._executed[rows].sum(axis=0)
        left = self._left[rows].sum(axis=0)
        classes: Counter = Counter()
        cycles = dict.fromkeys(BOUNDS, 0)
        for halfword in np.flatnonzero(executed).tolist():
            runs, jumps = int(executed[halfword]), int(left[halfword])
            block = decode_block(self._code, 2 * halfword, int(self._block_bytes[halfword]))
            timing = time_block(block)
            for instruction in block:
                classes[instruction.kind] += runs
            for bound in BOUNDS:
                cycles[bound] += runs * timing.cycles[bound] + jumps * timing.jump_cycles[bound]
        counts = MappingProxyType(dict(sorted(classes.items())))
        return Profile(
            sum(counts.values()), counts, cycles["typical"], cycles["low"], cycles["high"]
        )


def _content(elf: Elf, start: int, size: int) -> bytes:
    for address, data in elf.segments:
        if address <= start < address + len(data):
            return data[start - address : start - address + size]
    raise RuntimeError("the program has no code")


class NativeHook:
    """`block_counter.c` as a function pointer; compiled once a process."""

    _library: ctypes.CDLL | None = None
    _folder: tempfile.TemporaryDirectory | None = None

    @classmethod
    def pointer(cls) -> ctypes.c_void_p | None:
        """The address of `count_block`, None without a C compiler."""
        if cls._library is None:
            cls._folder = tempfile.TemporaryDirectory(prefix="tinylab-", ignore_cleanup_errors=True)
            target = Path(cls._folder.name) / "block_counter"
            try:
                built = toolchain.build_shared_library([_SOURCE], target)
                cls._library = ctypes.CDLL(str(built))
            except (OSError, RuntimeError):
                return None
        return ctypes.cast(cls._library.count_block, ctypes.c_void_p)
