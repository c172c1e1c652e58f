"""Reads what the emulator needs of an ELF file: loadable segments, section sizes, symbols."""

import struct
from dataclasses import dataclass
from types import MappingProxyType

_LOADABLE = 1
_SYMBOL_TABLE = 2
_ALLOCATED = 2


@dataclass(frozen=True)
class ElfSymbol:
    """Address (without the Thumb bit) and size in bytes."""

    address: int
    size_bytes: int


@dataclass(frozen=True, eq=False)
class Elf:
    """A linked 32-bit little-endian program.

    Parameters
    ----------
    segments : tuple of (int, bytes)
        Where each piece of the file is loaded (its address in flash), and its content.
    sections : mapping of str to (int, int)
        Address and size in bytes of what takes room on the device.
    symbols : mapping of str to ElfSymbol
    """

    segments: tuple[tuple[int, bytes], ...]
    sections: MappingProxyType
    symbols: MappingProxyType


def read_elf(content: bytes) -> Elf:
    """Parse the ELF file that our own linker wrote."""
    return Elf(tuple(_segments(content)), *_sections(content))


def _segments(content: bytes):
    offset, count = (
        struct.unpack_from("<I", content, 28)[0],
        struct.unpack_from("<H", content, 44)[0],
    )
    for i in range(count):
        kind, start, _, load_address, size = struct.unpack_from("<5I", content, offset + 32 * i)
        if kind == _LOADABLE and size:
            yield load_address, content[start : start + size]


def _sections(content: bytes):
    offset = struct.unpack_from("<I", content, 32)[0]
    count, names_index = struct.unpack_from("<2H", content, 48)
    headers = [struct.unpack_from("<10I", content, offset + 40 * i) for i in range(count)]
    names = headers[names_index][4]
    sizes, symbols = {}, {}
    for name, kind, flags, address, start, size, link, *_ in headers:
        if flags & _ALLOCATED:
            sizes[_text(content, names + name)] = (address, size)
        if kind == _SYMBOL_TABLE:
            symbols.update(_symbols(content, start, size, headers[link][4]))
    return MappingProxyType(sizes), MappingProxyType(symbols)


def _symbols(content: bytes, start: int, size: int, strings: int):
    for at in range(start, start + size, 16):
        name, address, length = struct.unpack_from("<3I", content, at)
        yield _text(content, strings + name), ElfSymbol(address & ~1, length)


def _text(content: bytes, start: int) -> str:
    return content[start : content.index(b"\0", start)].decode("utf-8", errors="replace")
