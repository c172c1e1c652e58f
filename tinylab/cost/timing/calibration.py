"""Calibrates the latency model on measurements, and says how far to trust it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np

from tinylab.cost.catalogue.boards import Board, bare_board, boards
from tinylab.cost.catalogue.measurements import Measurement, comparable
from tinylab.cost.catalogue.measurements import measurements as published_measurements
from tinylab.cost.catalogue.own_boards import own_catalogue
from tinylab.cost.timing.coverage import Widths, conformal_width, is_plain_cortex_m
from tinylab.cost.timing.fitting import (
    Coefficients,
    StackKey,
    features,
    fit,
    leave_out,
    mean_cycles,
    version_order,
)
from tinylab.cost.timing.residuals import Residuals
from tinylab.cost.timing.stack_ratios import derived_fits, other_measurements

UNKNOWN_ERROR = 0.35
"""Error of ln(latency) to assume where nothing could be left out to find it."""
ERROR_SHRINKAGE = 4.0
"""A core's own errors weigh as much as those of all cores once there are this many of them."""


@dataclass(frozen=True, eq=False)
class LatencyModel(Coefficients):
    """A calibrated latency model; see `tinylab.cost.latency` for its use.

    Parameters
    ----------
    fits, board_factors, profile
        As in `Coefficients`.
    model_error : mapping of (core, precision) to float
        Standard deviation of ln(predicted / measured) for a model that was not measured.
    board_error, stack_error : float
        The same, in addition, for a board, or a version of a stack, that was not measured.
    ratio_error : mapping of StackKey to float
        The same, in addition, for stacks that are known by a published ratio only.
    widths : Widths
        What makes intervals of these errors hold 90 % of what was left out.
    residuals : mapping of (StackKey, board id) to Residuals
        What the fit left over of each measured network.
    added_boards : mapping of board id to Board
        Boards of the measurements that are in no catalogue: core and clock are all that is known.
    """

    model_error: Mapping[tuple[str, str], float]
    board_error: float
    stack_error: float
    ratio_error: Mapping[StackKey, float]
    widths: Widths
    residuals: Mapping[tuple[StackKey, str], Residuals]
    added_boards: Mapping[str, Board]

    def error(self, key: StackKey, *, same_board: bool = True, same_stack: bool = True) -> float:
        """Error of ln(latency), such that 1.645 times it holds 90 % of what was left out.

        Parameters
        ----------
        key : StackKey
        same_board, same_stack : bool
            Whether the stack was measured on the board, and in the very version that was asked.
        """
        variance = self.model_error.get((key.core, key.precision), UNKNOWN_ERROR) ** 2
        variance += 0.0 if same_board else self.board_error**2
        variance += 0.0 if same_stack else self.stack_error**2
        variance += self.ratio_error.get(key, 0.0) ** 2
        return float(np.sqrt(variance)) * self.widths.of(key.core)


def calibrate(measurements: Iterable[Measurement] | None = None) -> LatencyModel:
    """Fit the latency model.

    Parameters
    ----------
    measurements : iterable of Measurement, optional
        By default the published ones and those of your `boards.toml`. To add a board, pass those
        and your own: the latencies of the four benchmarks on it are enough.

    Raises
    ------
    ValueError
        No usable measurement, or one of a benchmark whose operators are not known.
    """
    if measurements is None:
        measurements = (*published_measurements(), *own_catalogue().measurements)
    return _calibrate(comparable(measurements))


@lru_cache(maxsize=64)
def _calibrate(measured: tuple[Measurement, ...]) -> LatencyModel:
    model = fit(measured)
    held_out = leave_out(measured, lambda row: row.benchmark)
    model_error, board_error = _model_errors(held_out), _board_error(mean_cycles(measured))
    derived, ratio_error = derived_fits(model.fits)
    known = Coefficients({**model.fits, **derived}, model.board_factors, model.profile)
    others = {key: c for key, c in mean_cycles(other_measurements()).items() if key[0] in derived}
    return LatencyModel(
        fits=known.fits,
        board_factors=known.board_factors,
        profile=known.profile,
        ratio_error=ratio_error,
        widths=_widths(measured, held_out, model_error, board_error),
        residuals=_residuals(known, {**mean_cycles(measured), **others}),
        model_error=model_error,
        board_error=board_error,
        stack_error=_version_error(model),
        added_boards=_added_boards(measured),
    )


