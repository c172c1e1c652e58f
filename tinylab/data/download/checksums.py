"""Are the built-in data sets the ones that were shipped? `datasets/SHA256SUMS` says."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from tinylab.files import replacing
from tinylab.paths import datasets_dir

__all__ = ["damaged_files", "record", "shipped", "verify"]


def verify() -> tuple[str, ...]:
    """A sentence for each built-in data file that is missing or changed; empty when all is well."""
    listing = datasets_dir() / "SHA256SUMS"
    if not listing.is_file():
        return (f"{listing} is missing: restore the datasets folder from the repository",)
    problems = []
    for name, expected in _read(listing).items():
        path = datasets_dir() / name
        if not path.is_file():
            problems.append(f"datasets/{name} is missing: restore it from the repository")
        elif _sha256(path) != expected:
            problems.append(f"datasets/{name} has changed: restore it from the repository")
    return tuple(problems)


def shipped(name: str) -> Path:
    """Path of a built-in file such as "machines/ageing.npz", once it is known to be whole.

    Data of one's own in its place are entered by `record`; where nothing is listed, nothing is
    compared.

    Raises
    ------
    FileNotFoundError
        It is missing.
    ValueError
        It is not the one that is listed, and would give other figures without a word.
    """
    path = datasets_dir() / name
    remedy = (
        "restore it from the repository, or build it with"
        f" `python -m datasets.{name.partition('/')[0]}.build`"
    )
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: {remedy}")
    listing, state = datasets_dir() / "SHA256SUMS", path.stat()
    expected = _read(listing).get(name) if listing.is_file() else None
    if expected and _sha256_once(path, state.st_mtime_ns, state.st_size) != expected:
        raise ValueError(f"{path} is damaged, or was changed: {remedy}")
    return path


@lru_cache(maxsize=64)
def _sha256_once(path: Path, changed_ns: int, size: int) -> str:
    """Reading tens of megabytes takes a moment, in every call of `load`."""
    return _sha256(path)


def damaged_files(listing: Path) -> list[str]:
    """The names in a list of checksums (`sha256sum`'s form) whose files beside it are others."""
    return [
        name
        for name, expected in _read(listing).items()
        if not (listing.parent / name).is_file() or _sha256(listing.parent / name) != expected
    ]


def record(paths: Iterable[Path]) -> None:
    """Enter files below the datasets folder into `SHA256SUMS` (build scripts call this)."""
    listing = datasets_dir() / "SHA256SUMS"
    sums = _read(listing) if listing.is_file() else {}
    for path in paths:
        sums[Path(path).resolve().relative_to(datasets_dir().resolve()).as_posix()] = _sha256(path)
    with replacing(listing) as temporary:
        lines = (f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
        temporary.write_text("".join(lines), encoding="utf-8", newline="\n")


def _read(listing: Path) -> dict[str, str]:
    rows = (line.split(maxsplit=1) for line in listing.read_text(encoding="utf-8").splitlines())
    return {name.strip(): digest for digest, name in rows}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
