"""How far the latency model is off where it has not been calibrated."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tinylab.cost.catalogue.boards import board
from tinylab.cost.catalogue.measurements import Measurement, comparable
from tinylab.cost.timing.calibration import LatencyModel, calibrate
from tinylab.cost.timing.coverage import Z90, is_plain_cortex_m
from tinylab.cost.timing.fitting import key_of, leave_out
from tinylab.cost.timing.model_zoo import zoo_results
from tinylab.cost.timing.predict import latency

BENCHMARK = "benchmark"
BOARD = "board"
NETWORK = "network"


@dataclass(frozen=True)
class LeftOutPrediction:
    """One measurement and what the model says of it without having seen it.

    Parameters
    ----------
    left_out : str
        "benchmark": no measurement of this benchmark was used, on any board. "board": none of this
        board. "network": a network of a model zoo, of which nothing is ever used.
    measurement : Measurement
    predicted_ms, published_ms : float
    error : float
        predicted / published - 1.
    inside : bool
        Whether the published latency lies within the stated interval.
    """

    left_out: str
    measurement: Measurement
    predicted_ms: float
    published_ms: float
    error: float
    inside: bool


@dataclass(frozen=True)
class ValidationRow:
    """Errors of one core and stack, absolute and in percent."""

    left_out: str
    core: str
    stack: str
    predictions: int
    median_pct: float
    mean_pct: float
    worst_pct: float
    inside_pct: float


@dataclass(frozen=True)
class Validation:
    """The validation table.

    Parameters
    ----------
    rows : tuple of ValidationRow
        By core and stack; first those with a benchmark left out, then those with a board left out.
    summary : tuple of ValidationRow
        Over all, over plain Cortex-M, and by benchmark (named in `stack`).
    predictions : tuple of LeftOutPrediction
        Behind them, for a plot of predicted against published.
    """

    rows: tuple[ValidationRow, ...]
    summary: tuple[ValidationRow, ...]
    predictions: tuple[LeftOutPrediction, ...]

    def median_pct(self, left_out: str) -> float:
        """Median absolute error over everything, in percent."""
        return next(row.median_pct for row in self.summary if row.left_out == left_out)


def validate(measurements: Iterable[Measurement] | None = None) -> Validation:
    """Leave one benchmark out, leave one board out, and predict networks that nobody here measured.

    With a benchmark left out, nothing is calibrated on it for any board: anomaly detection, the
    only one of dense layers, is then predicted without having seen a dense layer. With a board left
    out, only cores and stacks that were measured on another board too can be predicted.

    The errors of both are somewhat optimistic: the features, the starting profile and the two ridge
    strengths of `tinylab.cost.timing.fitting` were chosen with these measurements in view. The
    networks of the model zoo played no part in it: they are the fair test.

    Parameters
    ----------
    measurements : iterable of Measurement, optional
        By default the published ones.
    """
    used = comparable(measurements)
    model = calibrate(used)
    predictions = []
    for left_out in (BENCHMARK, BOARD):
        for row, error in leave_out(used, lambda row, by=left_out: getattr(row, by)):
            expected = model.error(key_of(row), same_board=left_out == BENCHMARK)
            predictions.append(
                LeftOutPrediction(
                    left_out=left_out,
                    measurement=row,
                    predicted_ms=row.latency_ms * float(np.exp(error)),
                    published_ms=row.latency_ms,
                    error=float(np.expm1(error)),
                    inside=bool(abs(error) <= Z90 * expected),
                )
            )
    predictions += _zoo_predictions(model)
    return Validation(
        rows=tuple(_by_stack(predictions)),
        summary=tuple(_summary(predictions)),
        predictions=tuple(predictions),
    )


def _zoo_predictions(model: LatencyModel) -> list[LeftOutPrediction]:
    """Every network of the zoo whose core and stack the model knows."""
    known = {key.core for key in model.fits if key.stack_name == zoo_results()[0].stack}
    predictions = []
    for row in zoo_results():
        target = board(row.board)
        if target.core not in known:
            continue
        estimate = latency(
            row.work, target, stack=row.stack, clock_MHz=row.clock_MHz, calibration=model
        )
        predictions.append(
            LeftOutPrediction(
                left_out=NETWORK,
                measurement=Measurement(
                    board=row.board,
                    core=target.core,
                    stack=row.stack.rsplit(" ", 1)[0],
                    version=row.stack.rsplit(" ", 1)[1],
                    benchmark=row.family,
                    clock_MHz=row.clock_MHz,
                    latency_ms=row.latency_ms,
                    round="model zoo",
                ),
                predicted_ms=estimate.latency_ms,
                published_ms=row.latency_ms,
                error=estimate.latency_ms / row.latency_ms - 1,
                inside=bool(estimate.low_ms <= row.latency_ms <= estimate.high_ms),
            )
        )
    return predictions


def format_validation(table: Validation) -> str:
    """The table as text, for the command line."""
    header = (
        f"{'left out':<10} {'core':<22} {'stack':<32} {'n':>4} {'median':>8} {'mean':>8} "
        f"{'worst':>8} {'in interval':>12}"
    )
    lines = [header, "-" * len(header)]
    for group in (table.rows, table.summary):
        lines += [_format_row(row) for row in group]
        lines.append("-" * len(header))
    lines.append(
        "Absolute errors of predicted against published latency: MLPerf Tiny v0.5 to v1.2, and for"
        " networks STMicroelectronics' model zoo, which the model has never seen."
    )
    return "\n".join(lines)


def _format_row(row: ValidationRow) -> str:
    return (
        f"{row.left_out:<10} {row.core:<22} {row.stack:<32} {row.predictions:>4} "
        f"{row.median_pct:>6.1f} % {row.mean_pct:>6.1f} % {row.worst_pct:>6.0f} % "
        f"{row.inside_pct:>10.0f} %"
    )


def _by_stack(predictions: list[LeftOutPrediction]) -> list[ValidationRow]:
    groups = defaultdict(list)
    for prediction in predictions:
        precision = (
            ""
            if prediction.measurement.precision == "int8"
            else f" {prediction.measurement.precision}"
        )
        name = prediction.measurement.stack_name + precision
        groups[prediction.left_out, prediction.measurement.core, name].append(prediction)
    return [_row(*key, group) for key, group in sorted(groups.items())]


def _summary(predictions: list[LeftOutPrediction]) -> list[ValidationRow]:
    rows = []
    for left_out in (BENCHMARK, BOARD, NETWORK):
        group = [prediction for prediction in predictions if prediction.left_out == left_out]
        plain = [
            prediction for prediction in group if is_plain_cortex_m(prediction.measurement.core)
        ]
        rows.append(_row(left_out, "all", "all", group))
        rows.append(_row(left_out, "Cortex-M", "all", plain))
        for name in dict.fromkeys(prediction.measurement.benchmark for prediction in group):
            some = [prediction for prediction in group if prediction.measurement.benchmark == name]
            rows.append(_row(left_out, "all", name, some))
    return [row for row in rows if row.predictions]


def _row(
    left_out: str, core: str, stack: str, predictions_of_row: list[LeftOutPrediction]
) -> ValidationRow:
    errors = (
        100 * np.abs([prediction.error for prediction in predictions_of_row])
        if predictions_of_row
        else np.array([np.nan])
    )
    inside: list[float] = [prediction.inside for prediction in predictions_of_row] or [np.nan]
    return ValidationRow(
        left_out=left_out,
        core=core,
        stack=stack,
        predictions=len(predictions_of_row),
        median_pct=float(np.median(errors)),
        mean_pct=float(np.mean(errors)),
        worst_pct=float(np.max(errors)),
        inside_pct=100 * float(np.mean(inside)),
    )
