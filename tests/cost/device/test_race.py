"""Hurry or slow down: each wins on some board, and the slow clock is just in time."""

import pytest

from tinylab import cost

KWS = cost.benchmarks()["kws"]
LISTENING = cost.Device(1.0, features_cycles=7e6)


def test_a_large_static_part_and_deep_sleep_make_hurrying_pay():
    device = cost.Device(1.0, features_cycles=7e6, collecting="sleep")
    race = cost.race_to_idle(KWS, "nucleo_l4r5zi_p", device)
    assert race.better == "fast" and race.saving_pct > 10


def test_a_device_that_stays_awake_does_better_at_a_slow_clock():
    race = cost.race_to_idle(KWS, "nucleo_u575zi_q", LISTENING, static_share=0.0)
    assert race.better == "slow" and race.saving_pct > 10
    assert race.slow.busy_ms == pytest.approx(1000, rel=1e-6)
    assert race.slow.clock_MHz < race.fast.clock_MHz


def test_both_are_budgets_of_the_same_device():
    race = cost.race_to_idle(KWS, "nucleo_l4r5zi_p", LISTENING)
    assert race.fast == cost.device_budget(KWS, "nucleo_l4r5zi_p", LISTENING)
    assert [one.counted for one in race.slow.parts] == [one.counted for one in race.fast.parts]
