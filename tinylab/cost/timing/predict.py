"""How long a model takes on a board, with an interval."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

import numpy as np

from tinylab.cost.catalogue.boards import Board, board
from tinylab.cost.catalogue.measurements import OWN
from tinylab.cost.catalogue.own_boards import OwnCatalogue, own_catalogue
from tinylab.cost.timing.calibration import LatencyModel, calibrate
from tinylab.cost.timing.coverage import Z90
from tinylab.cost.timing.fitting import StackFit, version_order
from tinylab.cost.timing.residuals import NO_RESIDUALS, REPEAT_ERROR, Residuals
from tinylab.cost.timing.workload import Workload, workload
from tinylab.graph.core.ir import Graph

MIN_MEASURED = 3
OPEN_STACKS = ("TFLM CMSIS-NN", "microTVM CMSIS-NN", "TFLM MVP v1.0", "pico-tflmicro")
"""Stacks that a student can install; the default where one is known for the core."""
MAKER_STACKS = {"X-CUBE-AI": "STM32"}
"""Stacks that run on one maker's chips only, with how the names of those chips begin."""


@dataclass(frozen=True)
class LatencyEstimate:
    """A modelled latency.

    Parameters
    ----------
    latency_ms : float
    low_ms, high_ms : float
        The interval that holds about 90 % of models and boards left out of the calibration.
    cycles : float
    clock_MHz : float
    board, stack : str
    kind : str
        "modelled", or "published" where this network was measured on this board with this stack.
    basis : str
        What the estimate rests on, in a sentence.
    """

    latency_ms: float
    low_ms: float
    high_ms: float
    cycles: float
    clock_MHz: float
    board: str
    stack: str
    kind: str
    basis: str


