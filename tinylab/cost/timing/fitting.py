"""The arithmetic of calibration: from measured cycles to cycles per unit of work.

cycles = board factor x sum over features of (amount x cycles per unit), where the cycles per unit
belong to a core and a software stack, and the factor to a board's memory system. Four measured
models
cannot fix six coefficients, so every stack's coefficients are drawn towards a profile that all
stacks share, scaled to fit: non-negative least squares on relative errors, with a ridge.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from tinylab.cost.catalogue.measurements import OWN, Measurement
from tinylab.cost.timing.workload import benchmarks

PROFILE_START = np.array([1.0, 3.5, 1.4, 8.0, 2.0, 500.0])
"""Cost of each feature in units of one multiply-accumulate of a convolution, where fitting starts:
a depthwise kernel reuses neither weights nor inputs across channels; a dense layer loads each
weight for a single use; an element written is rescaled, clipped and stored.

Set by hand with the published cycles per multiply-accumulate in view, so it is not blind to them.
With a benchmark left out it matters: changing one of the middle four entries by a factor of 1.4
to 2 moves that median error from 9.8 % to between 9.5 % and 12.1 %, a dense layer at 2.0 to
14.8 %. The error on unseen boards stays between 9 % and 12 %."""
PROFILE_RIDGE = 0.01
STACK_RIDGE = 0.3
"""Weight of a coefficient's relative distance from its prior, against a relative misfit of 1."""
BOARD_SHRINKAGE = 2.0
"""A board's factor is drawn towards 1 as if it had this many measurements more, all at 1."""
ROUNDS_OF_FITTING = 3
LIVE_GAIN = 0.5
"""A stack counts as skipping dead channels if that shrinks its squared misfit below this share."""


@dataclass(frozen=True)
class StackKey:
    """What coefficients belong to."""

    core: str
    stack: str
    version: str
    precision: str

    @property
    def stack_name(self) -> str:
        return f"{self.stack} {self.version}".strip()


@dataclass(frozen=True, eq=False)
class StackFit:
    """The calibrated cost of one software stack on one core.

    Parameters
    ----------
    key : StackKey
    cycles_per_unit : ndarray of float64, shape (6,)
        In the order of `FEATURES`, on a board of average memory.
    skips_dead_channels : bool
        Whether the stack leaves out channels whose weights are all zero, as its latencies imply.
    boards : tuple of str
        On which it was measured.
    measured : int
        Number of distinct (board, benchmark) pairs it was fitted on.
    newest_round : str
        Of those measurements.
    """

    key: StackKey
    cycles_per_unit: np.ndarray
    skips_dead_channels: bool
    boards: tuple[str, ...]
    measured: int
    newest_round: str


@dataclass(frozen=True, eq=False)
class Coefficients:
    """What `fit` finds.

    Parameters
    ----------
    fits : mapping of StackKey to StackFit
    board_factors : mapping of board id to float
        Cycles on this board relative to an average board of its core.
    profile : ndarray of float64, shape (6,)
        The shared profile, in units of a convolution's multiply-accumulate of the starting profile.
    """

    fits: Mapping[StackKey, StackFit]
    board_factors: Mapping[str, float]
    profile: np.ndarray

    def cycles(self, key: StackKey, board: str, benchmark: str) -> float:
        """Predicted cycles of a benchmark; a board without a factor counts as average."""
        fitted = self.fits[key]
        amounts = features(benchmark, fitted.skips_dead_channels)
        return float(amounts @ fitted.cycles_per_unit) * self.board_factors.get(board, 1.0)


def fit(measured: tuple[Measurement, ...]) -> Coefficients:
    """Fit the coefficients of every stack, the profile they share, and the boards' factors.

    Raises
    ------
    ValueError
        No measurement, or one of a benchmark whose operators are not known.
    """
    if not measured:
        raise ValueError("no usable measurement: pass some of a reference model at a known clock")
    cycles = mean_cycles(measured)
    factors = {board: 1.0 for _, board, _ in cycles}
    skips = {(key.stack, key.version): False for key, _, _ in cycles}
    profile = PROFILE_START
    for _ in range(ROUNDS_OF_FITTING):
        rows = _rows(cycles, factors)
        profile = _shared_profile(rows, skips, profile)
        skips = _skipping_stacks(rows, profile)
        fitted = {key: _fit_stack(data, profile, skips[_family(key)]) for key, data in rows.items()}
        factors = _board_factors(cycles, fitted, skips)
    boards, rounds = defaultdict(list), defaultdict(set)
    for key, board, _ in cycles:
        boards[key].append(board)
    for measurement in measured:
        rounds[key_of(measurement)].add(measurement.round)
    fits = {
        key: StackFit(
            key=key,
            cycles_per_unit=coefficients,
            skips_dead_channels=skips[_family(key)],
            boards=tuple(sorted(set(boards[key]))),
            measured=len(boards[key]),
            newest_round=_newest_round(rounds[key]),
        )
        for key, coefficients in fitted.items()
    }
    return Coefficients(fits, factors, profile)


