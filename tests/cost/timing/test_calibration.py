"""The errors that a calibration states, computed again from its fits and measurements."""

from collections import defaultdict
from itertools import combinations, pairwise

import numpy as np
import pytest

from tinylab.cost import benchmarks, measurements
from tinylab.cost.catalogue.measurements import comparable
from tinylab.cost.timing.calibration import ERROR_SHRINKAGE, UNKNOWN_ERROR, calibrate
from tinylab.cost.timing.fitting import leave_out, mean_cycles, version_order


@pytest.fixture(scope="module")
def used():
    return comparable(measurements())


@pytest.fixture(scope="module")
def model(used):
    return calibrate(used)


def root_mean_square(values) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def test_the_error_of_a_board_is_the_spread_between_boards(used, model):
    same = defaultdict(list)
    for (key, _, benchmark), cycles in mean_cycles(used).items():
        same[key, benchmark].append(cycles)
    pairs = [pair for cycles in same.values() for pair in combinations(cycles, 2)]
    assert len(pairs) > 10
    spread = root_mean_square([np.log(a / b) for a, b in pairs])
    # Two boards differ by the errors of both, so the square of one error is half of theirs.
    assert model.board_error == pytest.approx(spread / np.sqrt(2))


def test_the_error_of_a_version_is_the_change_between_versions(used, model):
    measured = {key for key, _, _ in mean_cycles(used)}
    families = defaultdict(list)
    for key in sorted(measured, key=lambda key: version_order(key.version)):
        families[key.core, key.stack, key.precision].append(model.fits[key].cycles_per_unit)
    changes = [
        np.log((amounts @ new) / (amounts @ old))
        for fits in families.values()
        for old, new in pairwise(fits)
        for amounts in (benchmarks()[name].features for name in ("kws", "ic", "ad"))
    ]
    assert len(changes) > 10
    assert model.stack_error == pytest.approx(root_mean_square(changes))


def test_the_error_of_a_core_is_drawn_towards_that_of_all(used, model):
    """As if each core had four errors more, of the size of everyone's."""
    own = defaultdict(list)
    for one, error in leave_out(used, lambda one: one.benchmark):
        own[one.core, one.precision].append(error)
    everyone = [UNKNOWN_ERROR, *(error for errors in own.values() for error in errors)]
    pooled = np.mean([min(error**2, 1.0) for error in everyone])
    assert set(model.model_error) == set(own)
    for name, errors in own.items():
        squares = [*np.square(errors), *[pooled] * int(ERROR_SHRINKAGE)]
        assert model.model_error[name] == pytest.approx(np.sqrt(np.mean(squares)))


def test_errors_of_model_board_and_version_add_as_squares(model):
    for key in model.fits:
        width = model.widths.of(key.core)
        known = model.error(key)
        for part, asked in (("board", "same_board"), ("stack", "same_stack")):
            more = model.error(key, **{asked: False}) ** 2 - known**2
            assert more == pytest.approx((width * getattr(model, f"{part}_error")) ** 2)


def test_fits_are_on_the_average_neither_too_slow_nor_too_quick_on_a_board(model):
    """A board's factor takes its mean error away: its cycles over those of an average board."""
    errors = [abs(np.mean(one.logs)) for one in model.residuals.values()]
    assert np.mean(errors) < 0.035


def test_without_two_boards_or_versions_the_errors_are_assumed(used):
    first = used[0]
    alone = [
        one
        for one in used
        if (one.board, one.stack, one.version, one.precision)
        == (first.board, first.stack, first.version, first.precision)
    ]
    model = calibrate(alone)
    assert model.board_error == model.stack_error == UNKNOWN_ERROR
