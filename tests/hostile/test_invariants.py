"""The invariants notice what they are for: a run that breaks one of them fails."""

import os
from dataclasses import replace

import pytest

from tests.hostile import invariants
from tests.hostile.grader import CANARY, contents


@pytest.mark.hostile(quick=True)
@pytest.mark.parametrize(
    ("check", "change"),
    [
        (invariants.one_row_per_submission, {"expected": {"1-honest": 2}}),
        (invariants.one_row_per_submission, {"expected": {"somebody": 1}}),
        (invariants.the_batch_ends_without_a_fault, {"code": 1}),
        (invariants.nothing_survives, {"left": ["sleep 300"]}),
        (invariants.nothing_outside_changed, {"changed": ["tinylab/cli.py"]}),
        (invariants.it_took_no_longer_than_allowed, {"cpu_s": 1e3}),
        (invariants.no_secret_comes_out, {"told": f"the key is {CANARY}"}),
    ],
)
def test_a_broken_invariant_is_noticed(check, change, one_honest):
    check(one_honest)
    with pytest.raises(AssertionError):
        check(replace(one_honest, **change))


def test_a_changed_file_is_noticed_whatever_its_time(tmp_path):
    (tmp_path / "file").write_text("one")
    times = os.stat(tmp_path / "file")
    before = contents([tmp_path])
    assert contents([tmp_path]) == before
    (tmp_path / "file").write_text("two")
    os.utime(tmp_path / "file", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert contents([tmp_path]) != before