def leave_out(measured: tuple[Measurement, ...], group) -> list[tuple[Measurement, float]]:
    """Predict each measurement from those of all other groups.

    Parameters
    ----------
    measured : tuple of Measurement
    group : callable
        Measurement -> hashable; a group is left out as a whole.

    Returns
    -------
    list of (Measurement, float)
        With ln(predicted / measured); measurements whose core and stack the others lack are absent.
    """
    errors = []
    for name in sorted({group(row) for row in measured}, key=str):
        rest = tuple(row for row in measured if group(row) != name)
        predictable = {key_of(row) for row in rest} & {
            key_of(row) for row in measured if group(row) == name
        }
        if not predictable:
            continue
        model = fit(rest)
        for row in measured:
            if group(row) == name and key_of(row) in predictable:
                predicted = model.cycles(key_of(row), row.board, row.benchmark)
                errors.append((row, float(np.log(predicted / row.cycles))))
    return errors


def _newest_round(rounds: Iterable[str]) -> str:
    return max(rounds, key=lambda name: (name == OWN, version_order(name)))


def key_of(row: Measurement) -> StackKey:
    """What the coefficients for a measurement belong to."""
    return StackKey(row.core, row.stack, row.version, row.precision)


def _family(key: StackKey) -> tuple[str, str]:
    return key.stack, key.version


def features(benchmark: str, live: bool) -> np.ndarray:
    """The amounts of a benchmark, or of its live channels."""
    known = benchmarks()
    if benchmark not in known:
        raise ValueError(f"unknown benchmark {benchmark!r}; known are {', '.join(known)}")
    return known[benchmark].live_features if live else known[benchmark].features


def mean_cycles(measured: tuple[Measurement, ...]) -> dict[tuple[StackKey, str, str], float]:
    """Repeated measurements of one setting count once."""
    logs: dict[tuple[StackKey, str, str], list[float]] = defaultdict(list)
    for row in measured:
        logs[key_of(row), row.board, row.benchmark].append(np.log(row.cycles))
    return {setting: float(np.exp(np.mean(values))) for setting, values in logs.items()}


def _rows(cycles, factors) -> dict[StackKey, list[tuple[str, float]]]:
    """Of each stack: (benchmark, cycles on an average board)."""
    rows = defaultdict(list)
    for (key, board, benchmark), value in cycles.items():
        rows[key].append((benchmark, value / factors[board]))
    return dict(rows)


def _relative(data, live: bool) -> np.ndarray:
    """Features divided by the measured cycles: times the right coefficients this is 1."""
    return np.array([features(benchmark, live) / value for benchmark, value in data])


def _scale(relative: np.ndarray, profile: np.ndarray) -> float:
    return float(np.exp(-np.mean(np.log(relative @ profile))))


def _ridge(relative: np.ndarray, prior: np.ndarray, strength: float, weights=1.0) -> np.ndarray:
    """Non-negative coefficients near `prior` with `relative @ coefficients` near 1."""
    from scipy.optimize import nnls  # 0.3 s to import, and only calibration needs it

    pull = np.sqrt(strength) * np.eye(len(prior))
    weights = np.broadcast_to(weights, len(relative))
    design = np.vstack([relative * prior * weights[:, None], pull])
    return nnls(design, np.concatenate([weights, np.diag(pull)]))[0] * prior


def _fit_stack(data, profile: np.ndarray, live: bool) -> np.ndarray:
    relative = _relative(data, live)
    return _ridge(relative, profile * _scale(relative, profile), STACK_RIDGE)


def _shared_profile(rows, skips, profile: np.ndarray) -> np.ndarray:
    """The profile that fits all int8 stacks best once each is scaled; outliers count less."""
    scaled = []
    for key, data in rows.items():
        if key.precision == "int8":
            relative = _relative(data, skips[_family(key)])
            scaled.append(relative * _scale(relative, profile))
    if not scaled:
        return profile
    stacked = np.vstack(scaled)
    misfit = np.abs(stacked @ profile - 1)
    weights = 1 / np.sqrt(np.maximum(1.0, misfit / 0.2) * len(stacked))
    refined = _ridge(stacked, PROFILE_START, PROFILE_RIDGE, weights)
    return np.maximum(refined, 1e-3 * PROFILE_START)


def _skipping_stacks(rows, profile: np.ndarray) -> dict[tuple[str, str], bool]:
    """Decided per stack, over all cores: a stack is one program."""
    misfit: dict[tuple[str, str], np.ndarray] = defaultdict(lambda: np.zeros(2))
    for key, data in rows.items():
        for live in (False, True):
            coefficients = _fit_stack(data, profile, live)
            error = _relative(data, live) @ coefficients - 1
            misfit[_family(key)][int(live)] += error @ error
    return {name: bool(live < LIVE_GAIN * full) for name, (full, live) in misfit.items()}


def _board_factors(cycles, fitted, skips) -> dict[str, float]:
    """Mean ratio of measured to fitted cycles per board, drawn towards 1.

    Only stacks that were measured on several boards can tell a board from the stack.
    """
    boards_of = defaultdict(set)
    for key, board, _ in cycles:
        boards_of[key].add(board)
    logs: dict[str, list[float]] = defaultdict(list)
    for (key, board, benchmark), value in cycles.items():
        logs[board] += []
        if len(boards_of[key]) == 1:
            continue
        predicted = features(benchmark, skips[_family(key)]) @ fitted[key]
        logs[board].append(np.log(value / predicted))
    return {
        board: float(np.exp(np.sum(values) / (len(values) + BOARD_SHRINKAGE)))
        for board, values in logs.items()
    }


def version_order(version: str) -> tuple:
    """A key that sorts versions: rounds such as v0.7 before years such as 2023.05."""
    parts = version.removeprefix("v").split(".")
    return tuple(int(part) if part.isdigit() else -1 for part in parts)
