"""Explorer: compute here, or send it away? Two whole devices side by side."""

from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import Device, board, default_board, front_end_cycles, latency, workload
from tinylab.cost.device.energies import counted_uJ, part_energies, powers_of, work_of
from tinylab.cost.power.radio import duty_cycled_s, radio, radios, starts, transmit
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Dropdown, Steps, Toggle
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.parts import (
    add_part_bars,
    leave_out_control,
    part_bars,
    without,
)
from tinylab.explore.widget.wording import amount, count

__all__ = ["Offloading", "offloading_explorer"]

PAYLOADS_BYTES = (1, 2, 5, 10, 20, 50, 100, 200, 490, 1000, 2000, 5000, 9216, 16000, 32000)
PERIODS_S = (2, 5, 10, 30, 60, 300, 600, 3600)
ANSWER_BYTES = 1


@dataclass(frozen=True, eq=False)
class Offloading:
    """A device that answers by itself, and one that sends its input away.

    Attributes
    ----------
    here, sent : dict of str to float
        Energy of each part of the budget in one period, in uJ; the first sends the answer.
    sent_by_payload : ndarray of float64, shape (payloads,)
        In all, at each of `PAYLOADS_BYTES`; nan where it does not fit into the period, or the law
        on time on air forbids it.
    here_uJ, here_low_uJ, here_high_uJ : float
        The estimate, and the ends of the interval of 90 % of the network's time.
    left_out : frozenset of str
    payload_bytes : int
    period_s, least_period_s : float
        The latter by law.
    board, radio : str
    """

    here: dict[str, float]
    sent: dict[str, float]
    sent_by_payload: np.ndarray
    here_uJ: float
    here_low_uJ: float
    here_high_uJ: float
    left_out: frozenset[str]
    payload_bytes: int
    period_s: float
    least_period_s: float
    board: str
    radio: str

    @property
    def sent_uJ(self) -> float:
        """Of the device that sends, in one period."""
        return float(self.sent_by_payload[PAYLOADS_BYTES.index(self.payload_bytes)])


class _View:
    """Above energy against the size of the message, below what both devices pay for."""

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=500, legend_rows=4)
        figure.add_scatter(x=PAYLOADS_BYTES, name="send it", **theme.series(0))
        ends = [PAYLOADS_BYTES[0], PAYLOADS_BYTES[-1]]
        figure.add_scatter(
            x=ends, mode="lines", name="compute here", line={"color": theme.BLACK, "width": 3}
        )
        figure.add_scatter(**theme.highlight())
        add_part_bars(figure, y=["send it", "compute here"], xaxis="x2", yaxis="y2")
        log = {"type": "log", "tickformat": ",~g", "exponentformat": "none"}
        return figure.update_layout(
            barmode="stack",
            xaxis={"title": "message (bytes)", "dtick": 1, "anchor": "y", **log},
            yaxis={"title": "energy a look (uJ)", "domain": [0.46, 1], "dtick": "D2", **log},
            xaxis2={"title": "energy a look, by part (uJ)", "anchor": "y2"},
            yaxis2={"domain": [0, 0.2], "anchor": "x2"},
        )

    def update(self, figure: go.Figure, result: Offloading) -> None:
        line, level, here, *bars = figure.data
        line.y, level.y = result.sent_by_payload, [result.here_uJ] * 2
        here.x, here.y = [result.payload_bytes], [result.sent_uJ]
        rows = [part_bars(one, result.left_out) for one in (result.sent, result.here)]
        for bar, pair in zip(bars, zip(*rows, strict=True), strict=True):
            bar.x = [0.0 if np.isnan(result.sent_uJ) else pair[0], pair[1]]


def _summary(result: Offloading) -> str:
    size = f"{count(result.payload_bytes, 'byte')} over {result.radio}"
    if np.isnan(result.sent_uJ):
        law = f"; by law one may be sent every {amount(result.least_period_s)} s"
        return (
            f"{size} cannot be sent every {result.period_s:g} s"
            f"{law if result.least_period_s > result.period_s else ''}. Computing on"
            f" {result.board} takes {amount(result.here_uJ)} uJ a look: compute here."
        )
    sent, here = result.sent_uJ, result.here_uJ
    verdict = "compute here" if sent > here else "send it"
    if result.here_low_uJ < sent < result.here_high_uJ:
        verdict = (
            f"too close to call: as far as the network's time is known, the latter is"
            f" {amount(result.here_low_uJ)} to {amount(result.here_high_uJ)} uJ"
        )
    elif min(sent, here) > 0:
        ratio = amount(max(sent / here, here / sent))
        more = "slightly more" if ratio == "1" else f"{ratio} times as much"
        verdict = f"{'sending' if sent > here else 'computing'} takes {more}: {verdict}"
    return (
        f"A look every {result.period_s:g} s on {result.board}, with everything that is counted:"
        f" {amount(sent)} uJ for sending {size} ({amount(result.sent['radio'])} of them for the"
        f" radio), {amount(here)} uJ if the network runs here ({amount(result.here['network'])})"
        f" and its answer is sent ({amount(result.here['radio'])}); {verdict}."
    )


