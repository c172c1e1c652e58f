"""Latency estimates: against published measurements, against arithmetic by hand, and errors."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.cost import (
    FEATURES,
    Measurement,
    Workload,
    benchmarks,
    board,
    boards,
    calibrate,
    latency,
    measurements,
    stacks,
    sweep,
    workload,
)
from tinylab.cost.catalogue.measurements import comparable
from tinylab.cost.timing.predict import OPEN_STACKS, choose_stack
from tinylab.graph import Graph, Op, Tensor, UnsupportedOperatorError, read_tflite


def test_published_latencies_lie_within_the_interval():
    """Each 8-bit measurement of a catalogued board against the estimate for its board and stack."""
    inside = []
    for one in comparable():
        if one.board not in boards() or one.precision != "int8":
            continue
        estimate = (
            latency(
                benchmarks()[one.benchmark],
                one.board,
                stack=one.stack_name,
                clock_MHz=one.clock_MHz,
            )
            if one.clock_MHz <= board(one.board).clock_max.value
            else None
        )
        if estimate:
            inside.append(estimate.low_ms <= one.latency_ms <= estimate.high_ms)
    assert len(inside) > 230
    assert np.mean(inside) >= 0.9


@pytest.mark.parametrize(
    ("name", "benchmark"),
    [("kws_ref_model", "kws"), ("vww_96_int8", "vww"), ("ad01_int8", "ad")],
)
def test_third_party_files_are_predicted_within_the_interval(real_data, name, benchmark):
    graph = read_tflite(real_data / "reference_models" / f"{name}.tflite")
    asked = workload(graph)
    assert asked.macs == benchmarks()[benchmark].macs
    np.testing.assert_allclose(asked.features, benchmarks()[benchmark].features)
    np.testing.assert_allclose(asked.live_features, benchmarks()[benchmark].live_features)
    inside = []
    for one in comparable():
        if (
            one.core.startswith("Cortex-M")
            and one.precision == "int8"
            and one.benchmark == benchmark
        ):
            estimate = latency(asked, one.board, stack=one.stack_name, clock_MHz=one.clock_MHz)
            inside.append(estimate.low_ms <= one.latency_ms <= estimate.high_ms)
    assert len(inside) > 30
    assert np.mean(inside) >= 0.9


def test_latency_is_cycles_over_clock():
    asked = benchmarks()["kws"]
    choice = choose_stack(board("numaker_m467hj"), stack="HALE 1.0.175")
    expected = sum(
        amount * cost
        for amount, cost in zip(asked.features, choice.fit.cycles_per_unit, strict=True)
    )
    expected *= choice.board_factor
    found = latency(asked, "numaker_m467hj", stack="HALE 1.0.175", clock_MHz=60)
    assert found.cycles == pytest.approx(expected)
    assert found.latency_ms == pytest.approx(expected / 60e3)
    assert found.low_ms < found.latency_ms < found.high_ms
    assert found.kind == "modelled"


def test_unseen_boards_and_stacks_widen_the_interval_and_say_so():
    def width(*args, **kwargs):
        found = latency(benchmarks()["kws"], *args, **kwargs)
        return found.high_ms / found.low_ms, found.basis

    seen, _ = width("nucleo_u575zi_q", stack="X-CUBE-AI 9.0")
    unseen_board, board_basis = width("nucleo_u385rg_q", stack="X-CUBE-AI 9.0")
    unseen_both, stack_basis = width("nucleo_u385rg_q", stack="X-CUBE-AI v10.1.0")
    assert seen < unseen_board < unseen_both
    assert "other boards with Cortex-M33 (nucleo_u575zi_q)" in board_basis
    assert "X-CUBE-AI 9.0" in stack_basis and "standing in for X-CUBE-AI v10.1.0" in stack_basis


def test_a_family_name_means_its_newest_version():
    asked = benchmarks()["ic"]
    assert latency(asked, "nucleo_l4r5zi", stack="X-CUBE-AI").stack == "X-CUBE-AI 9.0"
    assert latency(asked, "nucleo_l4r5zi", stack="X-CUBE-AI 8.2").stack == "X-CUBE-AI 8.1"
    assert latency(asked, "nucleo_l4r5zi", stack="Plumerai").stack == "Plumerai 2023.05"
    assert stacks("nucleo_l4r5zi")[0] == latency(asked, "nucleo_l4r5zi").stack


@pytest.mark.parametrize(
    "name", ["nucleo_l4r5zi_p", "nrf52840_dk", "nucleo_u385rg_q", "nucleo_h7a3zi_q", "ek_ra8d1"]
)
def test_the_default_is_a_stack_that_a_student_can_install(name):
    assert latency(benchmarks()["kws"], name).stack in OPEN_STACKS


def test_a_core_without_an_open_stack_says_so():
    found = latency(benchmarks()["kws"], "raspberry_pi_pico")
    assert "no stack that anybody can install is published for Cortex-M0+" in found.basis


@pytest.mark.parametrize(
    ("name", "stack", "benchmark", "published_ms"),
    [
        ("nucleo_l4r5zi", "X-CUBE-AI 9.0", "kws", 43.1872),
        ("nucleo_l4r5zi_p", "HALE 1.0.175", "kws", 60.1576),
        ("nucleo_h7a3zi_q", "X-CUBE-AI 9.0", "kws", 11.3179),
        ("ek_ra6m4", "TFLM CMSIS-NN", "kws", 50.5715),
    ],
)
def test_what_was_measured_is_what_is_shown(name, stack, benchmark, published_ms):
    found = latency(benchmarks()[benchmark], name, stack=stack)
    assert found.kind == "published" and "this very network was measured" in found.basis
    assert found.latency_ms == pytest.approx(published_ms, rel=2e-3)
    assert found.high_ms / found.low_ms < 1.05


def test_a_neighbour_of_a_measured_network_is_pulled_to_it():
    """Half a percent more work than the measured network: nearly its value, a narrow interval."""
    asked = benchmarks()["kws"]
    near = replace(
        asked, features=1.005 * asked.features, live_features=1.005 * asked.live_features
    )
    changed = asked.features * [1, 30, 1, 1, 1, 1]
    far = replace(asked, features=changed, live_features=changed)
    options = {"on": "nucleo_l4r5zi", "stack": "X-CUBE-AI 9.0"}
    exact, close, strange = (latency(one, **options) for one in (asked, near, far))
    assert close.latency_ms == pytest.approx(1.005 * exact.latency_ms, rel=1e-3)
    widths = [one.high_ms / one.low_ms for one in (exact, close, strange)]
    assert widths[0] <= widths[1] < widths[2]


def test_stacks_span_a_factor_of_ten_and_more():
    """TinyEngine's table and ONE 7598: reference kernels against CMSIS-NN, on M7 and M4."""
    asked = benchmarks()["vww"]
    for name, least, most in (("nucleo_h7a3zi_q", 9, 13), ("nucleo_l4r5zi_p", 20, 45)):
        slow = latency(asked, name, stack="TFLM reference kernels")
        open_stack = latency(asked, name, stack="TFLM CMSIS-NN")
        assert least < slow.latency_ms / open_stack.latency_ms < most
        assert "times the published ratio" in slow.basis and slow.kind == "modelled"


