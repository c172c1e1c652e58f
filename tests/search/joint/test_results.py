"""What was measured of compressed networks with exits: kept whole, and in step with its sister."""

import numpy as np
import pytest

from tests.search.joint.examples import SPACE, THRESHOLDS, made_up_results
from tinylab.search.joint.results import (
    JointResults,
    bundled_joint_results,
    read_joint,
    write_joint,
)
from tinylab.search.joint.settings import Compression, exits_of
from tinylab.search.results import bundled_results


def test_results_are_read_as_they_were_written(tmp_path):
    results = made_up_results()
    write_joint(tmp_path / "joint.npz", results)
    read = read_joint(tmp_path / "joint.npz")
    assert read.subject == results.subject
    np.testing.assert_array_equal(read.right, results.right)
    np.testing.assert_array_equal(read.early, results.early)


def test_counts_of_another_space_are_refused():
    results = made_up_results()
    with pytest.raises(ValueError, match="counts"):
        JointResults(results.subject, results.right[:, 1:], results.early)


def test_every_network_comes_plain_and_with_every_earlier_exit():
    exits = exits_of(SPACE, THRESHOLDS)
    for number, one in enumerate(SPACE.architectures[::7]):
        rows = exits.network == 7 * number
        assert list(exits.after[rows][:1]) == [0] and np.isnan(exits.threshold[rows][0])
        pairs = list(zip(exits.after[rows][1:], exits.threshold[rows][1:]))
        assert pairs == [(k, t) for k in range(1, one.depth) for t in THRESHOLDS]


def test_eight_bits_and_all_weights_are_the_table_of_the_super_network():
    joint, table = bundled_joint_results(), bundled_results()
    assert joint.subject.compressions[0] == Compression(8, 1.0)
    assert joint.subject.examples == table.examples and joint.space == table.space
    plain = joint.accuracy[0, joint.exits.after == 0]
    assert np.abs(plain - np.array(table.accuracy)).max() < 0.02


def test_nobody_leaves_without_an_exit_and_more_do_at_a_lower_threshold():
    joint = bundled_joint_results()
    exits, early = joint.exits, joint.early
    assert not early[:, exits.after == 0].any()
    low, high = (early[:, exits.threshold == each] for each in joint.subject.thresholds[::2])
    assert (low >= high).all() and (low > high).mean() > 0.9


def test_programs_answer_as_the_table_says():
    """Activations are int8 in the program, and float in the table."""
    for row in bundled_joint_results().subject.programs:
        assert row.program == pytest.approx(row.table, abs=0.03)
