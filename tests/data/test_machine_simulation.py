"""The physics of the built-in machines: bearings by their formulas, faults at their frequencies."""

import importlib

import numpy as np
import pytest
from scipy.signal import hilbert

from tinylab.data import machines
from tinylab.signal.log_mel import log_mel

MODULES = ("machine", "sources", "faults", "surroundings", "simulate", "plan", "build")


@pytest.fixture(scope="module")
def simulation():
    """The modules that simulate machines, by name."""
    return {name: importlib.import_module(f"datasets.machines.{name}") for name in MODULES}


def test_a_bearings_orders_add_up(simulation):
    """Every ball passes the outer or the inner ring's point: the orders add up to the balls."""
    bearing = simulation["machine"].Bearing(9, 0.2, 15.0)
    assert bearing.outer_race + bearing.inner_race == pytest.approx(9)
    assert bearing.cage == pytest.approx(bearing.outer_race / 9)
    ratio = 0.2 * np.cos(np.radians(15))
    assert bearing.outer_race == pytest.approx(4.5 * (1 - ratio))
    assert bearing.ball_spin == pytest.approx(2.5 * (1 - ratio**2))


def test_published_orders_of_a_common_bearing(simulation):
    """SKF 6205 (9 balls of 7.94 mm on 39.04 mm): outer 3.585, inner 5.415, ball 2.357, cage 0.3983,
    as the Case Western Reserve bearing data list them (which count 4.7135 = two strikes a ball
    turn)."""
    bearing = simulation["machine"].Bearing(9, 7.94 / 39.04)
    assert bearing.outer_race == pytest.approx(3.585, abs=2e-3)
    assert bearing.inner_race == pytest.approx(5.415, abs=2e-3)
    assert 2 * bearing.ball_spin == pytest.approx(4.7135, abs=5e-3)
    assert bearing.cage == pytest.approx(0.3983, abs=1e-3)


def test_an_outer_race_fault_beats_at_its_frequency(simulation):
    """The envelope of the force has its strongest line where the geometry says."""
    machine = simulation["machine"].MACHINES[3]
    rng = np.random.default_rng(0)
    sources = simulation["sources"]
    running = sources.run_up(machine, 4.0, 0.5, 1.0, rng)
    fault = simulation["faults"].FAULTS["bearing outer race"]
    force = fault(0.1 * rng.normal(size=running.samples), machine, running, 1.0, rng)
    sound = simulation["surroundings"].radiated(machine, force, 0.0, rng)
    envelope = np.abs(hilbert(sound))
    spectrum = np.abs(np.fft.rfft(envelope - envelope.mean()))
    frequencies_Hz = np.fft.rfftfreq(len(envelope), 1 / sources.SAMPLE_RATE)
    expected_Hz = machine.bearing.outer_race * running.shaft_Hz
    near = (frequencies_Hz > 0.6 * expected_Hz) & (frequencies_Hz < 1.6 * expected_Hz)
    strongest_Hz = frequencies_Hz[near][spectrum[near].argmax()]
    assert strongest_Hz == pytest.approx(expected_Hz, rel=0.03)


def test_every_fault_changes_the_sound_and_more_so_when_it_is_worse(simulation):
    machine = simulation["machine"].MACHINES[1]
    simulate = simulation["simulate"]

    def sound(fault, severity):
        condition = simulate.Condition(fault, severity)
        return log_mel(simulate.record(machine, condition, np.random.default_rng(5), 1.0))

    healthy = sound("", 0.0)
    for fault in machines.FAULTS:
        weak, strong = (
            np.mean((sound(fault, severity).mean(axis=0) - healthy.mean(axis=0)) ** 2)
            for severity in (0.1, 1.0)
        )
        assert strong > 2 * weak, fault


def test_the_shipped_recordings_are_what_the_scripts_make(simulation):
    """Two of each set, made again: the same log-mel, but for another processor's rounding."""
    plan, build = simulation["plan"], simulation["build"]
    jobs, ageing = plan.jobs(), plan.ageing_jobs()
    assert len({job.key for job in jobs + ageing}) == len(jobs) + len(ageing)
    for chosen, load in ((jobs, machines.load), (ageing, machines.load_ageing)):
        for job in (chosen[3], chosen[-1]):
            kept = load(job.split)
            same = (kept.names == job.name) & (kept.machines == job.number)
            again = build.features(job) * build.STEP_dB + build.LOWEST_dB
            assert np.mean(np.abs(kept.log_mel[same][0] - again) > build.STEP_dB) < 1e-3


def test_the_plan_says_what_the_data_module_says(simulation):
    assert tuple(simulation["faults"].FAULTS) == machines.FAULTS
    assert simulation["plan"].PHASES == machines.PHASES
    assert tuple(simulation["machine"].MACHINES) == machines.MACHINES
