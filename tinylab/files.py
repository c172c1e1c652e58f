"""Writing files so that a reader never meets half of one, and no other writer's change is lost."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

PATIENCE_S = 30.0


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; it replaces `path`, or is removed on error.

    The temporary name keeps the suffix, because some writers (Keras, soundfile) choose the format
    by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    temporary.chmod(0o666 & ~_umask())  # mkstemp makes files that only their owner may read
    try:
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
    """
    from filelock import FileLock

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f".{path.name}.lock"), timeout=PATIENCE_S):
        yield


def _umask() -> int:
    """The process's umask; reading it means setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
