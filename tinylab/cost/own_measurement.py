"""Your own measurement beside the prediction: board, network and time in, a comparison out."""

from dataclasses import dataclass

from tinylab.cost.catalogue.boards import board
from tinylab.cost.catalogue.checks import one_of, positive
from tinylab.cost.catalogue.own_boards import own_catalogue, own_path
from tinylab.cost.timing.predict import LatencyEstimate, latency
from tinylab.cost.timing.workload import benchmarks
from tinylab.files import replacing

__all__ = ["OwnMeasurement", "compare_measurement", "save_measurement"]

DEFAULT_STACK = "TFLM CMSIS-NN"


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
        one = self.predicted
        where = "inside" if self.inside else "outside"
        return (
            f"{self.model} on {self.board} with {self.stack}: measured {self.latency_ms:g} ms,"
            f" predicted {one.latency_ms:.3g} ms ({one.low_ms:.3g} to {one.high_ms:.3g}), which is"
            f" {100 * (one.latency_ms / self.latency_ms - 1):+.0f} %; the measurement lies {where}"
            f" the interval ({one.basis})."
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
    place = board(on)
    found = latency(benchmarks()[model], place, stack=stack)
    return OwnMeasurement(place.id, model, stack, float(latency_ms), found)


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
