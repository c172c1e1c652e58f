"""Zip files, as students pack them and as an LMS packs a class: listed and read, never unpacked.

In: an open zip file. Out: its entries, what is unsafe about them, the bytes of one. What a header
promises is checked or not believed.
"""

import re
import stat
import unicodedata
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import BinaryIO

from tinylab.grading.intake.handin import Refused, too_large
from tinylab.grading.rules.config import IntakeLimits

__all__ = [
    "listing",
    "notebooks",
    "read_member",
    "shown_name",
    "unsafe_entries",
    "visible_entries",
]

IGNORED_FOLDERS = {".ipynb_checkpoints", "__MACOSX"}
DAMAGED = "the zip file is damaged; pack and hand it in again."
TOO_MUCH = "the zip file unpacks to more than is accepted."
END_BYTES = 65_557  # the end record and the longest comment
ENTRY_BYTES = 512  # of the table of contents: 46 and the name, generously
SMALL_BYTES = 1_000_000  # below this no ratio is suspicious
UTF8_NAME = 0x800  # the flag of a name that is UTF-8


def listing(stream: BinaryIO, limits: IntakeLimits) -> list[zipfile.ZipInfo]:
    """The entries of a zip file whose table of contents is of a bearable size, else `Refused`."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - END_BYTES))
    tail = stream.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise Refused("unreadable", DAMAGED)
    entries = int.from_bytes(tail[end + 10 : end + 12], "little")
    table_bytes = int.from_bytes(tail[end + 12 : end + 16], "little")
    # 0xFFFF announces a zip64 table, which no class needs
    many = entries > limits.zip_entries or entries == 0xFFFF
    if many or table_bytes > ENTRY_BYTES * limits.zip_entries:
        raise Refused("limit", f"the zip file has more than {limits.zip_entries:,} entries.")
    try:
        with zipfile.ZipFile(stream) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        raise Refused("unreadable", DAMAGED) from None


def shown_name(info: zipfile.ZipInfo) -> str:
    """An entry's name as its owner wrote it.

    macOS writes UTF-8 and does not say so; such a name reads as the old DOS letters.
    """
    if info.flag_bits & UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def visible_entries(entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The files of a zip file without hidden ones and those of the packing system, names once."""
    kept = {}
    for info in entries:
        parts = PurePosixPath(info.filename.replace("\\", "/")).parts
        hidden = not parts or parts[-1].startswith(".") or set(parts) & IGNORED_FOLDERS
        if not hidden and not info.is_dir():
            kept[info.filename] = info
    return list(kept.values())


def notebooks(entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The entries that may be notebooks, zip files of them, or models for the class's board."""
    return [
        info
        for info in visible_entries(entries)
        if info.filename.lower().endswith((".ipynb", ".zip", ".tflite"))
    ]


def unsafe_entries(
    entries: list[zipfile.ZipInfo], limits: IntakeLimits
) -> dict[str, tuple[str, str]]:
    """(status, sentence) for every entry that must not be read, by its name."""
    unsafe, spelled = {}, {}
    for info in entries:
        name = info.filename.replace("\\", "/")
        plain = unicodedata.normalize("NFKC", shown_name(info).replace("\\", "/")).casefold()
        before = spelled.setdefault(plain, info)
        problem = _problem(info, name, limits)
        if problem is None and before is not info:
            sentence = "the zip file holds one name twice, or two that differ in case only."
            problem = ("unreadable", sentence)
        if problem:
            unsafe[info.filename] = problem
    if sum(info.file_size for info in entries) > limits.zip_bytes:
        unsafe |= {info.filename: ("limit", TOO_MUCH) for info in entries}
    return unsafe


def _problem(info: zipfile.ZipInfo, name: str, limits: IntakeLimits) -> tuple[str, str] | None:
    """Why one entry is unsafe, or None."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if name.startswith("/") or ".." in name.split("/") or re.match(r"^[A-Za-z]:", name):
        return "unreadable", "the zip file names a folder outside itself."
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "unreadable", "the zip file holds a link or a device."
    if info.flag_bits & 0x1:
        return "unreadable", "the zip file has a password."
    suspicious = info.file_size > info.compress_size * limits.zip_ratio + SMALL_BYTES
    if info.file_size > limits.file_bytes or suspicious:
        return "limit", TOO_MUCH
    return None


def read_member(stream: BinaryIO, name: str, limits: IntakeLimits) -> bytes:
    """One entry of a zip file, in memory; `Refused` where it is damaged or too large."""
    try:
        with zipfile.ZipFile(stream) as archive, archive.open(name) as entry:
            content = entry.read(limits.file_bytes + 1)
    except (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, ValueError, OSError, EOFError):
        raise Refused("unreadable", DAMAGED) from None
    if len(content) > limits.file_bytes:
        raise too_large(limits.file_bytes)
    return content
