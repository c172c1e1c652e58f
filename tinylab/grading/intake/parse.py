"""A notebook's bytes become plain data of a known shape, or a sentence on why they cannot.

In: bytes. Out: a dict with `cells`, each with `id`, `cell_type`, `metadata` and `source` and
nothing else, `predictions` (all that is read of outputs, which never count), and flags for what was
odd. JSON is measured before it is parsed, so that neither nesting nor size can exhaust the grader.
"""

import codecs
import hashlib
import json
import re
import unicodedata

import numpy as np

from tinylab.grading.intake.handin import Refused
from tinylab.grading.intake.predictions import predictions_of
from tinylab.grading.rules.config import IntakeLimits

__all__ = ["digest", "parse_notebook"]

DEPTH = 200  # of brackets; widgets' and figures' outputs reach about 20
CONTAINERS = 1_000_000  # brackets in a file: each costs the parser some hundred bytes
CELL_TYPES = ("code", "markdown", "raw")


def digest(data: bytes) -> str:
    """Hex SHA-256 of a hand-in's bytes."""
    return hashlib.sha256(data).hexdigest()


def parse_notebook(data: bytes, limits: IntakeLimits) -> tuple[dict, tuple[str, ...]]:
    """The notebook in these bytes, and flags for what was odd about them.

    Raises
    ------
    Refused
        With the status ("unreadable", "limit") and a sentence for the student.
    """
    flags: set[str] = set()
    if not data.strip(b"\0 \t\r\n"):
        raise Refused("unreadable", "the file is empty; save the notebook and hand it in again.")
    text = _decode(data, flags)
    if re.search(r"^(<{7}|>{7}) ", text, re.M):
        raise Refused("unreadable", "the file has merge conflict markers (<<<<<<<) of git in it.")
    _measure(text)
    plain = _load(text)
    cells = [_cell(cell, flags, limits) for cell in _cells(plain, flags)]
    if len(cells) > limits.cells:
        raise Refused("limit", f"the notebook has more than {limits.cells:,} cells.")
    if any(_hidden(cell["source"]) for cell in cells):
        flags.add("hidden_characters")
    shape = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": _metadata(plain),
        "cells": cells,
        "predictions": predictions_of(plain),
    }
    return shape, tuple(sorted(flags))


def _metadata(plain: dict) -> dict:
    """Of a notebook's own metadata only the version of Python that it ran on, where it says so."""
    about = plain.get("metadata")
    language = about.get("language_info") if isinstance(about, dict) else None
    version = language.get("version") if isinstance(language, dict) else None
    plausible = isinstance(version, str) and re.fullmatch(r"3\.\d{1,2}(\.\w{1,6})?", version)
    return {"python": version} if plausible else {}


def _decode(data: bytes, flags: set[str]) -> str:
    """The text of a file in UTF-8 or, with a flag, in UTF-16 or Latin-1."""
    if data.startswith(codecs.BOM_UTF8):
        data = data[3:]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        flags.add("encoding")
        return _strict(data, "utf-16")
    if data.endswith(b"\0"):
        flags.add("trailing_nul")
        data = data.rstrip(b"\0")
    if b"\0" in data:
        raise Refused("unreadable", "the file is damaged: it has NUL bytes in it.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        flags.add("encoding")
        return data.decode("latin-1")


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Refused("unreadable", "the file is damaged: its text cannot be decoded.") from None


def _measure(text: str) -> None:
    """Refuse JSON that is nested too deeply or holds too many containers, before it is parsed."""
    bare = text.replace("\\\\", "").replace('\\"', "")  # now every quote opens or closes a string
    bare = re.sub(r'"[^"]*(?:"|\Z)', "", bare)
    brackets = np.frombuffer(re.sub(r"[^\[\]{}]+", "", bare).encode("ascii"), dtype=np.uint8)
    opening = np.isin(brackets, np.frombuffer(b"[{", dtype=np.uint8))
    if opening.sum() > CONTAINERS:
        raise Refused("limit", "the file holds far more lists than a notebook has.")
    depth = np.cumsum(np.where(opening, 1, -1))
    if depth.size and depth.max() > DEPTH:
        raise Refused("unreadable", "the file is damaged: its lists are nested too deeply.")


def _load(text: str) -> dict:
    """JSON with one meaning: no key twice, numbers of a usual length."""
    try:
        plain = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=lambda name: None,
            parse_int=lambda digits: int(digits) if len(digits) < 20 else float(digits[:400]),
        )
    except (ValueError, RecursionError) as error:
        if isinstance(error, _Duplicate):
            sentence = "the file is damaged: it says one thing twice (a repeated key)."
            raise Refused("unreadable", sentence) from None
        raise Refused(
            "unreadable",
            "the file is no complete notebook; save it in Jupyter and hand it in again.",
        ) from None
    if not isinstance(plain, dict):
        raise Refused("unreadable", "the file is JSON but no notebook.")
    return plain


class _Duplicate(ValueError):
    """A JSON object has a key twice."""


def _without_duplicates(pairs: list[tuple]) -> dict:
    plain = dict(pairs)
    if len(plain) < len(pairs):
        raise _Duplicate
    return plain


def _cells(plain: dict, flags: set[str]) -> list:
    """The cells of a notebook of format 4, or of 3."""
    version = plain.get("nbformat")
    if not isinstance(version, int) or isinstance(version, bool):
        flags.add("repaired")
        version = 4
    if version > 4:
        raise Refused(
            "unreadable", f"the notebook has the newer format {version}; save it in format 4."
        )
    cells = plain.get("cells")
    if version < 4 or cells is None:
        sheets = plain.get("worksheets")
        first = sheets[0] if isinstance(sheets, list) and sheets else {}
        cells = first.get("cells") if isinstance(first, dict) else None
        flags.add("old_format")
    if not isinstance(cells, list):
        raise Refused("unreadable", "the notebook has no list of cells.")
    return cells


def _cell(cell, flags: set[str], limits: IntakeLimits) -> dict:
    """One cell in the known shape, whatever it was."""
    if not isinstance(cell, dict):
        flags.add("repaired")
        cell = {}
    kind = cell.get("cell_type")
    metadata, name = cell.get("metadata"), cell.get("id")
    source = _text(cell.get("source", cell.get("input")))
    if kind not in CELL_TYPES or not isinstance(metadata, dict) or source is None:
        flags.add("repaired")
    if source is not None and len(source) > limits.cell_characters:
        flags.add("long_cell")
        source = ""
    return {
        "id": name if isinstance(name, str) and len(name) <= 100 else None,
        "cell_type": kind if kind in CELL_TYPES else "raw",
        "metadata": metadata if isinstance(metadata, dict) else {},
        "source": source or "",
    }


def _text(source) -> str | None:
    """The text of a source: a string or a list of lines."""
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _hidden(text: str) -> bool:
    """True for bidirectional overrides, zero-width, escape and other control characters."""
    return any(unicodedata.category(c) in ("Cc", "Cf") and c not in "\t\n" for c in set(text))
