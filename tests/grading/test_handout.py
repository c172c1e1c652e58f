"""The students' bundle: nothing of the teacher's in it, whole or not at all, and usable."""

import hashlib
import json
import os
import re
import subprocess
import sys

import pytest

from tests.sources import source_of
from tinylab.course.notebooks.build import find_sources, source_names
from tinylab.course.notebooks.source import BEGIN, END
from tinylab.grading import handout as module
from tinylab.grading.handout import CHECKSUMS, release
from tinylab.grading.sandbox.level import LEVELS, best_level


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return release(tmp_path_factory.mktemp("release") / "students").folder


def names(bundle) -> set[str]:
    return {p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file()}


def test_what_is_in_it(bundle):
    found = names(bundle)
    assert {f"notebooks/{name}.ipynb" for name in source_names()} <= found
    assert {"start.py", "requirements.txt", "datasets/README.md", "tinylab/doctor.py"} <= found
    assert "tinylab/grading/rules/released.json" in found


def test_every_link_of_its_readme_leads_somewhere(bundle):
    text = (bundle / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert "docs/moving_picture.webp" in links and "datasets/README.md" in links
    assert [link for link in links if not (bundle / link).exists()] == []
    assert "| a teacher | [For teachers](#for-teachers), and the guide with a page" in text


def test_what_is_not_in_it(bundle):
    for name in names(bundle):
        assert not re.search(r"^notebooks/(source|solutions|my_work)|^tests|\.pyc$", name)


def test_no_solution_is_in_a_notebook_nor_in_what_checks_compare_with(bundle):
    written = [p.read_text("utf-8") for p in (bundle / "notebooks").rglob("*.ipynb")]
    written.append((bundle / "tinylab/grading/rules/released.json").read_text("utf-8"))
    text = "\n".join(json.dumps(json.loads(one), sort_keys=True) for one in written)
    for name in source_names():
        source = source_of(name)
        for code in source.exercise_cells().values():
            region = code.split(BEGIN, 1)[1].split(END, 1)[0].strip("\n").rsplit("\n", 1)[0]
            assert json.dumps(region)[1:-1] not in text


def solution_lines() -> dict[str, str]:
    """Every line of code of a solution that says something, without spaces, and its exercise."""
    lines = {}
    for source in find_sources():
        for exercise, code in source.exercise_cells().items():
            region = code.split(BEGIN, 1)[1].rpartition(END)[0]
            for line in region.splitlines():
                if len(line.strip()) > 25 and not line.strip().startswith("#"):
                    lines["".join(line.split())] = exercise
    return lines


def test_no_line_of_a_solution_is_in_the_package(bundle):
    known, repeated = solution_lines(), []
    assert len(known) > 100
    for path in (bundle / "tinylab").rglob("*.py"):
        for line in path.read_text("utf-8").splitlines():
            exercise = known.get("".join(line.split()))
            if exercise:
                repeated.append(f"{path.relative_to(bundle)} repeats {exercise}: {line.strip()}")
    assert repeated == [], "\n".join(repeated)


def test_checksums_name_every_file(bundle):
    lines = (bundle / CHECKSUMS).read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    assert set(sums) == names(bundle) - {CHECKSUMS}
    for name in ("tinylab/doctor.py", "datasets/README.md"):
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == sums[name]


def test_a_student_checks_her_notebook_with_it(bundle, tmp_path):
    if best_level() == LEVELS[0]:
        pytest.skip("this machine allows no namespaces, so nothing is graded on it")
    (tmp_path / "mine.ipynb").write_text(json.dumps(source_of("00_start_here").solution()))
    checked = subprocess.run(
        [sys.executable, "-m", "tinylab.cli", "check", str(tmp_path / "mine.ipynb")],
        cwd=bundle,
        env={**os.environ, "PYTHONPATH": str(bundle), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert "00_start_here: 12 of 12 points" in checked.stdout, checked.stderr
    code = "import tinylab; print(tinylab.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", code],
        cwd=bundle,
        env={**os.environ, "PYTHONPATH": str(bundle)},
        capture_output=True,
        text=True,
    )
    assert where.stdout.startswith(str(bundle))


def test_what_is_there_is_never_overwritten(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("x")
    with pytest.raises(FileExistsError, match="there already"):
        release(tmp_path / "out")
    assert [p.name for p in tmp_path.rglob("*")] == ["out", "mine.txt"]


def test_a_failure_leaves_nothing(tmp_path, monkeypatch):
    def broken(assignments):
        raise OSError("the disk is full")

    monkeypatch.setattr(module, "released_text", broken)
    with pytest.raises(OSError, match="full"):
        release(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
