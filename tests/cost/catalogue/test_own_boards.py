"""Your own boards: the README's words, followed to the letter, and sentences for what is wrong."""

import io
import os
import re
from pathlib import Path

import pytest
import serial
from click.testing import CliRunner

from tests.explore.every_explorer import EXPLORERS
from tinylab import cost, paths
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


POWERS = "supply_V = 3.3\nactive_mW = 50.0\nidle_mW = 20.0\nsleep_uA = 10.0\n"
ENERGY_EXPLORERS = ("battery", "board", "cascade", "clock", "horowitz", "radio", "split")


def toml(core: str, clock_MHz: float, stack: str, powers: str = POWERS, **measured_ms) -> str:
    """A board as a teacher writes it, the one to begin with."""
    head = f'default = "mine"\n[mine]\ncore = "{core}"\nclock_MHz = {clock_MHz}\n{powers}'
    return head + "".join(
        f'[[mine.measured]]\nmodel = "{model}"\nstack = "{stack}"\nlatency_ms = {ms}\n'
        for model, ms in measured_ms.items()
    )


@pytest.mark.parametrize(
    ("core", "clock_MHz", "stack", "measured_ms"),
    [
        ("Cortex-M0+", 48, "TFLM CMSIS-NN", {"kws": 700.0}),
        ("Cortex-M4F", 64, "TFLM CMSIS-NN", {"kws": 150.0, "ad": 9.0}),
        ("Cortex-M7", 480, "X-CUBE-AI", {"kws": 10.0, "vww": 30.0, "ic": 40.0, "ad": 1.0}),
        ("Cortex-M33", 150, "pico-tflmicro", {"kws": 60.4, "vww": 1375.0}),
        ("Xtensa LX7", 240, "ESP-NN", {"kws": 30.0, "vww": 90.0}),
        ("Hazard3", 150, "our own", {"kws": 80.0}),
    ],
)
def test_a_board_of_any_core_is_in_every_menu_and_shows_what_was_measured(
    own, core, clock_MHz, stack, measured_ms
):
    own(toml(core, clock_MHz, stack, **measured_ms))
    for model, ms in measured_ms.items():
        shown = cost.latency(cost.benchmarks()[model], "mine", stack=stack)
        assert shown.kind == "published" and shown.latency_ms == pytest.approx(ms, rel=2e-3)
    strange = cost.latency(cost.benchmarks()["sww"], "mine")
    assert strange.kind == "modelled" and strange.high_ms > 1.1 * strange.latency_ms
    for name in ENERGY_EXPLORERS:
        explorer = EXPLORERS[name]()
        menus = [
            menu for menu in explorer.controls.values() if "mine" in getattr(menu, "options", ())
        ]
        assert menus and any(menu.value == "mine" for menu in menus), name
        assert not any("too little" in menu.label for menu in explorer.controls.values())


def test_a_board_without_powers_is_missed_aloud(own):
    """It has latencies, but a menu of energies cannot list it: its label says so."""
    own(toml("Cortex-M4", 64, "TFLM CMSIS-NN", powers="", kws=150.0))
    assert cost.latency(KWS, "mine").latency_ms == pytest.approx(150.0, rel=2e-3)
    with pytest.raises(ValueError, match="power"):
        cost.energy(KWS, "mine")
    (menu,) = [menu for menu in EXPLORERS["battery"]().controls.values() if menu.name == "board"]
    assert menu.label.endswith("(too little is known of mine)") and "mine" not in menu.options


def test_the_file_beside_the_readme_serves_a_whole_class(tmp_path, monkeypatch):
    """A file in the learner's work folder comes first; there is one file in use, never two."""
    monkeypatch.delenv("TINYLAB_BOARDS", raising=False)
    monkeypatch.setattr(paths, "PROJECT", tmp_path)
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path / "work"))
    (tmp_path / "work").mkdir()
    (tmp_path / "boards.toml").write_text(EXAMPLE, encoding="utf-8")
    assert cost.default_board() == "school_board"
    (tmp_path / "work" / "boards.toml").write_text(toml("Cortex-M4", 64, "X"), encoding="utf-8")
    assert cost.default_board() == "mine"


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
        ("default = 5\n", "default must be the name of a board, not 5"),
        ("[b]\ncore = 4\nclock_MHz = 1\n", "core must be text in quotes, not 4"),
        (EXAMPLE.replace('"TFLM CMSIS-NN"', "2.0"), "stack must be text in quotes, not 2.0"),
        (EXAMPLE.replace("[[school_board.measured]]", "[school_board.measured]"), "two brackets"),
        (EXAMPLE.replace("12.0", "50"), "idle_mW must be at most active_mW, 41, not 50"),
        (EXAMPLE + "clock_MHz = 200\n", "clock_MHz must be at most the board's 100, not 200"),
        (
            '[nrf52840_dk]\ncore = "Cortex-M4"\nclock_MHz = 64\n',
            r"call yours otherwise, such as \[my_nrf52840_dk\]",
        ),
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


def test_a_misspelt_core_is_guessed_and_an_unknown_one_asks_for_a_measurement(own):
    own(toml("cortex-m4", 64, "X"))
    with pytest.raises(ValueError, match="did you mean Cortex-M4"):
        cost.latency(KWS, "mine")
    own(toml("Xtensa LX7", 240, "X"))
    with pytest.raises(ValueError, match="a latency that you measured.*adds a core"):
        cost.latency(KWS, "mine")


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


def test_a_change_counts_whatever_the_clock_says(own):
    """Files on a stick have times of two seconds; a clock may be set back between two changes."""
    path = own(toml("Cortex-M4", 100, "TFLM CMSIS-NN"))
    assert own_catalogue().boards["mine"]["clock_max"].value == 100
    before = path.stat()
    path.write_text(path.read_text().replace("100", "200"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert own_catalogue().boards["mine"]["clock_max"].value == 200


def test_the_mark_of_an_editor_is_no_part_of_it(own):
    path = own(toml("Cortex-M4", 100, "TFLM CMSIS-NN"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert list(own_catalogue().boards) == ["mine"]


def test_a_work_folder_that_is_a_file_has_no_boards_and_stops_no_explorer(own_work_dir):
    own_work_dir.write_text("a file, no folder")
    assert not own_catalogue().boards and cost.default_board()


def test_a_folder_of_that_name_is_one_sentence(own):
    own("").unlink()
    Path(os.environ["TINYLAB_BOARDS"]).mkdir()
    with pytest.raises(OSError, match="boards.toml cannot be read"):
        own_catalogue()
