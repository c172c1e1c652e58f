"""The record book: one signed line for each result, chained, only ever appended to.

In: what grading made of hand-ins, and what the teacher says. Out: `records.jsonl`, of which every
report is made. A line holds the record, the SHA-256 of the line before it and its own content, and
an HMAC under a key that is kept outside the folder: a line that was changed, moved, copied from
another book or made without the key does not verify.
"""

import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tinylab.files import replacing
from tinylab.grading.records.entries import Entry, read_entry, written

__all__ = ["BookError", "Key", "RecordBook", "Verification", "entries", "read_key", "verify"]

BOOK, HEAD = "records.jsonl", "records.head"
START = "0" * 64  # what the first line follows


class BookError(ValueError):
    """Why a record book cannot be used, in one sentence."""


@dataclass(frozen=True)
class Key:
    """The teacher's secret, and what is derived from it for one purpose each."""

    secret: bytes

    def derive(self, purpose: str, *parts: str) -> bytes:
        """32 bytes that show nothing of the secret nor about those of other purposes."""
        message = json.dumps([purpose, *parts]).encode()
        return hmac.new(self.secret, message, hashlib.sha256).digest()


def read_key(path: str | Path) -> Key:
    """The key in a file, which is made on first use and readable by its owner alone.

    Raises
    ------
    ValueError
        A file that is too short to be a key, or that others may read.
    """
    path = Path(path)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.chmod(0o600)
            temporary.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ValueError(f"others may read the key {path}: run chmod 600 on it, or make a new one")
    secret = path.read_bytes().strip()
    if len(secret) < 32:
        raise ValueError(f"{path} is too short for a key: 32 characters or more are needed")
    return Key(secret)


@dataclass(frozen=True)
class Verification:
    """What a check of a record book found: how many lines are sound, and sentences on the rest."""

    rows: int
    head: str
    problems: tuple[str, ...]


class RecordBook:
    """The record book of a folder, open for appending.

    A line that was torn by a crash is cut off when the book is opened; nothing else is ever
    changed. The head (number of lines and hash of the last) is kept beside the book, so that lines
    cut off at its end are missed.

    Raises
    ------
    BookError
        Where the book that is there does not verify, or another grader has it open.
    """

    def __init__(self, folder: str | Path, key: Key):
        self.folder, self._key = Path(folder), key
        self.folder.mkdir(parents=True, exist_ok=True)
        self._stream = open(self.folder / BOOK, "a+b")
        _lock(self._stream, self.folder)
        _cut_torn_line(self._stream)
        verified = verify(self.folder, key)
        if verified.problems:
            self._stream.close()
            raise BookError(f"{self.folder / BOOK} does not verify: {verified.problems[0]}")
        self._rows, self._hash = verified.rows, verified.head

    def __enter__(self) -> "RecordBook":
        return self

    def __exit__(self, *_error) -> None:
        self.close()

    @property
    def head(self) -> str:
        """The hash of the last line."""
        return self._hash

    def close(self) -> None:
        """Close the book and let others open it."""
        self._stream.close()

    def append(self, entry: Entry) -> None:
        """Sign an entry and write it to disk before returning."""
        record = written(entry)
        body = _canonical({"record": record, "row": self._rows, "previous": self._hash})
        own, mac = _sign(body, self._key)
        line = _canonical({"body": json.loads(body), "hash": own, "mac": mac}) + "\n"
        self._stream.write(line.encode("ascii"))
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._rows, self._hash = self._rows + 1, own
        head = f"{self._rows} {own}"
        with replacing(self.folder / HEAD) as temporary:
            temporary.write_text(f"{head} {_mac('head', head, self._key)}\n", encoding="ascii")

    def entries(self) -> Iterator[Entry]:
        """The entries in order, one at a time."""
        return entries(self.folder)


def entries(folder: str | Path) -> Iterator[Entry]:
    """The entries of a book that was verified, in order, one at a time."""
    path = Path(folder) / BOOK
    if not path.is_file():
        return
    with path.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield read_entry(json.loads(line)["body"]["record"])


def verify(folder: str | Path, key: Key) -> Verification:
    """Check every line of a record book, and that none is missing at its end.

    Raises
    ------
    OSError
        Where there is no book.
    """
    folder, previous, rows = Path(folder), START, 0
    with (folder / BOOK).open("rb") as lines:
        for rows, line in enumerate(lines, 1):
            problem, own = _line_problem(line, rows - 1, previous, key)
            if problem:
                return Verification(rows - 1, previous, (f"line {rows} {problem}",))
            previous = own
    problem = _head_problem(folder, rows, previous, key)
    return Verification(rows, previous, (problem,) if problem else ())


def _line_problem(line: bytes, row: int, previous: str, key: Key) -> tuple[str | None, str]:
    """What is wrong with a line, or None, and its hash."""
    if not line.endswith(b"\n"):
        return "is incomplete: grading was interrupted; --resume goes on.", ""
    try:
        entry = json.loads(line)
        body = _canonical(entry["body"])
        written_down = entry["body"]["row"], entry["body"]["previous"], entry["hash"], entry["mac"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "is not a record.", ""
    own, mac = _sign(body, key)
    if not isinstance(written_down[3], str) or not hmac.compare_digest(
        written_down[3].encode(), mac.encode()
    ):
        return "was changed, or was signed with another key.", ""
    if written_down[:3] != (row, previous, own):
        return "does not follow the line before it.", ""
    if _canonical(entry) + "\n" != line.decode("ascii", "replace"):
        return "has more in it than was signed.", ""
    return None, own


def _head_problem(folder: Path, rows: int, last: str, key: Key) -> str | None:
    """Whether lines are missing at the end; one more than the head knows is a crash, no fraud."""
    path = folder / HEAD
    if not path.is_file():
        return None if rows <= 1 else f"{HEAD} is missing."
    count, _, rest = path.read_text(encoding="ascii", errors="replace").strip().partition(" ")
    own, _, mac = rest.partition(" ")
    if not count.isdigit() or not hmac.compare_digest(
        mac.encode(), _mac("head", f"{count} {own}", key).encode()
    ):
        return f"{HEAD} was changed."
    if rows < int(count):
        return f"{int(count) - rows} lines are missing at the end."
    if rows == int(count) and last != own:
        return f"{HEAD} belongs to another book."
    return None


def _sign(body: str, key: Key) -> tuple[str, str]:
    """The hash of a line's body, and its HMAC."""
    own = hashlib.sha256(body.encode("ascii")).hexdigest()
    return own, _mac("record", own, key)


def _mac(purpose: str, text: str, key: Key) -> str:
    signing = key.derive(f"sign {purpose}")
    return hmac.new(signing, text.encode(), hashlib.sha256).hexdigest()


def _canonical(plain) -> str:
    """The one way in which a record is written as JSON."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _lock(stream, folder: Path) -> None:
    """Keep other graders out of the book while it is open."""
    try:
        import fcntl
    except ImportError:  # Windows: the sandbox does not run there either
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        stream.close()
        raise BookError(f"another tinylab grade is writing to {folder}; wait for its end") from None


def _cut_torn_line(stream) -> None:
    """Cut off what a crash left of a line that was not written to its end."""
    size = stream.seek(0, 2)
    end = size
    while end > 0:
        start = max(0, end - 65_536)
        stream.seek(start)
        at = stream.read(end - start).rfind(b"\n")
        if at >= 0:
            end = start + at + 1
            break
        end = start
    if end < size:
        stream.truncate(end)
    stream.seek(0, 2)
