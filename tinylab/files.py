"""Files of a learner's: written whole or not at all, read with a plain word, never thrown away."""

import contextlib
import errno
import itertools
import os
import shutil
import struct
import tempfile
import time
from collections.abc import Container, Iterator
from pathlib import Path

PATIENCE_S = 30.0
FULL = (errno.ENOSPC, errno.EDQUOT)
IN_THE_WAY = (errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ELOOP)
YEARS_OF_ZIP = range(1980, 2108)  # a zip file, and so a .keras or .npz file, holds no other dates


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; it replaces `path`, or is removed on error.

    The temporary name keeps the suffix, because some writers (Keras, soundfile) choose the format
    by it.

    Raises
    ------
    OSError
        The folder cannot be made or written, or the disk is full; what was there stays.
    ValueError
        A zip file was to be written, and the computer's clock is outside of what it can hold.
    """
    path = Path(path)
    with _in_plain_words(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    temporary.chmod(0o666 & ~_umask())  # mkstemp makes files that only their owner may read
    try:
        with _in_plain_words(path, only=FULL), _a_clock_that_zip_holds(path):
            yield temporary
        with _in_plain_words(path):
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_text(path: str | Path) -> str | None:
    """Read a text file (UTF-8; a byte-order mark is left out); None where there is none.

    Raises
    ------
    OSError
        It is there and cannot be read.
    ValueError
        It is no text.
    """
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _plain(error, f"{path} cannot be read", "make it readable") from error


def keep_aside(path: str | Path) -> Path:
    """Copy a damaged file to a free name beside it, before it is written anew; return the copy."""
    path = Path(path)
    for number in itertools.count(1):
        copy = path.with_name(f"{path.name}.bak{number if number > 1 else ''}")
        if not copy.exists():
            with replacing(copy) as temporary:
                shutil.copyfile(path, temporary)
            return copy
        if copy.is_file() and copy.read_bytes() == path.read_bytes():
            return copy


@contextlib.contextmanager
def changing(path: str | Path) -> Iterator[None]:
    """Read a file and write it anew inside: other notebooks, also of another JupyterLab, wait.

    Raises
    ------
    filelock.Timeout
        When somebody else has been changing it for `PATIENCE_S`.
    OSError
        The folder cannot be made or written.
    """
    from filelock import FileLock

    path = Path(path)
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=PATIENCE_S)
    with _in_plain_words(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _in_plain_words(path: Path, only: Container[int] | None = None) -> Iterator[None]:
    """Say what to do where a file cannot be written; of errors with other numbers say nothing."""
    try:
        yield
    except TimeoutError:
        raise
    except OSError as error:
        if only is not None and error.errno not in only:
            raise
        said = _plain(error, f"{path} cannot be written", "make its folder writable")
        said.args = (f"{said}, or choose another (for your own work set TINYLAB_WORK)",)
        raise said from error


def _plain(error: OSError, what: str, remedy: str) -> OSError:
    """The same error with what to do about it."""
    if error.errno in FULL:
        remedy = "make room"
    if error.errno in IN_THE_WAY:
        remedy = "move away the file, folder or link that is in its way"
    said = OSError(f"{what} ({os.strerror(error.errno or 0)}): {remedy}")
    said.errno = error.errno
    return said


@contextlib.contextmanager
def _a_clock_that_zip_holds(path: Path) -> Iterator[None]:
    """Say that the clock is wrong where that is why a zip file could not be written."""
    try:
        yield
    except (ValueError, struct.error) as error:
        year = time.localtime().tm_year
        if year in YEARS_OF_ZIP:
            raise
        raise ValueError(
            f"{path} was not written, because this computer's clock says {year}: set the clock,"
            " and run this again"
        ) from error


def _umask() -> int:
    """The process's umask; reading it means setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
