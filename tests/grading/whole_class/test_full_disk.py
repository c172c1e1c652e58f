"""A disk that becomes full: nothing is lost, nothing half-written stays, and --resume goes on."""

import errno
import subprocess

import pytest
from click.testing import CliRunner

from tests.grading.whole_class.test_batch import by_student, records, run
from tinylab.cli import main
from tinylab.grading.records.record_book import verify
from tinylab.grading.reports.write import write_reports

DISK, PAGE = 4_000_000, 4096
STUDENTS = ("ada", "bob")


@pytest.fixture
def disk(tmp_path):
    """A folder on a disk of its own, which holds 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    try:
        if subprocess.run(words, capture_output=True).returncode:
            pytest.skip("only root may make a small disk to fill")
    except FileNotFoundError:
        pytest.skip("this machine has no mount command")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def leave(folder, pages: int) -> None:
    """Fill a disk with one file until so many pages of it are free."""
    filler = folder / "filler"
    filler.unlink(missing_ok=True)
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(PAGE))
        except OSError as error:
            assert error.errno == errno.ENOSPC
        file.truncate(max(0, file.tell() // PAGE * PAGE - pages * PAGE))


def everything(folder, out, batch) -> dict[str, bytes]:
    """Grade what is not graded yet and write the reports; what they say."""
    run(folder, out, batch, resume=True)
    write_reports(out, batch.config, batch.assignments)
    files = (path for path in out.rglob("*") if path.is_file())
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in files if "records" not in p.name}


def test_wherever_it_becomes_full_resuming_gives_what_a_large_disk_does(
    disk, hand_in, tmp_path, batch, key
):
    folder = hand_in(*STUDENTS)
    right = everything(folder, tmp_path / "large", batch)
    needed, stopped = sum(-(-len(content) // PAGE) for content in right.values()), 0
    for pages in (0, 3, needed // 2, needed):  # before the records, among them, among the reports
        out = disk / f"out{pages}"
        leave(disk, pages)
        try:
            everything(folder, out, batch)
        except OSError as error:
            assert error.errno == errno.ENOSPC
            stopped += 1
        assert not list(out.rglob(".writing-*"))
        for name, content in right.items():
            if (out / name).exists():
                assert (out / name).read_bytes() == content, name
        graded = len(by_student(out)) if (out / "records.jsonl").is_file() else 0
        (disk / "filler").unlink()
        assert everything(folder, out, batch) == right
        assert sorted(record.student for record in records(out)) == sorted(STUDENTS)
        assert len(records(out)) >= graded and verify(out, key).problems == ()
    assert stopped == 4


def test_a_full_disk_is_said_in_one_sentence(disk, hand_in, tmp_path):
    folder = hand_in("ada")
    leave(disk, 0)
    words = ["grade", str(folder), "--out", str(disk / "out"), "--key", str(tmp_path / "key")]
    refused = CliRunner().invoke(main, words)
    assert refused.exit_code == 1
    assert refused.output.splitlines()[-1] == (
        "Error: the disk is full: make room, then run the same command again, tinylab grade with "
        "--resume."
    )
