"""A program as text comes back as it was, or not at all."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylab.course.challenge.text import as_text, from_text


@given(st.binary(max_size=3000))
def test_there_and_back(program):
    text = as_text(program)
    assert from_text(text) == program
    assert from_text("  " + text.replace("\n", "\n    ") + "\n") == program
    assert not set(text) & set("\"'\\{} ") and max(map(len, text.splitlines()), default=0) <= 88


@pytest.mark.parametrize("change", [lambda t: t[:-4], lambda t: t[4:], lambda t: t + "00000"])
def test_a_text_that_was_cut_is_refused(change):
    with pytest.raises(ValueError, match="not the text of a program"):
        from_text(change(as_text(bytes(range(256)) * 4)))


@pytest.mark.parametrize("wrong", ["", "my_model.tflite", "é" * 50, as_text(b"")[:3]])
def test_other_text_is_refused(wrong):
    with pytest.raises(ValueError, match="not the text of a program"):
        from_text(wrong)


def test_a_text_that_unpacks_without_end_is_refused():
    from tinylab.course.challenge import text

    bomb = text.as_text(b"")
    assert from_text(bomb) == b""
    packed = zlib.compress(bytes(5_000_000), 9)
    import base64

    huge = base64.b85encode(packed).decode().translate(text._AWAY)
    with pytest.raises(ValueError, match="not the text of a program"):
        from_text(huge)


def test_bytes_are_no_text():
    with pytest.raises(ValueError, match="a str, not bytes"):
        from_text(b"TFL3")
