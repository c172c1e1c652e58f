"""Writing files so that a reader never meets half of one, and no other writer's change is lost."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Container, Iterator
from pathlib import Path

PATIENCE_S = 30.0


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; it replaces `path`, or is removed on error.

    The temporary name keeps the suffix, because some writers (Keras, soundfile) choose the format
    by it.

    Raises
    ------
    OSError
        The folder cannot be made or written, or the disk is full; what was there stays.
    """
    path = Path(path)
    with _in_plain_words(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    temporary.chmod(0o666 & ~_umask())  # mkstemp makes files that only their owner may read
    try:
        with _in_plain_words(path, only=(errno.ENOSPC, errno.EDQUOT)):
            yield temporary
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


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
        plain = OSError(
            f"{path} cannot be written ({os.strerror(error.errno or 0)}): make room, make its "
            "folder writable, or choose another (for your own work set TINYLAB_WORK)"
        )
        plain.errno = error.errno
        raise plain from error


def _umask() -> int:
    """The process's umask; reading it means setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