def test_a_published_latency_of_a_network_that_is_not_in_the_calibration():
    """Person detection on a Cortex-M4 at 100 MHz with CMSIS-NN: 386.6 ms (Samsung/ONE 7598)."""
    amounts = np.array([6_359_040, 798_336, 1_280, 318_591, 20_736, 36.0])
    asked = Workload("person_detection", "int8", 7_158_656, amounts, amounts)
    chip = replace(board("nucleo_l4r5zi"), id="f413zh")
    found = latency(asked, chip, clock_MHz=100)
    assert found.low_ms < 386.6 < found.high_ms


def test_three_boards_predict_a_fourth():
    """A student's exercise: the core is known from other boards, the fourth is not among them."""
    three = {"nucleo_l4r5zi", "cy8cproto_062_4343w", "nucleo_u575zi_q"}
    calibration = calibrate(one for one in measurements() if one.board in three)
    inside = []
    for one in comparable():
        if one.board == "numaker_m467hj":
            found = latency(
                benchmarks()[one.benchmark],
                one.board,
                stack="ONNC",
                clock_MHz=one.clock_MHz,
                calibration=calibration,
            )
            inside.append(found.low_ms <= one.latency_ms <= found.high_ms)
    assert len(inside) == 4 and sum(inside) >= 3


def test_errors_name_what_is_wrong_and_what_there_is():
    asked = benchmarks()["kws"]
    with pytest.raises(ValueError, match="unknown stack 'Magic'.*X-CUBE-AI 9.0"):
        latency(asked, "nucleo_l4r5zi", stack="Magic")
    with pytest.raises(ValueError, match="must be a number from 1 to 120 MHz, not 200"):
        latency(asked, "nucleo_l4r5zi", clock_MHz=200)
    with pytest.raises(ValueError, match="published for Xtensa LX7.*Cortex-M4"):
        latency(asked, "esp32_s3")
    with pytest.raises(ValueError, match="fp32 models is published for Cortex-M33.*Cortex-M7"):
        latency(replace(asked, precision="fp32"), "nucleo_u575zi_q")
    with pytest.raises(TypeError, match="pass a Graph"):
        latency("kws", "nucleo_l4r5zi")


def test_unknown_operators_are_named():
    tensors = (Tensor("x", (1, 4), "int8"), Tensor("y", (1, 4), "int8"))
    graph = Graph("odd", tensors, (Op("custom:Wizardry", (0,), (1,)),), (0,), (1,))
    with pytest.raises(UnsupportedOperatorError, match="custom:Wizardry"):
        latency(graph, "nucleo_l4r5zi")


@pytest.mark.parametrize(
    ("dtypes", "precision"),
    [
        (("float32", "float32"), "fp32"),
        (("float16", "float16"), "fp16"),
        (("float16", "float32"), "fp32"),
        (("float32", "int8"), "int8"),
    ],
)
def test_the_precision_is_that_of_what_operators_write(dtypes, precision):
    tensors = (Tensor("x", (1, 4), dtypes[0]), *(Tensor(t, (1, 4), t) for t in dtypes))
    ops = (Op("relu", (0,), (1,)), Op("relu", (1,), (2,)))
    assert workload(Graph("net", tensors, ops, (0,), (2,))).precision == precision


