"""Performance mode against a clock of our own: nothing here waits."""

import pytest

from tinylab.benchmark.performance import median_throughput, time_inferences
from tinylab.benchmark.rules import TASKS


class Clock:
    """Seconds that pass only when something is inferred."""

    def __init__(self, seconds_each):
        self.now, self.calls, self.seconds_each = 0.0, 0, seconds_each

    def infer(self):
        self.calls += 1
        self.now += self.seconds_each(self.calls)

    def __call__(self):
        return self.now


def test_five_windows_of_ten_seconds():
    clock = Clock(lambda call: 0.02)
    result = time_inferences(clock.infer, TASKS["kws"], clock=clock)
    assert result.per_second == pytest.approx(50)
    assert result.latency_ms == pytest.approx(20) and result.by_the_rules
    assert len(result.durations_s) == 5 and min(result.durations_s) >= 10
    assert set(result.inferences) == {560}  # 8 times 70; 7 times would be 9.8 s
    assert clock.calls == 5 * (560 + 10)  # the warm-up is not counted


def test_one_slow_window_does_not_move_the_median():
    clock = Clock(lambda call: 0.5 if 600 < call < 700 else 0.02)
    result = time_inferences(clock.infer, TASKS["kws"], clock=clock)
    assert result.per_second == pytest.approx(50)


def test_short_windows_are_said_to_be_short():
    clock = Clock(lambda call: 0.02)
    result = time_inferences(clock.infer, TASKS["kws"], window_s=1.0, clock=clock)
    assert not result.by_the_rules and "the rules ask for 5 windows of 10 s" in str(result)


@pytest.mark.parametrize(
    ("windows", "says"),
    [
        ([(100, 10.0)] * 4, "5 windows, not 4"),
        ([(100, 10.0)] * 4 + [(99, 9.9)], "a window of 9.9 s is too short"),
    ],
)
def test_windows_against_the_rules_are_refused(windows, says):
    with pytest.raises(ValueError, match=says):
        median_throughput(windows)


def test_the_median_is_of_throughputs():
    windows = [(100, 10.0), (100, 20.0), (100, 10.0), (400, 20.0), (900, 10.0)]
    assert median_throughput(windows) == 10


def test_no_window_no_measurement():
    with pytest.raises(ValueError, match="must last some time"):
        time_inferences(lambda: None, TASKS["kws"], window_s=0)
