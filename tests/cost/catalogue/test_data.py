"""The shipped facts: complete, sourced, and equal to the published table."""

import csv
import json
import re

import numpy as np
import pytest

from tinylab.cost import battery, benchmarks, board, boards, measurements
from tinylab.cost.catalogue.quantity import DATA

KINDS = {"measured", "published", "datasheet", "modelled"}
MACS = {"kws": 2_656_768, "vww": 7_489_664, "ic": 12_501_632, "ad": 264_192}


def quantities(node):
    """Every {value, unit, kind, source} in a data file."""
    if isinstance(node, dict):
        if "value" in node:
            yield node
        else:
            for child in node.values():
                yield from quantities(child)
    elif isinstance(node, list):
        for child in node:
            yield from quantities(child)


@pytest.mark.parametrize("path", sorted(DATA.glob("*.json")), ids=lambda path: path.name)
def test_each_value_has_unit_kind_and_source(path):
    found = list(quantities(json.loads(path.read_text())))
    assert found
    for one in found:
        assert isinstance(one["value"], (int, float)) and one["unit"]
        assert one["kind"] in KINDS and len(one["source"]) >= 3


def test_the_catalogue_spans_the_field():
    cores = {one.core for one in boards().values()}
    assert len(boards()) >= 15
    assert {"Cortex-M0+", "Cortex-M4", "Cortex-M33", "Cortex-M7", "Cortex-M85"} <= cores
    assert sum(bool(one.accelerator) for one in boards().values()) >= 3
    assert any("RISC-V" in core or "Andes" in core for core in cores)


def test_published_powers_are_the_medians_of_the_table():
    checked = 0
    for place in boards().values():
        for point in place.operating_points:
            found = re.match(
                r"MLPerf Tiny (v[\d.]+), ([^,]+), (.+): median", point.active_power.source
            )
            if not found:
                continue
            powers = [
                one.power_mW
                for one in measurements()
                if (one.board, one.round, one.submitter, one.stack_name)
                == (place.id, *found.groups())
                and one.clock_MHz == point.clock_MHz
                and one.power_mW
            ]
            assert point.active_power.value == pytest.approx(np.median(powers), abs=0.01)
            checked += 1
    assert checked >= 9


def test_benchmarks_have_the_published_multiply_accumulates():
    assert {name: benchmarks()[name].macs for name in MACS} == MACS
    for one in benchmarks().values():
        assert one.features[:3].sum() == one.macs
        assert np.all(one.live_features <= one.features)


def test_measurements_are_the_published_ones(real_data):
    with (real_data / "mlperf_tiny" / "results.csv").open() as stream:
        published = list(csv.DictReader(stream))
    assert len(published) == len(measurements())
    for row, one in zip(published, measurements(), strict=True):
        assert (row["round"], row["benchmark"], row["quant"]) == (
            one.round,
            one.benchmark,
            one.precision,
        )
        assert one.latency_ms == pytest.approx(float(row["latency_ms"]))
        assert (one.energy_uJ or 0) == pytest.approx(float(row["energy_uJ"] or 0))
        if row["power_mW"] and one.power_mW:
            assert one.power_mW == pytest.approx(float(row["power_mW"]), rel=5e-3)


def test_unknown_names_list_the_known_ones():
    with pytest.raises(ValueError, match="unknown board 'toaster'.*nucleo_l4r5zi"):
        board("toaster")
    with pytest.raises(ValueError, match="unknown battery 'potato'.*cr2032"):
        battery("potato")


def test_boards_answer_to_their_makers_spelling():
    assert board("NUCLEO-L4R5ZI") is board("nucleo_l4r5zi")
