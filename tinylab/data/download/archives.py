"""Unpack an archive that came over the network, trusting nothing in it."""

import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from stat import S_ISLNK
from typing import BinaryIO

from tqdm.auto import tqdm

__all__ = ["unpack"]


@dataclass(frozen=True)
class _Member:
    name: str
    size: int
    is_folder: bool
    is_file: bool
    content: BinaryIO | None


def unpack(archive: Path, folder: Path, *, limit_bytes: int, progress: bool = True) -> None:
    """Unpack a tar (of any compression) or zip archive into an empty folder.

    Only plain files and folders are accepted, and only inside `folder`; owners and permissions in
    the archive are ignored.

    Parameters
    ----------
    archive, folder : Path
        What to unpack, and where.
    limit_bytes : int
        Stop when the files together are larger than this.
    progress : bool
        Show a progress bar.

    Raises
    ------
    ValueError
        If the archive is damaged, of another kind, too large, or has a member that is a link, a
        device, or lies outside `folder`. What was unpacked until then stays in `folder`.
    """
    total = 0
    damage = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError)
    try:
        bar = tqdm(desc=f"unpacking {archive.name}", unit="file", disable=not progress)
        with bar:
            for member in _members(archive):
                total += member.size
                if total > limit_bytes:
                    raise ValueError(f"{archive.name} unpacks to more than {limit_bytes} bytes")
                _write(member, folder, archive.name)
                bar.update()
    except damage as error:
        raise ValueError(f"{archive.name} could not be unpacked: {error}") from error


def _members(archive: Path) -> Iterator[_Member]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as file:
            for item in file.infolist():
                link = S_ISLNK(item.external_attr >> 16)
                content = None if item.is_dir() or link else file.open(item)
                is_file = not item.is_dir() and not link
                yield _Member(item.filename, item.file_size, item.is_dir(), is_file, content)
        return
    with tarfile.open(archive, "r:*") as file:
        for item in file:
            content = file.extractfile(item) if item.isfile() else None
            yield _Member(item.name, item.size, item.isdir(), item.isfile(), content)


def _write(member: _Member, folder: Path, archive: str) -> None:
    name = PurePosixPath(member.name)
    outside = name.is_absolute() or ".." in name.parts
    # A drive letter or a backslash would leave the folder on Windows.
    if outside or PureWindowsPath(member.name).drive or "\\" in member.name:
        raise ValueError(f"{archive} has a member outside its folder: {member.name!r}")
    if not (member.is_folder or member.is_file):
        raise ValueError(f"{archive} has a member that is a link or a device: {member.name!r}")
    path = folder / name
    if member.is_folder:
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with member.content as source, open(path, "xb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