def test_four_measurements_add_a_board():
    """A made-up board that is a NUCLEO-L4R5ZI with a slower memory is found to be just that."""
    model = calibrate()
    key = next(
        key for key in model.fits if key.core == "Cortex-M4" and key.stack_name == "HALE 1.0"
    )
    own = tuple(
        Measurement(
            board="mine",
            core="Cortex-M4",
            stack="HALE",
            version="1.0",
            benchmark=name,
            clock_MHz=80,
            latency_ms=1.5
            * float(benchmarks()[name].features @ model.fits[key].cycles_per_unit)
            / 80e3,
        )
        for name in ("kws", "vww", "ic", "ad")
    )
    mine = replace(board("nucleo_l4r5zi"), id="mine")
    calibration = calibrate((*measurements(), *own))
    for one in own:
        found = latency(benchmarks()[one.benchmark], mine, clock_MHz=80, calibration=calibration)
        assert found.stack == "HALE 1.0"
        assert found.latency_ms == pytest.approx(one.latency_ms, rel=0.15)


def test_a_new_core_is_fitted_from_four_measurements():
    costs = np.array([2.0, 6.0, 3.0, 20.0, 4.0, 900.0])
    own = [
        Measurement(
            board="novel",
            core="Novel",
            stack="own",
            benchmark=name,
            clock_MHz=100,
            latency_ms=float(benchmarks()[name].features @ costs) / 100e3,
        )
        for name in ("kws", "vww", "ic", "ad")
    ]
    novel = replace(board("nucleo_l4r5zi"), id="novel", core="Novel")
    calibration = calibrate((*measurements(), *own))
    for one in own:
        found = latency(benchmarks()[one.benchmark], novel, clock_MHz=100, calibration=calibration)
        assert found.latency_ms == pytest.approx(one.latency_ms, rel=0.1)


def test_calibration_needs_usable_measurements():
    with pytest.raises(ValueError, match="no usable measurement"):
        calibrate([])
    odd = Measurement("b", "c", "s", "chess", clock_MHz=1.0, latency_ms=1.0)
    with pytest.raises(ValueError, match="unknown benchmark 'chess'; known are kws"):
        calibrate([odd])


AMOUNTS = st.lists(st.floats(0, 1e7), min_size=6, max_size=6).filter(lambda row: sum(row) > 1)


@settings(max_examples=60)
@given(AMOUNTS, st.sampled_from(["nucleo_l4r5zi", "gap9_evk", "nucleo_g0b1re"]), st.floats(0.7, 1))
def test_sweep_equals_single_estimates(amounts, name, share):
    asked = Workload("random", "int8", 0, np.array(amounts), np.array(amounts))
    clock = share * board(name).clock_max.value
    single = latency(asked, name, clock_MHz=clock)
    swept = sweep([asked], [name], [share])
    assert swept.latency_ms.item() == pytest.approx(single.latency_ms, rel=1e-12)
    assert swept.low_ms.item() == pytest.approx(single.low_ms, rel=1e-12)
    assert swept.high_ms.item() == pytest.approx(single.high_ms, rel=1e-12)


@settings(max_examples=30)
@given(AMOUNTS, st.integers(0, 5), st.floats(1, 1e6))
def test_more_work_never_takes_less_time(amounts, place, more):
    grown = list(amounts)
    grown[place] += more
    rows = np.array([amounts, grown])
    swept = sweep(rows, ["nucleo_l4r5zi", "nucleo_h7a3zi_q", "ek_ra8d1"])
    assert np.all(swept.latency_ms[1] >= swept.latency_ms[0])


def test_sweep_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match=f"shape \\(models, {len(FEATURES)}\\)"):
        sweep(np.ones((3, 2)), ["nucleo_l4r5zi"])
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        sweep([benchmarks()["kws"]], ["nucleo_l4r5zi"], [1.5])
    with pytest.raises(ValueError, match="at least one model"):
        sweep([], ["nucleo_l4r5zi"])


def test_a_board_of_the_callers_own_measurements_needs_no_catalogue():
    """A teacher measures two networks on a board that nobody has heard of."""
    own = [
        replace(one, board="school_board", latency_ms=1.5 * one.latency_ms, round="measured")
        for one in comparable()
        if (one.board, one.stack_name, one.round) == ("nucleo_l4r5zi", "microTVM CMSIS-NN", "v1.0")
    ]
    model = calibrate([*measurements(), *own])
    found = latency(benchmarks()["kws"], "school_board", calibration=model)
    (measured,) = [one.latency_ms for one in own if one.benchmark == "kws"]
    assert found.latency_ms == pytest.approx(measured, rel=1e-6) and found.kind == "published"
    assert found.low_ms < found.latency_ms < found.high_ms
    with pytest.raises(ValueError, match="unknown board 'school_board'"):
        latency(benchmarks()["kws"], "school_board")
