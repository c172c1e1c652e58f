"""The record book: what was signed can be proved, and nothing else passes for it."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinylab.grading.records.entries import OverrideRecord
from tinylab.grading.records.record_book import (
    BOOK,
    HEAD,
    BookError,
    Key,
    RecordBook,
    read_key,
    verify,
)


@pytest.fixture
def book(tmp_path, key):
    """A book with five records."""
    with RecordBook(tmp_path, key) as book:
        for n in range(5):
            book.append(OverrideRecord(f"s{n}", points=float(n)))
    return tmp_path


def lines(book) -> list[str]:
    return (book / BOOK).read_text().splitlines(keepends=True)


def test_a_book_verifies_and_goes_on(book, key):
    assert verify(book, key).rows == 5
    with RecordBook(book, key) as more:
        more.append(OverrideRecord("s5"))
        assert [one.student for one in more.entries()] == [f"s{n}" for n in range(6)]
    found = verify(book, key)
    assert (found.rows, found.problems) == (6, ())


def changed(line: str) -> str:
    return line.replace('"points":2.0', '"points":9.0')


@pytest.mark.parametrize(
    ("tamper", "sentence"),
    [
        (lambda all: [*all[:2], changed(all[2]), *all[3:]], "line 3 was changed"),
        (lambda all: [*all[:2], *all[3:]], "line 3 does not follow"),
        (lambda all: [all[0], all[2], all[1], *all[3:]], "line 2 does not follow"),
        (lambda all: [*all, all[4]], "line 6 does not follow"),
        (lambda all: all[:3], "2 lines are missing"),
        (lambda all: [*all[:4], all[4].replace("{", '{"more":1,', 1)], "line 5 has more in it"),
        (lambda all: [*all[:4], "{}\n"], "line 5 is not a record"),
        (lambda all: [*all[:4], "x\n"], "line 5 is not a record"),
        (lambda all: [*all[:4], all[4][:-9]], "line 5 is incomplete"),
    ],
)
def test_tampering_is_named(book, key, tamper, sentence):
    (book / BOOK).write_text("".join(tamper(lines(book))))
    assert sentence in verify(book, key).problems[0]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_is_noticed(book, key, data):
    good = (book / BOOK).read_bytes()
    at = data.draw(st.integers(0, len(good) - 1))
    bad = bytearray(good)
    bad[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != good[at]))
    try:
        (book / BOOK).write_bytes(bytes(bad))
        assert verify(book, key).problems
    finally:
        (book / BOOK).write_bytes(good)


def test_another_key_and_another_book_do_not_pass(book, key, tmp_path):
    assert "another key" in verify(book, Key(b"y" * 32)).problems[0]
    other = tmp_path / "other"
    with RecordBook(other, key) as one:
        one.append(OverrideRecord("eve"))
    signed = (other / BOOK).read_text()
    (book / BOOK).write_text("".join(lines(book)) + signed)
    assert "line 6 does not follow" in verify(book, key).problems[0]
    (book / BOOK).write_text(signed)
    assert verify(book, key).problems, "a whole book that was signed elsewhere"


def test_a_line_torn_by_a_crash_is_cut_off(book, key):
    with (book / BOOK).open("a") as stream:
        stream.write('{"body":{"row"')
    assert "--resume" in verify(book, key).problems[0]
    with RecordBook(book, key) as more:
        more.append(OverrideRecord("s5"))
    assert verify(book, key).rows == 6


def test_a_crash_before_the_head_was_written_costs_nothing(book, key):
    head = (book / HEAD).read_text()
    with RecordBook(book, key) as more:
        more.append(OverrideRecord("s5"))
    (book / HEAD).write_text(head)
    assert verify(book, key).problems == ()


def test_a_tampered_book_is_not_continued(book, key):
    (book / BOOK).write_text("".join(lines(book)[:2]))
    with pytest.raises(BookError, match="3 lines are missing"):
        RecordBook(book, key)


def test_two_graders_do_not_write_into_one_book(book, key):
    with RecordBook(book, key), pytest.raises(BookError, match="another tinylab grade"):
        RecordBook(book, key)


def test_records_are_plain_json(book):
    body = json.loads(lines(book)[0])["body"]
    assert (body["record"]["kind"], body["record"]["student"]) == ("override", "s0")


def test_a_key_is_made_once_and_kept_from_others(tmp_path):
    key = read_key(tmp_path / "deep" / "key")
    assert read_key(tmp_path / "deep" / "key") == key
    assert (tmp_path / "deep" / "key").stat().st_mode & 0o077 == 0
    (tmp_path / "deep" / "key").chmod(0o644)
    with pytest.raises(ValueError, match="others may read"):
        read_key(tmp_path / "deep" / "key")
    (tmp_path / "short").write_text("x")
    (tmp_path / "short").chmod(0o600)
    with pytest.raises(ValueError, match="too short"):
        read_key(tmp_path / "short")


def test_purposes_and_parts_have_keys_of_their_own(key):
    derived = {
        key.derive("seeds", "a", "b"),
        key.derive("seeds", "ab", ""),
        key.derive("seeds", "a", "c"),
        key.derive("sign", "a", "b"),
        Key(b"z" * 32).derive("seeds", "a", "b"),
    }
    assert len(derived) == 5
