"""Your own boards: the README's words, followed to the letter, and sentences for what is wrong."""

import io
import re
from pathlib import Path

import pytest
import serial
from click.testing import CliRunner

from tinylab import cost
from tinylab.cli import main
from tinylab.cost.catalogue.own_boards import own_catalogue
from tinylab.cost.own_measurement import (
    compare_measurement,
    printed_latency_ms,
    read_port,
    save_measurement,
)
from tinylab.explore.widget.board_menu import usable_boards

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
EXAMPLE = next(t for t in re.findall(r"```toml\n(.*?)```", README, re.S) if "school_board" in t)
KWS = cost.benchmarks()["kws"]


@pytest.fixture
def own(tmp_path, monkeypatch):
    path = tmp_path / "boards.toml"
    monkeypatch.setenv("TINYLAB_BOARDS", str(path))

    def write(text):
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_readmes_board_works_word_for_word(own):
    own(EXAMPLE)
    found = cost.latency(KWS, "school_board")
    assert found.latency_ms == pytest.approx(131.0, rel=2e-3) and found.stack == "TFLM CMSIS-NN"
    assert found.low_ms < found.latency_ms < found.high_ms
    other = cost.latency(cost.benchmarks()["vww"], "school_board")
    assert other.kind == "modelled" and other.high_ms > other.low_ms
    energy = cost.energy(KWS, "school_board")
    assert energy.energy_uJ == pytest.approx(41.0 * found.latency_ms)
    assert usable_boards(KWS, rest="idle")["school_board"] == "Our school's board"
    assert cost.default_board() == "school_board"
    budget = cost.device_budget(KWS, "school_board", cost.Device(60.0))
    assert budget.life.days > 0


def test_the_file_is_read_again_when_it_changes(own):
    own(EXAMPLE)
    before = cost.latency(KWS, "school_board").latency_ms
    own(EXAMPLE.replace("131.0", "200.25"))
    assert cost.latency(KWS, "school_board").latency_ms > before


def test_without_a_file_nothing_is_added(own):
    assert own_catalogue().boards == {} and cost.default_board() == cost.DEFAULT_BOARD
    with pytest.raises(ValueError, match="unknown board 'school_board'"):
        cost.latency(KWS, "school_board")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[b]\nclock_MHz = 1\n", r"\[b\]: core is missing"),
        ('[b]\ncore = "Cortex-M4"\nclock_MHz = -1\n', "clock_MHz must be a finite number above 0"),
        ('[b]\ncore = "Cortex-M4"\nclock_MHz = 1\nspeed = 2\n', "speed is no key; there are name"),
        ('[b]\ncore = "Cortex-M4"\nclock_MHz = 1\nsleep_uA = 2\n', "sleep_uA needs supply_V"),
        ("[b\n", "is not valid TOML"),
        ("[B]\nclock_MHz = 1\n", "must be a table"),
        (EXAMPLE.replace("131.0", "-1"), "latency_ms of kws on school_board must be"),
        (EXAMPLE.replace('"kws"', '"mine"'), "model must be one of kws"),
        (EXAMPLE.replace("latency_ms", "time"), "measured: time is no key"),
        (EXAMPLE.replace('"school_board"', '"nobody"'), "unknown board 'nobody'"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(own, text, sentence):
    own(text)
    with pytest.raises(ValueError, match=sentence) as refused:
        cost.board("school_board")
        cost.default_board()
    assert len(str(refused.value).splitlines()) == 1


def test_a_measurement_is_set_beside_the_prediction_and_kept(own):
    path = own(EXAMPLE)
    before = compare_measurement("school_board", "vww", 300.0)
    assert before.predicted.kind == "modelled"
    assert "measured 300 ms, predicted" in str(before)
    save_measurement(before)
    after = compare_measurement("school_board", "vww", 300.0)
    assert after.inside and after.predicted.kind == "published"
    assert path.read_text().startswith(EXAMPLE)


def test_a_shipped_board_is_not_written_to(own):
    path = own(EXAMPLE)
    with pytest.raises(ValueError, match="is not in your boards.toml: add a table"):
        save_measurement(compare_measurement(cost.DEFAULT_BOARD, "kws", 90.0))
    assert path.read_text() == EXAMPLE


def test_the_command_line_measures(own):
    own(EXAMPLE)
    shown = CliRunner().invoke(main, ["measure", "school_board", "kws", "131", "--save"])
    assert shown.exit_code == 0 and "inside the interval" in shown.output
    refused = CliRunner().invoke(main, ["measure", "school_board", "kws", "-1"])
    assert refused.exit_code != 0


LINES = ["booting\n", "tinylab,kws,0,9000000,100000000\n", "tinylab,kws,1,8000000,100000000\r\n"]


def test_the_printed_times_are_read_without_the_first():
    assert printed_latency_ms(LINES) == pytest.approx(80.0)
    with pytest.raises(ValueError, match="the board printed no times"):
        printed_latency_ms(LINES[:2])


class Board(io.BytesIO):
    """A serial port whose board is unplugged after its last line."""

    def readline(self, *_):
        line = super().readline()
        if not line:
            raise serial.SerialException("unplugged")
        return line


def test_a_port_is_read_until_the_board_is_unplugged(monkeypatch):
    lines = "".join(LINES * 2).encode()
    monkeypatch.setattr(serial, "serial_for_url", lambda *_, **__: Board(lines))
    assert list(read_port("COM3")) == LINES * 2
    assert printed_latency_ms(read_port("COM3"), wanted=9) == pytest.approx(80.0)


def test_a_port_that_is_not_there():
    with pytest.raises(ValueError, match="port '/dev/none' cannot be opened"):
        next(read_port("/dev/none"))


def test_the_command_line_wants_a_time_or_a_port(own):
    own(EXAMPLE)
    for more in ([], ["131", "--port", "COM3"]):
        refused = CliRunner().invoke(main, ["measure", "school_board", "kws", *more])
        assert refused.exit_code != 0 and "LATENCY_MS, or --port" in refused.output
