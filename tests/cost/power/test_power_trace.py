"""Power traces: what is put in comes out, in every meter's columns; files that say too little."""

import numpy as np
import pytest

from tinylab import cost
from tinylab.cost.power.power_trace import modelled_power_trace, read_power_trace

KWS, BOARD = cost.benchmarks()["kws"], cost.DEFAULT_BOARD


def test_the_modelled_trace_holds_the_energy_that_is_predicted():
    found = modelled_power_trace(KWS, BOARD, inferences=4)
    taken = cost.energy(KWS, BOARD)
    idle = float(cost.rest_power_mW(BOARD, "idle", taken.clock_MHz))
    busy = found.power_mW > (taken.power_mW + idle) / 2
    starts = np.flatnonzero(np.diff(busy.astype(int)) == 1)
    assert len(starts) == 4
    each = found.power_mW[busy].sum() / 4 * (found.time_ms[1] - found.time_ms[0])
    assert each == pytest.approx(taken.energy_uJ, rel=0.02)
    assert found.power_mW[~busy].mean() == pytest.approx(idle, rel=0.01)
    assert found.kind == "modelled"


def test_a_chip_that_is_always_busy_never_idles():
    found = modelled_power_trace(KWS, BOARD, inferences=2, busy_share=1.0)
    power = cost.energy(KWS, BOARD).power_mW
    np.testing.assert_allclose(found.power_mW, power, rtol=0.25)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("time (s),current (A),voltage (V),power (W)\n0,0.01,3,0.03\n0.001,0.02,3,0.06\n", {}),
        ("#note\nTimestamp (s),Main current (A),Main voltage (V)\n5,0.01,3\n5.001,0.02,3\n", {}),
        ("Timestamp(ms),Current(uA)\n0,10000\n1,20000\n", {"supply_V": 3.0}),
        ("time_ms;power_mW\n0;30\n1;60\n", {}),
        ("time_ms;power_mW\n0;30;\n1;60;\n", {}),
        ("\ufefftime (us)\tcurrent (µA)\n0\t10000\n1000\t20000\n", {"supply_V": 3.0}),
    ],
)
def test_meters_write_the_same_in_many_ways(tmp_path, text, options):
    path = tmp_path / "trace.csv"
    path.write_text(text, encoding="utf-8")
    found = read_power_trace(path, **options)
    np.testing.assert_allclose(found.time_ms, [0, 1])
    np.testing.assert_allclose(found.power_mW, [30, 60])
    assert found.kind == "measured"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Timestamp(ms),Current(uA)\n0,1\n1,2\n", "it holds no voltage, so pass supply_V"),
        ("a,b\n0,1\n1,2\n", "no column is a time"),
        ("time (s),humidity (%)\n0,1\n1,2\n", "no column is a power or a current"),
        ("time (s),power (W)\n0,1\n0,2\n", "the time must rise"),
        ("time (s),power (W)\n0,1\n1,x\n", "a cell is not a number"),
        ("time (s),power (W)\n0,1\n1\n", "every row needs 2 numbers"),
        ("time (s),power (W)\n0,0,1,5\n0,1,1,6\n", "a point for decimals"),
        ("time (s),power (W)\n0,1\n1,nan\n", "every cell must be a finite"),
        ("time (s),power (W)\n", "a row of names and two or more"),
    ],
)
def test_files_that_say_too_little(tmp_path, text, sentence):
    path = tmp_path / "trace.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        read_power_trace(path)


def test_nonsense_is_refused():
    for wrong in ({"inferences": 0}, {"busy_share": 1.5}, {"samples_per_s": -1.0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            modelled_power_trace(KWS, BOARD, **wrong)