def offloading_explorer(model, *, application: str = "keyword_spotting") -> Explorer:
    """Weigh answering on the board against sending its input over a radio.

    Parameters
    ----------
    model : Graph or Workload
    application : str
        Whose front end computes the features, see `tinylab.cost.front_end_cycles`.
    """
    asked = workload(model)
    names, links = usable_boards(asked, rest="idle"), {k: one.name for k, one in radios().items()}
    estimates = {key: latency(asked, key) for key in names}
    features = front_end_cycles(application)

    def compute(
        board_id: str,
        radio_id: str,
        payload_bytes: int,
        period_s: float,
        features_first: bool,
        kept: bool,
        leave_out: str,
    ) -> Offloading:
        chosen, left_out = board(board_id), without(leave_out)
        around = Device(
            period_s=period_s,
            features_cycles=features,
            radio=radio_id,
            connection="kept" if kept or not radio(radio_id).joins else "made",
            rest="sleep" if chosen.sleep else "idle",
            without=left_out,
        )
        away = around if features_first else replace(around, features_cycles=0.0)
        known = estimates[board_id]
        cycles = 1e3 * known.clock_MHz * np.array([known.latency_ms, known.low_ms, known.high_ms])
        here = _energies(chosen, around, cycles, (ANSWER_BYTES,) * 3)
        here_uJ, here_low_uJ, here_high_uJ = map(float, counted_uJ(here, around))
        sent = _energies(chosen, away, 0.0, PAYLOADS_BYTES)
        messages = [transmit(size, radio_id, start=False) for size in PAYLOADS_BYTES]
        least_s = np.array([duty_cycled_s(one) for one in messages])
        at = PAYLOADS_BYTES.index(payload_bytes)
        return Offloading(
            here={name: float(uJ[0]) for name, uJ in here.items()},
            sent={name: float(uJ[at]) for name, uJ in sent.items()},
            sent_by_payload=np.where(least_s <= period_s, counted_uJ(sent, away), np.nan),
            here_uJ=here_uJ,
            here_low_uJ=here_low_uJ,
            here_high_uJ=here_high_uJ,
            left_out=left_out,
            payload_bytes=payload_bytes,
            period_s=period_s,
            least_period_s=float(least_s[at]),
            board=names[board_id],
            radio=links[radio_id],
        )

    controls = [
        board_control(names, name="board_id", start=default_board()),
        Dropdown("radio_id", "Radio", tuple(links), next(iter(links)), tuple(links.values())),
        Steps("payload_bytes", "Message", PAYLOADS_BYTES, 490, "bytes"),
        Steps("period_s", "One look every", PERIODS_S, 10, "s"),
        Toggle("features_first", "Features are computed before sending", True),
        Toggle("kept", "A connection is kept up between messages", True),
        leave_out_control(),
    ]
    return Explorer(
        "Compute or send?",
        controls,
        compute,
        _View(),
        _summary,
        source="modelled by tinylab.cost: currents and rates from data sheets, inference from"
        " published power; only of Wi-Fi is it known what making a connection takes, the others"
        " always keep theirs",
    )


def _energies(chosen, around: Device, cycles, sizes: tuple[int, ...]) -> dict:
    """By part, an array over the sizes of the message; cycles of one size, or of each."""
    clock = chosen.clock_max.value
    start = starts(around.radio, around.connection)
    costs = [transmit(size, around.radio, start=start) for size in sizes]
    alone = work_of(chosen, around, cycles, clock)
    work = replace(
        alone,
        send_ms=np.array([one.time_ms for one in costs]),
        send_uJ=np.array([one.energy_uJ for one in costs]),
    )
    powers = powers_of(chosen, around, clock)
    energies = part_energies(powers, around, work)
    return {name: uJ + np.zeros(len(sizes)) for name, uJ in energies.items()}
