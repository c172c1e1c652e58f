"""What a device draws on average when it works now and then."""

import numpy as np

from tinylab.cost.catalogue.checks import at_least, positive

__all__ = ["average_power"]


def average_power(active_mW, rest_mW, latency_ms, period_ms):
    """Average power, for numbers or arrays: the one while active, the other for the rest.

    Two states alone; a whole device has more, see `tinylab.cost.device_budget`.

    Raises
    ------
    ValueError
        A latency longer than the period: the device cannot keep up. A negative or infinite number.
    """
    at_least("active_mW", active_mW, 0, "mW")
    at_least("rest_mW", rest_mW, 0, "mW")
    at_least("latency_ms", latency_ms, 0, "ms")
    positive("period_ms", period_ms, "ms")
    duty = np.asarray(latency_ms) / np.asarray(period_ms)
    if np.any(duty > 1):
        raise ValueError(
            "the latency is longer than the period: take a longer period or a faster clock"
        )
    return duty * active_mW + (1 - duty) * rest_mW
