"""Public data sets: download, check, unpack, once.

`fetch` leaves a set in `datasets/public/NAME`, where the loaders look for it. An interrupted
download goes on where it stopped; an archive is used only if its checksum is the registered one; a
set appears under its name only when it is complete.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests
from tqdm.auto import tqdm

from tinylab.data.download.archives import unpack
from tinylab.data.download.checksums import damaged_files
from tinylab.data.download.reasons import reason
from tinylab.paths import public_datasets_dir

__all__ = ["PublicSet", "fetch", "public_sets"]

_TIMEOUT_S = 30
_BLOCK_BYTES = 1 << 14  # what an interrupted connection may lose


@dataclass(frozen=True)
class PublicSet:
    """An entry of `registry.json`; `urls` are mirrors of one archive, tried in order.

    `checksum` is "sha256:..."; or, where the publisher names no other, "md5:..." or
    "contents:FILE", which find a damaged download but not one that somebody forged. With the latter
    the publisher's own list, FILE in the archive, says what the sha256 of its other files is.
    """

    title: str
    urls: tuple[str, ...]
    checksum: str
    archive: str
    archive_bytes: int
    unpacked_bytes_limit: int
    licence: str
    source: str


def public_sets() -> dict[str, PublicSet]:
    """The registered sets by name."""
    entries = json.loads(Path(__file__).with_name("registry.json").read_text(encoding="utf-8"))
    return {
        name: PublicSet(**{**entry, "urls": tuple(entry["urls"])})
        for name, entry in entries.items()
    }


def fetch(
    name: str,
    *,
    directory: Path | None = None,
    registry: Mapping[str, PublicSet] | None = None,
    progress: bool = True,
) -> Path:
    """Download and unpack a public data set, unless it is there already.

    Parameters
    ----------
    name : str
        A key of the registry, for example "speech-commands".
    directory : Path, optional
        Where data sets are kept; `datasets/public` by default.
    registry : mapping of str to PublicSet, optional
        Instead of `public_sets()`.
    progress : bool
        Show progress bars.

    Returns
    -------
    Path
        Folder of the unpacked set, `directory / name`.

    Raises
    ------
    ValueError
        If no set has this name, or if the archive is unsafe to unpack.
    RuntimeError
        If no mirror gives the registered archive, or the disk is too full.
    """
    registry = public_sets() if registry is None else registry
    if name not in registry:
        raise ValueError(f"no public data set is called {name!r}; there is {', '.join(registry)}")
    entry = registry[name]
    directory = public_datasets_dir() if directory is None else Path(directory)
    target = directory / name
    if target.is_dir():
        return target
    directory.mkdir(parents=True, exist_ok=True)
    _check_disk(entry, directory)
    archive = _download(entry, directory, progress)
    unpacking = Path(tempfile.mkdtemp(dir=directory, prefix=f".unpacking-{name}-"))
    try:
        unpack(archive, unpacking, limit_bytes=entry.unpacked_bytes_limit, progress=progress)
        _check_contents(entry, unpacking, archive)
        unpacking.chmod(0o755)
        unpacking.replace(target)
    finally:
        shutil.rmtree(unpacking, ignore_errors=True)
    archive.unlink()
    return target


def _check_contents(entry: PublicSet, folder: Path, archive: Path) -> None:
    """Compare the unpacked files with the publisher's list; a wrong archive is thrown away."""
    kind, _, name = entry.checksum.partition(":")
    if kind != "contents":
        return
    (listing, *_) = (*folder.rglob(name), None)
    damaged = [name] if listing is None else damaged_files(listing)
    if damaged:
        archive.unlink()
        raise RuntimeError(
            f"{entry.archive} is damaged ({damaged[0]} is missing or differs from the publisher's"
            " list): run the same command again"
        )


def _check_disk(entry: PublicSet, directory: Path) -> None:
    needed = entry.archive_bytes + entry.unpacked_bytes_limit
    free = shutil.disk_usage(directory).free
    if free < needed:
        raise RuntimeError(
            f"{entry.title} may need {needed / 1e9:.1f} GB while it unpacks, and {directory} has "
            f"{free / 1e9:.1f} GB free: make room, or set TINYLAB_DATASETS to a larger disk"
        )


def _download(entry: PublicSet, directory: Path, progress: bool) -> Path:
    """The verified archive, from the first mirror that gives it."""
    failures = []
    pooch.get_logger().setLevel("WARNING")
    for url in entry.urls:
        host = urlsplit(url).hostname
        downloader = ResumingDownloader(directory / f"{entry.archive}.part", progress)
        try:
            name = entry.archive
            known = None if entry.checksum.startswith("contents:") else entry.checksum
            path = pooch.retrieve(url, known, name, directory, downloader=downloader)
            return Path(path)
        except requests.RequestException as error:
            failures.append(f"{host}: {reason(error)}")
        except ValueError:
            failures.append(f"{host}: the file there is not the registered one (checksum differs)")
    raise RuntimeError(
        f"could not fetch {entry.archive} ({'; '.join(failures)}): check the network connection, "
        "then run the same command again; it goes on where it stopped"
    )


class ResumingDownloader:
    """A downloader for pooch that keeps what it has in `partial` and asks only for the rest."""

    def __init__(self, partial: Path, progress: bool):
        self.partial = partial
        self.progress = progress

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        have = self.partial.stat().st_size if self.partial.exists() else 0
        response = self._get(url, have)
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            self.partial.unlink()
            have, response = 0, self._get(url, 0)
        response.raise_for_status()
        if response.status_code != requests.codes.partial_content:
            have = 0
        self._append(response, have)
        self.partial.replace(output_file)

    def _get(self, url: str, have: int) -> requests.Response:
        headers = {"Range": f"bytes={have}-", "Accept-Encoding": "identity"} if have else {}
        return requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT_S)

    def _append(self, response: requests.Response, have: int) -> None:
        rest = int(response.headers.get("Content-Length", 0))
        bar = tqdm(
            total=have + rest or None,
            initial=have,
            unit="B",
            unit_scale=True,
            desc=self.partial.stem,
            disable=not self.progress,
        )
        with response, bar, open(self.partial, "ab" if have else "wb") as file:
            for block in response.iter_content(_BLOCK_BYTES):
                file.write(block)
                bar.update(len(block))
