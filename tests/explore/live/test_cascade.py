"""The cascade on a room: counted by hand, piece by piece as the page sends it, and in one file."""

import io

import numpy as np
import pytest
import soundfile

from tests.explore.frozen_inputs import energy_latency
from tinylab.cost import batteries
from tinylab.explore.live.cascade import HOP_SAMPLES, RoomCascade, Stages

RATE_Hz = 16000
TONE = (8000 * np.sin(0.2 * np.arange(RATE_Hz))).astype(np.int16)
HUM = (8000 * np.sign(np.sin(0.01 * np.arange(RATE_Hz)))).astype(np.int16)
SILENCE = np.zeros(RATE_Hz, np.int16)


def recording(*seconds) -> np.ndarray:
    return np.concatenate(seconds)


def is_tone(windows) -> np.ndarray:
    """The small detector: where the newest fifth is a tone."""
    newest = windows[:, -HOP_SAMPLES:].astype(float)
    return np.mean(np.abs(np.diff(np.sign(newest), axis=1)), axis=1) / 0.127


class Network:
    """Says "go" to whatever it is asked, and remembers how often it was asked."""

    def __init__(self):
        self.windows = 0

    def __call__(self, windows):
        self.windows += len(windows)
        return np.tile([0.1, 0.9], (len(windows), 1))


@pytest.fixture
def network():
    return Network()


@pytest.fixture
def stages(network):
    return Stages(-30.0, is_tone, 0.5, network, {1: "go"}, detector_cycles=2000)


@pytest.fixture
def room(stages):
    examples = {"a tone in a quiet room": recording(SILENCE, SILENCE, TONE, SILENCE, HUM, SILENCE)}
    return RoomCascade(energy_latency.keyword_graph(), stages, examples)


def test_each_stage_runs_where_the_one_before_let_it(room, network):
    """6 s are 26 windows; tone and hum are in 9 each; the detector's newest fifth is one in 5."""
    assert room.text.startswith("26 windows of a second: loud enough in 69%")
    assert network.windows == 5 and "the network ran in 19% and heard go." in room.text


def test_a_cascade_costs_less_than_a_network_that_always_runs(room):
    stage_bars, *parts = room.figure.data
    np.testing.assert_allclose(stage_bars.x, [100, 100 * 18 / 26, 100 * 5 / 26])
    always_mW, cascade_mW = np.sum([bar.x for bar in parts], axis=0)
    assert cascade_mW < always_mW
    assert batteries()["lipo_500"].name in room.text


def test_what_the_page_sends_in_pieces_is_counted_like_the_whole(room, network):
    whole = room.last
    asked, sentence, network.windows = network.windows, room.text, 0
    pieces = (whole / 32767).astype(np.float32).reshape(-1, HOP_SAMPLES)
    for number, piece in enumerate(pieces):
        content = {"kind": "sound", "rate_Hz": RATE_Hz, "first": number == 0, "number": number}
        room._receive(room.front, content, [memoryview(piece.tobytes())])
    assert room.front.answered == len(pieces) - 1
    assert [len(kept) for kept in room.recorded] == [RATE_Hz]  # of a room, the last second
    # The page's first windows begin before the recording, in silence: four windows more.
    assert room.text.startswith("30 windows") and network.windows == asked
    assert sentence.split("heard")[1].split(".")[0] == room.text.split("heard")[1].split(".")[0]
    room._receive(
        room.front,
        {"kind": "sound", "rate_Hz": RATE_Hz, "first": True, "number": 99},
        [memoryview(pieces[0].tobytes())],
    )
    assert room.text.startswith("1 window of a second: loud enough in 0%")


def wav(samples) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, RATE_Hz, format="WAV")
    return buffer.getvalue()


def send_file(room, content: bytes) -> str:
    room._receive(room.front, {"kind": "file", "name": "x", "number": 1}, [memoryview(content)])
    return room.text


def test_all_of_a_file_is_heard_and_a_long_one_refused(room):
    assert send_file(room, wav(recording(TONE, TONE, SILENCE))).startswith("11 windows")
    assert send_file(room, wav(TONE[:800])).startswith("1 window of a second")
    assert "cut at most 120 s out of it" in send_file(room, wav(np.zeros(121 * RATE_Hz)))


@pytest.mark.parametrize(
    ("on", "reason"),
    [
        ("cc2340r2", "LP-EM-CC2340R2: 685 ms of work do not fit into period_s of 0.2 s"),
        ("nucleo_l4r5zi", "NUCLEO-L4R5ZI: no sleep power of nucleo_l4r5zi is published"),
    ],
)
def test_a_board_that_cannot_keep_up_or_is_not_known_says_so(stages, on, reason):
    tones = {"tones": recording(*[TONE] * 5)}
    slow = RoomCascade(energy_latency.keyword_graph(), stages, tones, on=on)
    assert reason in slow.text and np.sum([bar.x for bar in slow.figure.data[1:]]) == 0