def _widths(measured: tuple[Measurement, ...], held_out, model_error, board_error: float) -> Widths:
    """Conformal widths, from predictions without the benchmark and without the board."""
    without_board = leave_out(measured, lambda row: row.board)
    scores: dict[bool, list[float]] = {True: [], False: []}
    for predictions, extra in ((held_out, 0.0), (without_board, board_error)):
        for measurement, error in predictions:
            name = measurement.core, measurement.precision
            expected = np.hypot(model_error.get(name, UNKNOWN_ERROR), extra)
            scores[is_plain_cortex_m(measurement.core)].append(abs(error) / expected)
    return Widths(plain=conformal_width(scores[True]), other=conformal_width(scores[False]))


def _added_boards(measured: tuple[Measurement, ...]) -> dict[str, Board]:
    known = boards()
    return {
        row.board: bare_board(row.board, row.core, float(row.clock_MHz))
        for row in measured
        if row.board not in known and row.clock_MHz
    }


def _residuals(model: Coefficients, cycles) -> dict[tuple[StackKey, str], Residuals]:
    """By stack and board, what the fit left over of each measured network."""
    rows = defaultdict(list)
    for (key, board, benchmark), value in cycles.items():
        amounts = features(benchmark, model.fits[key].skips_dead_channels)
        rows[key, board].append((amounts, np.log(value / model.cycles(key, board, benchmark))))
    return {
        where: Residuals(np.array([a for a, _ in measured]), np.array([r for _, r in measured]))
        for where, measured in rows.items()
    }


def _model_errors(predictions) -> dict[tuple[str, str], float]:
    """Root mean square error per core and precision, drawn towards that of all."""
    held_out = defaultdict(list)
    for measurement, error in predictions:
        held_out[measurement.core, measurement.precision].append(error)
    everything = np.concatenate([[UNKNOWN_ERROR], *held_out.values()])
    pooled = np.mean(np.minimum(everything**2, 1.0))
    return {
        name: float(
            np.sqrt(
                (np.sum(np.square(errors)) + ERROR_SHRINKAGE * pooled)
                / (len(errors) + ERROR_SHRINKAGE)
            )
        )
        for name, errors in held_out.items()
    }


def _board_error(cycles) -> float:
    """How far the cycles of a board lie from those of an average one, all else equal.

    Two boards differ by the square root of 2 times that.
    """
    same = defaultdict(list)
    for (key, _, benchmark), value in cycles.items():
        same[key, benchmark].append(np.log(value))
    changes = [a - b for logs in same.values() for a, b in combinations(logs, 2)]
    return float(np.sqrt(np.mean(np.square(changes)) / 2)) if changes else UNKNOWN_ERROR


def _version_error(model: Coefficients) -> float:
    """Mean square change of predicted cycles from one version of a stack to the next, as a root."""
    by_family = defaultdict(list)
    for key, fit_of_version in model.fits.items():
        by_family[key.core, key.stack, key.precision].append(fit_of_version)
    changes = []
    for fits in by_family.values():
        ordered = sorted(fits, key=lambda fit_of_version: version_order(fit_of_version.key.version))
        for old, new in pairwise(ordered):
            for benchmark in ("kws", "ic", "ad"):
                changes.append(
                    np.log(
                        (features(benchmark, False) @ new.cycles_per_unit)
                        / (features(benchmark, False) @ old.cycles_per_unit)
                    )
                )
    return float(np.sqrt(np.mean(np.square(changes)))) if changes else UNKNOWN_ERROR
