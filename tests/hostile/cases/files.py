"""B: files that are damaged, disguised, enormous, or beside the point."""

import calendar
import io
import json
import os
import stat
import zipfile

from tests.hostile.handed_in import (
    EXERCISES,
    WRONG,
    HandedIn,
    answer,
    dumped,
    edited,
    own,
    raw,
    save,
)

BYTES, MACS, ENERGY, DAYS = EXERCISES
REFUSED = {"status": "unreadable"}
ODD = '=HYPERLINK("x")\n\u202e\'\U0001f600<script>'


def number(version):
    def change(notebook):
        notebook["nbformat"] = version

    return edited(change)


def odd_cells(notebook):
    extra = [
        own(7),
        own(None, outputs=None),
        {"cell_type": "code", "source": "1"},
        {"cell_type": "heading", "source": "x", "metadata": {}},
        "no cell",
    ]
    notebook["cells"] += extra


def as_lines(notebook):
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)


def surrogate(notebook):
    answer(notebook, BYTES)["source"] += "\n# \ud800"


def odd_characters(notebook):
    answer(notebook, BYTES)["source"] += "\n# \u202e\u200b \x1b[31mred\r\n"


def twice(data: bytes) -> bytes:
    return data[:-1] + b', "cells": []}'


def not_a_number(notebook):
    answer(notebook, BYTES)["metadata"]["x"] = float("nan")
    answer(notebook, MACS)["metadata"]["x"] = float("inf")


def attachment(notebook):
    picture = {"a.png": {"image/png": "A" * 30_000_000}}
    cell = {"cell_type": "markdown", "id": "big", "metadata": {}, "source": "x"}
    notebook["cells"].append({**cell, "attachments": picture})


def enormous(folder, notebook):
    with (folder / "work.ipynb").open("wb") as file:
        file.write(dumped(notebook))
        file.truncate(200_000_000)  # sparse: takes no room


def many_cells(notebook):
    notebook["cells"] += [own("x = 1", id=f"own-{n}") for n in range(5_000)]


def link(target):
    return lambda folder, notebook: (folder / "work.ipynb").symlink_to(target)


def pipe(folder, notebook):
    os.mkfifo(folder / "work.ipynb")


def directory(folder, notebook):
    (folder / "work.ipynb").mkdir()


def zipped(*entries):
    def write(folder, notebook):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in entries:
                archive.writestr(name, dumped(notebook) if data is None else data)
        (folder / "work.zip").write_bytes(stream.getvalue())

    return write


