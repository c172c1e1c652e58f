"""A student's work in one file, and the original of a notebook beside hers.

In: the project's folder `notebooks/`, with `my_work/` in it. Out: a zip file that `unpack` puts
back on another computer, or a second notebook. Nothing that is there is ever overwritten.
"""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tinylab import paths
from tinylab.files import replacing
from tinylab.grading.intake import archive
from tinylab.grading.intake.handin import open_regular
from tinylab.grading.intake.parse import parse_notebook
from tinylab.grading.rules.assignment import identify, load_assignments
from tinylab.grading.rules.config import read_config

__all__ = ["Packed", "pack", "restore", "unpack"]

MANIFEST = "tinylab-work.json"
LEFT_OUT = {".ipynb_checkpoints", "__pycache__", "source", "solutions"}


@dataclass(frozen=True)
class Packed:
    """Files that were written, and files that were left as they are because they differ."""

    files: tuple[str, ...]
    kept: tuple[str, ...] = ()


def restore(notebook: Path) -> Path:
    """Write the notebook as it was handed out beside a student's own, and return where.

    Raises
    ------
    ValueError
        A notebook of no exercise of this course.
    FileExistsError
        Where there is an original beside it already.
    """
    config, assignments = read_config(), load_assignments()
    plain, _ = parse_notebook(Path(notebook).read_bytes(), config.intake)
    name = identify(plain, assignments)
    if name is None:
        raise ValueError(f"{notebook} is none of this course's notebooks")
    original = Path(notebook).with_name(f"{Path(notebook).stem}.original.ipynb")
    if original.exists():
        raise FileExistsError(f"{original} is there already; open that, or delete it first")
    text = json.dumps(assignments[name].notebook, indent=1, ensure_ascii=False) + "\n"
    with replacing(original) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return original


def pack(out: Path, folder: Path | None = None) -> Packed:
    """Write every notebook and what lies in `my_work` into one zip file.

    Raises
    ------
    FileExistsError
        Where `out` is there already.
    """
    folder, out = folder or paths.PROJECT / "notebooks", Path(out)
    if out.exists():
        raise FileExistsError(f"{out} is there already; name a new file")
    names = []
    with (
        replacing(out) as temporary,
        # Times of files from a clock that was wrong are put into the years that a zip file holds.
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archived,
    ):
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            wanted = path.suffix == ".ipynb" or name.parts[0] == "my_work"
            if wanted and path.is_file() and not path.is_symlink() and _is_hers(name.parts):
                archived.write(path, name.as_posix())
                names.append(name.as_posix())
        archived.writestr(zipfile.ZipInfo(MANIFEST), json.dumps({"files": names}))
    return Packed(tuple(names))


def _is_hers(parts: tuple[str, ...]) -> bool:
    return not (set(parts) & LEFT_OUT or any(part.startswith(".") for part in parts))


def unpack(file: Path, folder: Path | None = None) -> Packed:
    """Put what `pack` wrote back; a file that is there and differs is left as it is.

    Raises
    ------
    ValueError
        A file that `pack` did not write.
    Refused
        A damaged or unsafe zip file.
    """
    folder, limits = folder or paths.PROJECT / "notebooks", read_config().intake
    with open_regular(file, limits.zip_bytes) as stream:
        entries = archive.listing(stream, limits)
        unsafe = archive.unsafe_entries(entries, limits)
        if unsafe:
            raise ValueError(f"{file}: {min(unsafe.items())[1][1]}")
        names = [info.filename for info in entries if not info.is_dir()]
        if MANIFEST not in names:
            raise ValueError(f"{file} was not written by tinylab pack")
        foreign = [name for name in names if not _is_hers(PurePosixPath(name).parts)]
        if foreign:
            raise ValueError(f"{file}: {foreign[0]} is no file of a student's")
        written, kept = [], []
        for name in sorted(set(names) - {MANIFEST}):
            data = archive.read_member(stream, name, limits)
            target = folder / name
            if target.exists() and target.read_bytes() != data:
                kept.append(name)
                continue
            with replacing(target) as temporary:
                temporary.write_bytes(data)
            written.append(name)
    return Packed(tuple(written), tuple(kept))