@dataclass(frozen=True, eq=False)
class StackChoice:
    """The calibrated stack that stands for a request, and the error of ln(latency) to expect."""

    fit: StackFit
    board_factor: float
    error: float
    basis: str
    residuals: Residuals = NO_RESIDUALS

    def cycles(self, model: Workload) -> float:
        """Cycles of a model, pulled towards what was measured near it."""
        return float(self.predict(model.features, model.live_features)[0][0])

    def predict(self, full: np.ndarray, live: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Cycles and the error of their logarithm, for amounts of shape (models, 6)."""
        amounts = np.atleast_2d(live if self.fit.skips_dead_channels else full)
        logs, left = self.residuals.pull(amounts, self.fit.cycles_per_unit)
        plain = amounts @ self.fit.cycles_per_unit * self.board_factor
        return plain * np.exp(logs), np.maximum(self.error * left, REPEAT_ERROR)

    def pull_factor(self, model: Workload) -> float:
        """What the measured neighbours of a model make of the plain fit."""
        amounts = model.live_features if self.fit.skips_dead_channels else model.features
        plain = float(amounts @ self.fit.cycles_per_unit) * self.board_factor
        return self.cycles(model) / plain if plain else 1.0


def latency(
    model: Graph | Workload,
    on: str | Board,
    *,
    stack: str | None = None,
    clock_MHz: float | None = None,
    calibration: LatencyModel | None = None,
) -> LatencyEstimate:
    """Predict how long one inference takes.

    Cycles do not depend on the clock here: the published always-on results at a high and a low
    clock agree within 3 %.

    Parameters
    ----------
    model : Graph or Workload
        From `tinylab.graph.read_tflite`, or one of `benchmarks()`.
    on : str or Board
        Of the catalogue, or of the measurements behind `calibration`.
    stack : str, optional
        Such as "X-CUBE-AI", "X-CUBE-AI 9.0" or "TFLM CMSIS-NN"; see `stacks`. By default one that
        anybody can install, where it is known for the core; else the newest that was measured.
    clock_MHz : float, optional
        By default the board's highest.
    calibration : LatencyModel, optional
        By default `calibrate()`, fitted on the published measurements.

    Raises
    ------
    UnsupportedOperatorError
        The model has an operator whose cost is not known; the message names it.
    ValueError
        Unknown board or stack, a clock out of range, or a core without measurements.
    """
    added = {} if calibration is None else calibration.added_boards
    target = added[on] if isinstance(on, str) and on in added else board(on)
    asked = workload(model)
    clock = target.clock(clock_MHz)
    choice = choose_stack(target, asked.precision, stack, calibration)
    cycles, errors = (
        float(value[0]) for value in choice.predict(asked.features, asked.live_features)
    )
    latency_ms = cycles / clock / 1e3
    measured = errors <= REPEAT_ERROR
    spread = float(np.exp(Z90 * errors))
    return LatencyEstimate(
        latency_ms=latency_ms,
        low_ms=latency_ms / spread,
        high_ms=latency_ms * spread,
        cycles=cycles,
        clock_MHz=clock,
        board=target.id,
        stack=choice.fit.key.stack_name,
        kind="published" if measured else "modelled",
        basis=f"{choice.basis}: this very network was measured" if measured else choice.basis,
    )


def stacks(
    on: str | Board, precision: str = "int8", calibration: LatencyModel | None = None
) -> tuple[str, ...]:
    """The software stacks that are calibrated for a board's core, best choice first."""
    target = board(on)
    ranked = _ranked(target, _fits(calibration or calibrate(), target.core, precision))
    return tuple(fit.key.stack_name for fit in ranked)


def choose_stack(
    target: Board,
    precision: str = "int8",
    stack: str | None = None,
    calibration: LatencyModel | None = None,
) -> StackChoice:
    """Find the calibrated stack that stands for `stack` on a board; see `latency`."""
    if calibration is None:
        return _choose_known(own_catalogue(), target, precision, stack)
    return _choose(calibration, target, precision, stack)


@cache
def _choose_known(
    own: OwnCatalogue, target: Board, precision: str, stack: str | None
) -> StackChoice:
    """Remembered for as long as the `boards.toml` that `own` stands for is the same."""
    return _choose(calibrate(), target, precision, stack)


def _choose(
    calibration: LatencyModel, target: Board, precision: str, stack: str | None
) -> StackChoice:
    fits = _fits(calibration, target.core, precision)
    if not fits:
        cores = sorted({k.core for k in calibration.fits if k.precision == precision})
        meant = get_close_matches(target.core.title(), cores, n=1)
        raise ValueError(
            f"no latency of {precision} models is published for {target.core} ({target.id})"
            f"{f', did you mean {meant[0]}?' if meant else ';'} calibrated are {', '.join(cores)};"
            " a latency that you measured, in your boards.toml, adds a core"
        )
    closed = ""
    if stack is None:
        fit, same_stack = _ranked(target, fits)[0], True
        if fit.key.stack_name not in OPEN_STACKS:
            closed = f"; no stack that anybody can install is published for {target.core}"
    else:
        fit, same_stack = _match(target, fits, stack)
    same_board = target.timing_id in fit.boards
    near = calibration.residuals.get((fit.key, target.timing_id), NO_RESIDUALS)
    return StackChoice(
        fit=fit,
        board_factor=calibration.board_factors.get(target.timing_id, 1.0),
        error=calibration.error(fit.key, same_board=same_board, same_stack=same_stack),
        basis=_basis(target, fit, stack, same_board, same_stack) + closed,
        residuals=near if same_stack else NO_RESIDUALS,
    )


def _fits(calibration: LatencyModel, core: str, precision: str) -> list[StackFit]:
    return [
        known_fit
        for key, known_fit in calibration.fits.items()
        if key.core == core and key.precision == precision
    ]


def _ranked(target: Board, fits: list[StackFit]) -> list[StackFit]:
    """Your own measurements first; then what anybody can install, was measured here, recently.

    For a board that was not measured, what ran on most boards comes first, and another maker's own
    stack last: it does not run there.
    """
    return sorted(
        fits,
        key=lambda known_fit: (
            known_fit.newest_round == OWN and target.id in known_fit.boards,
            known_fit.key.stack_name in OPEN_STACKS,
            target.timing_id in known_fit.boards,
            known_fit.key.stack_name == OPEN_STACKS[0],
            target.soc.startswith(MAKER_STACKS.get(known_fit.key.stack, "")),
            known_fit.measured >= MIN_MEASURED,
            0 if target.timing_id in known_fit.boards else len(known_fit.boards),
            (np.inf,) if known_fit.newest_round == OWN else version_order(known_fit.newest_round),
            -known_fit.cycles_per_unit[0],
        ),
        reverse=True,
    )


def _match(target: Board, fits: list[StackFit], stack: str) -> tuple[StackFit, bool]:
    """The fit of that name, or of the nearest version of the stack; whether it is the very one."""
    named = [known_fit for known_fit in fits if known_fit.key.stack_name == stack]
    if named:
        return _ranked(target, named)[0], True
    family = [known_fit for known_fit in fits if f"{known_fit.key.stack} ".startswith(f"{stack} ")]
    if family:
        shortest = min(len(known_fit.key.stack) for known_fit in family)
        family = [known_fit for known_fit in family if len(known_fit.key.stack) == shortest]
        return _ranked(target, family)[0], True
    family = [known_fit for known_fit in fits if stack.startswith(f"{known_fit.key.stack} ")]
    if not family:
        known = ", ".join(known_fit.key.stack_name for known_fit in _ranked(target, fits))
        raise ValueError(f"unknown stack {stack!r} for {target.core}; calibrated are {known}")
    longest = max(len(known_fit.key.stack) for known_fit in family)
    family = [known_fit for known_fit in family if len(known_fit.key.stack) == longest]
    wanted = version_order(stack[longest + 1 :])
    older = [known_fit for known_fit in family if version_order(known_fit.key.version) <= wanted]
    newest = max(older or family, key=lambda known_fit: version_order(known_fit.key.version))
    return newest, False


def _basis(
    target: Board, fit: StackFit, stack: str | None, same_board: bool, same_stack: bool
) -> str:
    where = (
        target.timing_id
        if same_board
        else f"other boards with {target.core} ({', '.join(fit.boards)})"
    )
    if not fit.boards:
        where = f"another stack on {target.core}, times the published ratio of the two"
    text = f"{fit.key.stack_name} as measured on {where}"
    return text if same_stack else f"{text}, standing in for {stack}, which was not measured"
