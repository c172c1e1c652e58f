"""Power traces from a stand-in for the public source, and read back as a meter's file."""

import http.server
import json
import re
import threading

import numpy as np
import pytest
from click.testing import CliRunner

from tinylab.cli import main
from tinylab.cost import read_power_trace
from tinylab.data.download import power_traces
from tinylab.data.download.power_traces import TraceSource, fetch_power_traces, trace_sources

INFERENCES = 10
BUSY = slice(300, 700)


def results_json(level_J=3.3e-5, **changes) -> bytes:
    """A file as the benchmark's runner writes it: a sample of energy a millisecond."""
    samples = np.full(1000, 1.2e-5)
    samples[BUSY] = level_J
    power = {"samples": samples.tolist(), "timestamps": [["09", 300], ["10", 700]], "voltage": 3}
    run = {"power": power, "infer": {"iterations": INFERENCES}, **changes}
    return json.dumps([run, run]).encode()


ENERGY_uJ = 1e6 * 3.3e-5 * 400 / INFERENCES


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `server.content`, or its absence."""

    def do_GET(self):
        if self.server.content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.content = results_json()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def sources(server, published_uJ=ENERGY_uJ) -> dict[str, TraceSource]:
    address = f"http://127.0.0.1:{server.server_port}/results.json"
    return {name: TraceSource(address, published_uJ) for name in ("board_a", "board_b")}


def test_traces_become_files_that_a_student_integrates(server, tmp_path):
    folder = fetch_power_traces(directory=tmp_path, sources=sources(server))
    assert sorted(path.name for path in folder.iterdir()) == ["board_a.csv", "board_b.csv"]
    trace = read_power_trace(folder / "board_a.csv")
    assert trace.kind == "measured" and len(trace.time_ms) == 1000
    energy_uJ = np.trapezoid(trace.power_mW[BUSY], trace.time_ms[BUSY]) / INFERENCES
    assert energy_uJ == pytest.approx(ENERGY_uJ, rel=0.01)
    assert np.median(trace.power_mW[:300]) == pytest.approx(12.0)


def test_traces_are_fetched_once(server, tmp_path):
    folder = fetch_power_traces(directory=tmp_path, sources=sources(server))
    server.content = None
    assert fetch_power_traces(directory=tmp_path, sources=sources(server)) == folder


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "could not fetch the trace of board_a \\(HTTP status 404\\)"),
        (b"<html>sign in</html>", "no trace of MLPerf Tiny"),
        (b"[]", "no trace of MLPerf Tiny"),
        (results_json(power={"samples": [], "timestamps": []}), "no trace of MLPerf Tiny"),
        (results_json(infer={"iterations": 0}), "no trace of MLPerf Tiny"),
        (results_json(level_J=3.5e-5), "1400.0 uJ an inference, and 1320.0 were published"),
        (results_json(level_J=float("nan")), "nan uJ an inference"),
        (b" " * (power_traces.LARGEST_BYTES + 1), "larger than the published one"),
    ],
)
def test_what_is_not_the_published_trace_leaves_nothing_behind(server, tmp_path, content, sentence):
    server.content = content
    with pytest.raises(RuntimeError, match=sentence):
        fetch_power_traces(directory=tmp_path, sources=sources(server))
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_the_sentence_says_so(server, tmp_path):
    gone = {"board_a": TraceSource("http://127.0.0.1:9/results.json", 1.0)}
    with pytest.raises(RuntimeError, match="no connection.*run the same command again"):
        fetch_power_traces(directory=tmp_path, sources=gone)


def test_the_command_line_fetches_and_lists_them(server, tmp_path, monkeypatch):
    monkeypatch.setenv("TINYLAB_DATASETS", str(tmp_path))
    monkeypatch.setattr(power_traces, "trace_sources", lambda: sources(server))
    shown = CliRunner().invoke(main, ["fetch", "power-traces"])
    assert shown.exit_code == 0 and "power-traces" in shown.output
    listed = CliRunner().invoke(main, ["fetch", "list"]).output
    assert "power-traces: Power of three boards" in listed and "speech-commands" in listed


def test_the_sources_are_one_commit_of_the_published_results():
    found = trace_sources()
    assert len(found) == 3
    for board, source in found.items():
        assert re.search(rf"/tiny_results_v1\.3/[0-9a-f]{{40}}/.*/{board}/kws/", source.url)
