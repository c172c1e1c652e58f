"""Every energy explorer can show both answers: its verdict flips inside its controls' range."""

import numpy as np


def best_clock(explorer, rest: str) -> int:
    return int(np.nanargmin(explorer.result.power_mW(rest)))


def test_hurry_or_slow_down(make):
    """Idle and nothing constant: slow down. Deep sleep and half of the power constant: hurry."""
    explorer = make("clock").set(board="nucleo_u575zi_q", period_ms=100)
    explorer.set(static="0")
    top = len(explorer.result.clock_MHz) - 1
    assert best_clock(explorer, "idle") < top and ": slow down." in explorer.text
    explorer.set(static="50")
    assert best_clock(explorer, "sleep") == top and ": hurry." in explorer.text
    texts = [explorer.set(period_ms=10_000, static=share).text for share in ("0", "20")]
    assert any("it hardly matters" in text for text in texts)


def test_low_voltage_or_hurry(make):
    explorer = make("dvfs").set(board="nucleo_u575zi_q", rest="sleep", slack=12)
    low = explorer.set(static_percent=0, scaling=True).result.best.point
    high = explorer.set(static_percent=60, scaling=False).result.best.point
    points = [spending.point.clock_MHz for spending in explorer.result.spendings]
    assert low.clock_MHz < points[-1] and high.clock_MHz == points[-1]


def test_compute_or_send(make):
    explorer = make("radio")
    texts = [explorer.set(radio_id=name).text for name in explorer.controls["radio_id"].options]
    assert any("send it" in text for text in texts)
    assert any("compute here" in text for text in texts)


def test_the_battery_lasts_longer_at_a_fast_or_at_a_slow_clock(make):
    """Awake while it records, a slow clock waits cheaper; asleep, a fast one is done sooner."""
    explorer = make("battery").set(board="nucleo_l4r5zi_p", battery="lipo_500")
    awake = explorer.set(collecting="idle").result.days
    asleep = explorer.set(collecting="sleep").result.days
    assert np.nanargmax(awake) < len(awake) - 1 and np.nanargmax(asleep) == len(asleep) - 1
