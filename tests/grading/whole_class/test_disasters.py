"""A full disk and a clock that jumps: nothing is lost, nothing is graded twice."""

import ast
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import tinylab.grading
from tests.grading.whole_class.test_batch import records, run
from tinylab.grading.records.record_book import BOOK, verify
from tinylab.paths import PROJECT

CLOCKS = {"time.time", "time.time_ns", "time.localtime", "time.gmtime", "date.today"}
CLOCKS |= {"datetime.now", "datetime.utcnow", "datetime.today", "datetime.datetime.now"}


@pytest.mark.skipif(os.name != "posix", reason="limits a process the Unix way")
def test_a_full_disk_loses_nothing(hand_in, tmp_path, batch, key):
    """The book may grow to two records and a half: the third is torn in the middle."""
    folder, out = hand_in(*(f"ada{n}" for n in range(4))), tmp_path / "out"
    run(folder, tmp_path / "whole", batch)
    room = (tmp_path / "whole" / BOOK).stat().st_size * 5 // 8
    code = f"""
import resource
from pathlib import Path
from tests.grading.whole_class import test_batch as tests
from tinylab.grading.whole_class.batch import Batch
from tinylab.grading.records.record_book import Key
from tinylab.grading.rules.assignment import load_assignments
from tinylab.grading.rules.config import read_config
names = load_assignments()
rules = Batch(read_config(), Key({key.secret!r}), names, frozenset(names), tests.NOW)
resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))
tests.run(Path({str(folder)!r}), Path({str(out)!r}), rules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 1 and "OSError" in done.stderr
    assert len(records(out)) == 2
    summary = run(folder, out, batch, resume=True)
    assert (summary.kept, summary.graded, summary.faults) == (2, 2, ())
    assert Counter(record.student for record in records(out)) == {f"ada{n}": 1 for n in range(4)}
    assert verify(out, key).problems == ()


def test_no_part_of_grading_asks_what_time_it_is():
    """Deadlines of processes are measured by a clock that never jumps, receive times are stated."""
    asking = []
    for path in sorted(Path(tinylab.grading.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in CLOCKS:
                asking.append(f"{path.name}, line {node.lineno}: {ast.unparse(node.func)}")
    assert asking == []