def link_entry() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("work.ipynb")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def bomb(folder, notebook):
    """A zip file of 0.1 MB that unpacks to 100 MB; a larger one is refused by the same number."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("work.ipynb", "w", force_zip64=False) as entry:
            for _ in range(100):
                entry.write(b" " * 1_000_000)
    (folder / "work.zip").write_bytes(stream.getvalue())


def crowded(folder, notebook):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for n in range(100_000):
            archive.writestr(f"{n}.ipynb", b"")
    (folder / "work.zip").write_bytes(stream.getvalue())


def right(folder, notebook):
    save(folder / "work.ipynb", notebook)


def odd_names(folder, notebook):
    save(folder / f"{ODD}.ipynb", notebook)


def config_files(folder, notebook):
    save(folder / "work.ipynb", notebook)
    bad = "raise SystemExit('read the student\\'s file')\n"
    (folder / "conftest.py").write_text(bad)
    for name in ("pytest.ini", "tox.ini", "setup.cfg"):
        (folder / name).write_text(
            "[pytest]\naddopts = --no-such-option\n[tool:pytest]\naddopts = -x"
        )
    (folder / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "--no-such"\n')
    (folder / ".coveragerc").write_text("[run]\nplugins = nosuch\n")


def modules(folder, notebook):
    save(folder / "work.ipynb", notebook)
    bad = "raise SystemExit('imported the student\\'s module')\n"
    for name in ("numpy.py", "json.py", "sitecustomize.py", "usercustomize.py"):
        (folder / name).write_text(bad)
    for name in ("tinylab", ".ipython/profile_default/startup"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(bad)


def forged_time(folder, notebook):
    notebook = json.loads(json.dumps(notebook))
    notebook["metadata"]["submitted"] = "1999-01-01T00:00:00Z"
    save(folder / "work.ipynb", notebook)
    os.utime(folder / "work.ipynb", (0, 0))


def three_times(folder, notebook):
    """Right in the morning, wrong an hour before the deadline, right again the day after it."""
    wrong = json.loads(json.dumps(notebook))
    answer(wrong, BYTES)["source"] = WRONG
    for name, one, hours in (("c", notebook, 10), ("a", wrong, 17), ("b", notebook, 40)):
        save(folder / f"{name}.ipynb", one)
        when = calendar.timegm((2026, 11, 24, hours, 0, 0))
        os.utime(folder / f"{name}.ipynb", (when, when))


def the_newest_in_time_counts(run):
    rows = run.rows("c-B25_25")
    assert [row["counts"] for row in rows] == ["no", "yes", "no"]
    assert [row["points"] for row in rows] == ["12", "9", "12"]


CASES = (
    HandedIn("B01", "truncated", raw(lambda data: data[: len(data) // 2]), **REFUSED),
    HandedIn("B02", "empty", lambda f, n: (f / "work.ipynb").touch(), **REFUSED),
    HandedIn("B03", "byte order mark", raw(lambda data: b"\xef\xbb\xbf" + data)),
    HandedIn(
        "B04",
        "UTF-16",
        raw(lambda d: d.decode().encode("utf-16")),
        flags=("encoding",),
        quick=True,
    ),
    HandedIn("B05", "trailing NULs", raw(lambda d: d + b"\0" * 9), flags=("trailing_nul",)),
    HandedIn("B06", "merge", raw(lambda d: b"<<<<<<< HEAD\n" + d + b"\n>>>>>>> x\n"), **REFUSED),
    HandedIn("B07", "a list", raw(lambda data: b"[1, 2]"), **REFUSED),
    HandedIn("B07b", "a number", raw(lambda data: b"3.5"), **REFUSED),
    HandedIn("B08", "format 3", number(3), **REFUSED),
    HandedIn("B09", "format 5", number(5), **REFUSED),
    HandedIn("B09b", "format 99", number(99), **REFUSED),
    HandedIn("B10", "odd cells", edited(odd_cells), flags=("repaired",)),
    HandedIn("B11", "lists of lines", edited(as_lines)),
    HandedIn("B12", "lone surrogate", edited(surrogate), lost=(BYTES,), flags=("lone_surrogate",)),
    HandedIn("B13", "odd characters", edited(odd_characters), flags=("hidden_characters",)),
    HandedIn("B14", "duplicate keys", raw(twice), **REFUSED, quick=True),
    HandedIn("B15", "NaN", edited(not_a_number)),
    HandedIn("B16", "nested", raw(lambda data: b"[" * 200_000), **REFUSED, at_once=True),
    HandedIn("B17", "30 MB attachment", edited(attachment)),
    HandedIn("B17b", "200 MB", enormous, status="limit"),
    HandedIn("B18", "5,000 cells", edited(many_cells), status="limit"),
    HandedIn("B19", "link out", link("/etc/passwd"), **REFUSED),
    HandedIn(
        "B19b", "link to another student", link("../1-honest/work.ipynb"), **REFUSED, quick=True
    ),
    HandedIn("B20", "pipe", pipe, **REFUSED),
    HandedIn("B20b", "directory", directory, **REFUSED),
    HandedIn("B20c", "device", link("/dev/zero"), **REFUSED),
    HandedIn("B21", "zip: ../", zipped(("../../work.ipynb", None)), **REFUSED, quick=True),
    HandedIn("B21b", "zip: absolute", zipped(("/tmp/work.ipynb", None)), **REFUSED),
    HandedIn("B21c", "zip: link", zipped((link_entry(), b"/etc/passwd")), **REFUSED),
    HandedIn("B21d", "zip: bomb", bomb, status="limit"),
    HandedIn("B21e", "zip: 100,000 entries", crowded, status="limit"),
    HandedIn("B21f", "zip: case", zipped(("w.ipynb", None), ("W.ipynb", None)), **REFUSED),
    HandedIn("B22", "odd file name", odd_names),
    HandedIn("B22b", "odd name of a student", right, named=ODD, quick=True),
    HandedIn("B23", "settings beside it", config_files),
    HandedIn("B24", "modules beside it", modules),
    HandedIn(
        "B25",
        "three times, the last one late",
        three_times,
        rows=3,
        deadline="2026-11-24T18:00:00Z",
        packed=True,
        named="c-B25_25_assignsubmission_file",
        also=the_newest_in_time_counts,
        quick=True,
    ),
    HandedIn("B26", "forged times", forged_time),
)
