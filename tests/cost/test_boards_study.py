"""A sweep of many models, boards and clocks gives what single estimates give."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab import cost

MODELS = cost.benchmarks()


@settings(max_examples=40)
@given(
    st.sampled_from(["nucleo_l4r5zi_p", "nucleo_u575zi_q"]),
    st.floats(0.3, 1),
    st.floats(1.5, 1e3),
    st.sampled_from(["kws", "ad", "sww"]),
    st.sampled_from(["sleep", "idle"]),
)
def test_a_sweep_equals_single_budgets(name, share, period_s, model, rest):
    clock, asked = share * cost.board(name).clock_max.value, MODELS[model]
    device = cost.Device(period_s, features_cycles=7e6, rest=rest)
    single = cost.device_budget(asked, name, device, clock_MHz=clock)
    swept = cost.sweep([asked], [name], [share], device=device)
    assert swept.average_power_mW.item() == pytest.approx(single.average_power_mW, rel=1e-9)
    days = np.nan if single.life is None else single.life.days
    assert swept.battery_days.item() == pytest.approx(days, rel=1e-9, nan_ok=True)
    used = cost.energy(asked, name, clock_MHz=clock)
    assert swept.energy_uJ.item() == pytest.approx(used.energy_uJ, rel=1e-9)


def test_a_sweep_marks_what_is_unknown_or_impossible():
    device = cost.Device(0.1, collect_s=0.0)
    swept = cost.sweep([MODELS["ic"]], ["nucleo_l4r5zi_p", "disco_f746ng"], [0.1], device=device)
    assert np.isnan(swept.average_power_mW).all()
    assert np.isfinite(swept.latency_ms).all()
    assert np.isfinite(swept.energy_uJ[0, 0, 0]) and np.isnan(swept.energy_uJ[0, 1, 0])
