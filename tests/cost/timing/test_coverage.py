"""Conformal widths: they hold what they promise, whatever the errors are distributed like."""

import numpy as np
import pytest

from tinylab.cost.timing.calibration import calibrate
from tinylab.cost.timing.coverage import COVERAGE, Z90, conformal_width, is_plain_cortex_m


@pytest.mark.parametrize("kind", ["normal", "laplace", "standard_cauchy", "uniform"])
def test_new_errors_lie_inside_nine_times_of_ten(kind):
    """The guarantee of split conformal prediction needs no normal distribution."""
    rng = np.random.default_rng(0)
    held = []
    for _ in range(400):
        errors = np.abs(getattr(rng, kind)(size=80))
        width = conformal_width(errors[:40]) * Z90
        held.append(np.mean(errors[40:] <= width))
    assert np.mean(held) == pytest.approx(COVERAGE, abs=0.02)


def test_normal_errors_keep_the_normal_width():
    scores = np.abs(np.random.default_rng(1).standard_normal(20_000))
    assert conformal_width(scores) == pytest.approx(1.0, abs=0.03)


def test_the_rank_is_that_of_the_theory():
    """Of 9 scores the largest, of 19 the second largest; fewer than 9 say nothing."""
    assert conformal_width(range(1, 10)) * Z90 == pytest.approx(9)
    assert conformal_width(range(1, 20)) * Z90 == pytest.approx(18)
    assert conformal_width([5.0] * 8) == 1.0


def test_a_core_beside_an_accelerator_is_not_plain():
    assert is_plain_cortex_m("Cortex-M33") and not is_plain_cortex_m("Cortex-M33 + MVP")
    widths = calibrate().widths
    assert widths.of("Cortex-M4") == widths.plain < widths.other == widths.of("GAP9 + NE16")


def test_the_width_multiplies_every_error():
    model = calibrate()
    key = next(key for key in model.fits if key.core == "Cortex-M7" and key.precision == "int8")
    plain = model.model_error["Cortex-M7", "int8"]
    assert model.error(key) == pytest.approx(plain * model.widths.plain)
    both = np.hypot(plain, model.board_error)
    assert model.error(key, same_board=False) == pytest.approx(both * model.widths.plain)
