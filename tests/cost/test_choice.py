"""Choices between two uncertain costs, against a simulation and by symmetry."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylab.cost import choose_between


def test_against_a_simulation():
    """Draw both costs; measuring one means to know it, and to keep the other's estimate."""
    rng = np.random.default_rng(0)
    spread_a, spread_b = np.log(1.5) / 1.645, np.log(1.2) / 1.645
    a = np.log(10) + rng.normal(0, spread_a, 400_000)
    b = np.log(11) + rng.normal(0, spread_b, 400_000)
    found = choose_between(10.0, 15.0, 11.0, 13.2)
    assert found.probability == pytest.approx((a < b).mean(), abs=0.005)
    saved = np.log(10) - np.minimum(a, np.log(11))
    assert found.worth_first == pytest.approx((saved - (np.log(10) - a)).mean(), abs=0.002)


@given(*[st.floats(1.0, 100.0)] * 2, *[st.floats(1.001, 3.0)] * 2)
def test_the_laws_of_a_choice(a, b, wide_a, wide_b):
    found = choose_between(a, a * wide_a, b, b * wide_b)
    back = choose_between(b, b * wide_b, a, a * wide_a)
    assert found.probability + back.probability == pytest.approx(1)
    assert (found.probability > 0.5) == (a < b) or a == pytest.approx(b, rel=1e-6)
    assert found.worth_first == pytest.approx(back.worth_second, abs=1e-12)
    wider = choose_between(a, a * wide_a * 1.1, b, b * wide_b)
    assert wider.worth_first >= found.worth_first - 1e-12


def test_what_is_known_needs_no_measurement():
    sure = choose_between(1.0, 1.0, 2.0, 2.0)
    assert (sure.probability, sure.worth_first, sure.worth_second) == (1.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="first_high must be at least its estimate, 2, not 1"):
        choose_between(2.0, 1.0, 2.0, 3.0)
