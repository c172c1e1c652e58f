"""Your own measurement beside the prediction: board, network and time in, a comparison out.

The time is typed in, or read over a serial port, where the exported program prints one line an
inference: `tinylab,NAME,NUMBER,TICKS,TICKS_PER_SECOND`.
"""

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median

from tinylab.cost.catalogue.boards import board
from tinylab.cost.catalogue.checks import one_of, positive
from tinylab.cost.catalogue.own_boards import own_catalogue, own_path
from tinylab.cost.timing.predict import LatencyEstimate, latency
from tinylab.cost.timing.workload import benchmarks
from tinylab.files import replacing

__all__ = [
    "OwnMeasurement",
    "compare_measurement",
    "printed_latency_ms",
    "read_port",
    "save_measurement",
]

DEFAULT_STACK = "TFLM CMSIS-NN"
PRINTED = re.compile(r"tinylab,([^,]+),(\d+),(\d+),(\d+)$")


@dataclass(frozen=True)
class OwnMeasurement:
    """A measured latency and what was predicted before it was known.

    Parameters
    ----------
    board, model, stack : str
    latency_ms : float
    predicted : LatencyEstimate
    """

    board: str
    model: str
    stack: str
    latency_ms: float
    predicted: LatencyEstimate

    @property
    def inside(self) -> bool:
        """Whether the measured latency lies in the stated interval."""
        return self.predicted.low_ms <= self.latency_ms <= self.predicted.high_ms

    def __str__(self) -> str:
        predicted = self.predicted
        where = "inside" if self.inside else "outside"
        error_percent = 100 * (predicted.latency_ms / self.latency_ms - 1)
        return (
            f"{self.model} on {self.board} with {self.stack}: measured {self.latency_ms:g} ms,"
            f" predicted {predicted.latency_ms:.3g} ms ({predicted.low_ms:.3g} to"
            f" {predicted.high_ms:.3g}), which is {error_percent:+.0f} %; the measurement lies"
            f" {where} the interval ({predicted.basis})."
        )


def compare_measurement(
    on: str, model: str, latency_ms: float, *, stack: str = DEFAULT_STACK
) -> OwnMeasurement:
    """Set a measured latency beside the prediction.

    Parameters
    ----------
    on : str
    model : str
        "kws", "vww", "ic", "ad" or "sww" of MLPerf Tiny.
    latency_ms : float
    stack : str

    Raises
    ------
    ValueError
        An unknown board, model or stack; a latency that is not positive.
    """
    positive("latency_ms", latency_ms, "ms")
    one_of("model", model, benchmarks())
    target = board(on)
    predicted = latency(benchmarks()[model], target, stack=stack)
    return OwnMeasurement(target.id, model, stack, float(latency_ms), predicted)


def save_measurement(measured: OwnMeasurement) -> str:
    """Add a measurement to your `boards.toml`; returns its path.

    Raises
    ------
    ValueError
        The board is not one of yours; nothing is written then.
    """
    path = own_path()
    if measured.board not in own_catalogue().boards:
        raise ValueError(
            f"{measured.board} is not in your {path.name}: add a table [name] with its core and"
            " clock_MHz first, see the README"
        )
    quoted = measured.stack.replace("\\", "").replace('"', "")
    entry = (
        f"\n[[{measured.board}.measured]]\n"
        f'model = "{measured.model}"\nstack = "{quoted}"\nlatency_ms = {measured.latency_ms!r}\n'
    )
    with replacing(path) as temporary:
        temporary.write_text(path.read_text(encoding="utf-8") + entry, encoding="utf-8")
    return str(path)


def printed_latency_ms(lines: Iterable[str], wanted: int = 5) -> float:
    """The median time of the first inferences that a board prints; other lines are passed over.

    Parameters
    ----------
    lines : iterable of str
    wanted : int
        How many inferences to wait for; the first one is left out, caches are cold then.

    Raises
    ------
    ValueError
        Fewer than two inferences were printed.
    """
    times_ms = []
    for line in lines:
        printed = PRINTED.match(line.strip())
        if printed and int(printed[4]):
            times_ms.append(1e3 * int(printed[3]) / int(printed[4]))
        if len(times_ms) > wanted:
            break
    if len(times_ms) < 2:
        raise ValueError(
            "the board printed no times: it must run the exported timer_main.c, whose lines begin"
            " with tinylab, (check port, speed and the reset button)"
        )
    return float(median(times_ms[1:]))


def read_port(port: str, *, baud: int = 115_200, seconds: float = 30.0) -> Iterator[str]:
    """The lines that arrive at a serial port, for some seconds.

    Raises
    ------
    ValueError
        The port cannot be opened; the message names those that there are.
    """
    import serial  # only whoever has a board needs it
    from serial.tools import list_ports

    positive("seconds", seconds, "s")
    try:
        line = serial.serial_for_url(port, baudrate=baud, timeout=1.0)
    except (serial.SerialException, OSError, ValueError) as error:
        known = ", ".join(port.device for port in list_ports.comports()) or "none"
        raise ValueError(f"port {port!r} cannot be opened ({error}); there are: {known}") from error
    until = time.monotonic() + seconds
    with line:
        while time.monotonic() < until:
            try:
                text = line.readline()
            except serial.SerialException:
                return  # the board was unplugged: what came until then counts
            if text:
                yield text.decode("utf-8", errors="replace")
