"""Analytic clipping against the published constants, scipy, and draws of known distributions."""

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from tinylab.compress.quantization.aciq import aciq_ratio, best_fit, expected_error, own_threshold
from tinylab.compress.quantization.clipping_noise import clipping_noise

PUBLISHED = {  # Banner et al. 2019, "ACIQ", in units of b and sigma
    "laplace": {2: 2.83, 3: 3.89, 4: 5.03},
    "gauss": {2: 1.71, 3: 2.15, 4: 2.55},
}


@pytest.mark.parametrize("distribution", PUBLISHED)
@pytest.mark.parametrize("bits", [2, 3, 4])
def test_aciq_constants_are_the_published_ones(distribution, bits):
    assert aciq_ratio(distribution, bits) == pytest.approx(PUBLISHED[distribution][bits], abs=0.011)


@pytest.mark.parametrize("distribution", PUBLISHED)
@pytest.mark.parametrize("bits", [2, 4, 8, 12])
def test_aciq_constants_minimise_the_expected_error(distribution, bits):
    minimum = optimize.minimize_scalar(
        lambda a: float(expected_error(a, bits, distribution)), bounds=(0.1, 30), method="bounded"
    )
    assert aciq_ratio(distribution, bits) == pytest.approx(minimum.x, rel=1e-3)


@pytest.mark.parametrize(
    ("distribution", "law"),
    [("laplace", stats.laplace(scale=0.7)), ("gauss", stats.norm(scale=0.7))],
)
def test_expected_error_is_clipped_tails_plus_rounding(distribution, law):
    threshold, bits = 1.3, 4
    tails = 2 * integrate.quad(lambda v: (v - threshold) ** 2 * law.pdf(v), threshold, np.inf)[0]
    rounding = (2 * threshold / 2**bits) ** 2 / 12
    assert expected_error(threshold, bits, distribution, 0.7) == pytest.approx(tails + rounding)


def test_unknown_distribution_is_refused():
    with pytest.raises(ValueError, match="laplace"):
        aciq_ratio("cauchy", 4)
    with pytest.raises(ValueError, match="laplace"):
        expected_error(1.0, 4, "cauchy")


@pytest.mark.parametrize("distribution", PUBLISHED)
@pytest.mark.parametrize("bits", [3, 4, 8])
def test_a_symmetric_quantizer_has_two_steps_fewer(distribution, bits):
    rng = np.random.default_rng(bits)
    x = rng.laplace(size=200_000) if distribution == "laplace" else rng.normal(size=200_000)
    threshold = aciq_ratio(distribution, bits, symmetric=True)
    assert threshold < aciq_ratio(distribution, bits)
    measured = clipping_noise(x, threshold, bits).total_error
    expected = expected_error(threshold, bits, distribution, symmetric=True)
    assert measured == pytest.approx(float(expected), rel=0.08)


@pytest.mark.parametrize(
    ("distribution", "law"), [("laplace", stats.laplace(0, 3)), ("gauss", stats.norm(0, 3))]
)
def test_the_likelier_distribution_fits(distribution, law):
    name, spread = best_fit(law.rvs(5000, random_state=1))
    assert name == distribution
    assert spread == pytest.approx(3, rel=0.05)


def test_own_tails_find_the_published_thresholds_where_the_distribution_is_known():
    x = np.abs(np.random.default_rng(0).laplace(size=400_000))
    steps = 2**7 - 1
    assert own_threshold(x, steps) == pytest.approx(
        aciq_ratio("laplace", 8, symmetric=True), rel=0.05
    )


def test_values_without_a_spread_are_refused():
    with pytest.raises(ValueError, match="other than 0"):
        best_fit(np.zeros(3))
