"""A program as text, so that it travels inside a notebook: zlib, then base 85, in short lines."""

import base64
import zlib

__all__ = ["as_text", "from_text"]

LINE = 88
LARGEST_BYTES = 1_000_000  # what a text may unpack to; no program of the challenge comes near


def as_text(program: bytes) -> str:
    """The program as lines of text without quotation marks, backslashes or braces."""
    text = base64.b85encode(zlib.compress(program, 9)).decode()
    text = text.translate(_AWAY)
    return "\n".join(text[at : at + LINE] for at in range(0, len(text), LINE))


def from_text(text: str) -> bytes:
    """The program that `as_text` wrote; white space does not matter.

    Raises
    ------
    ValueError
        If the text is no such thing, or was cut.
    """
    if not isinstance(text, str):
        raise ValueError(f"a program's text is a str, not {type(text).__name__}")
    packed = "".join(text.split()).translate(_BACK)
    try:
        unpack = zlib.decompressobj()
        program = unpack.decompress(base64.b85decode(packed), LARGEST_BYTES)
        whole = unpack.eof and not unpack.unused_data
    except (ValueError, zlib.error):
        whole = False
    if not whole:
        raise ValueError("this is not the text of a program: print(as_text(program)) writes it")
    return program


# Base 85 uses { and }, which str.format and f-strings would take: they become dot and comma.
_AWAY = str.maketrans("{}", ".,")
_BACK = str.maketrans(".,", "{}")
