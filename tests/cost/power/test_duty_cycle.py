"""Average power at the ends of the duty cycle."""

import pytest

from tinylab.cost.power.duty_cycle import average_power


def test_a_device_that_is_always_busy_draws_its_active_power():
    assert average_power(12.0, 0.5, latency_ms=40.0, period_ms=40.0) == 12.0
    with pytest.raises(ValueError, match="longer than the period"):
        average_power(12.0, 0.5, latency_ms=40.1, period_ms=40.0)
