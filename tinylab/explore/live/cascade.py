"""A wake-up cascade that hears your room: which stage wakes how often, and what that costs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import Device, DeviceBudget, batteries, board, default_board, latency
from tinylab.cost.device.cascade import Cascade, cascade_budget
from tinylab.cost.device.settings import PARTS
from tinylab.explore.live import sound
from tinylab.explore.live.devices import Listen
from tinylab.explore.widget import theme
from tinylab.explore.widget.parts import add_part_bars, part_bars
from tinylab.explore.widget.wording import amount, count
from tinylab.scoring.cascade_study import frames_computed, window_levels_dB

__all__ = ["RoomCascade", "Stages"]

HOP_SAMPLES = 3200
HOP_S = HOP_SAMPLES / sound.RATE_Hz
LONGEST_S = 120
BATTERY = "lipo_500"
STAGES = ("sound level", "features, small detector", "keyword network")
ROWS = ("network always on", "your cascade")


@dataclass(frozen=True)
class Stages:
    """The three stages of a cascade; each is asked about a window of one second.

    Parameters
    ----------
    level_dB : float
        The loudest fifth of a window must reach it, in dB of full scale.
    detect : callable
        int16 (windows, 16000) -> float (windows,): scores of the small detector.
    least_score : float
        From which the network runs.
    recognize : callable
        int16 (windows, 16000) -> float (windows, classes): posteriors of the keyword network.
    keywords : mapping of int to str
        The classes that count as commands.
    detector_cycles : float
        Of one run of the small detector.
    threshold : float
        From which posterior on a command counts.
    """

    level_dB: float
    detect: Callable[[np.ndarray], np.ndarray]
    least_score: float
    recognize: Callable[[np.ndarray], np.ndarray]
    keywords: Mapping[int, str]
    detector_cycles: float
    threshold: float = 0.7


@dataclass
class _Heard:
    """In which windows each stage ran so far, and what was heard."""

    loud: list[bool] = field(default_factory=list)
    recognized: int = 0
    words: list[str] = field(default_factory=list)
    last: str = ""

    def add(self, waveform: np.ndarray, stages: Stages) -> None:
        """The windows of a waveform, a fifth of a second apart."""
        each = np.lib.stride_tricks.sliding_window_view(waveform, sound.RATE_Hz)[::HOP_SAMPLES]
        loud = window_levels_dB(waveform) >= stages.level_dB
        self.loud += loud.tolist()
        runs = loud.copy()
        if loud.any():
            runs[loud] = stages.detect(each[loud]) >= stages.least_score
        posteriors = stages.recognize(each[runs]) if runs.any() else np.zeros((0, 1))
        self.recognized += int(runs.sum())
        remaining = iter(posteriors)
        for ran in runs:
            self._follow(next(remaining) if ran else None, stages)

    def _follow(self, scores: np.ndarray | None, stages: Stages) -> None:
        """A word that several windows hear in a row was said once."""
        word = ""
        if scores is not None and scores.max() >= stages.threshold:
            word = stages.keywords.get(int(scores.argmax()), "")
        if word and word != self.last:
            self.words.append(word)
        self.last = word

    def work(self) -> Cascade:
        """What the stages had to do."""
        frames = frames_computed(self.loud)
        return Cascade(HOP_S, len(self.loud), frames, sum(self.loud), self.recognized)

    def work_without(self) -> Cascade:
        """What it would have been had the network run in every window."""
        windows = len(self.loud)
        return Cascade(HOP_S, windows, frames_computed([True] * windows), 0, windows)


class RoomCascade(Listen):
    """Your room, a file or a built-in recording behind a cascade; heard as it comes, and counted.

    Parameters
    ----------
    model : Graph or Workload
        The keyword network.
    stages : Stages
    examples : mapping of str to int16 array
        Built-in recordings to choose from, of a second or more.
    on : str, optional
        The board; by default that of every explorer.
    """

    def __init__(
        self,
        model,
        stages: Stages,
        examples: Mapping[str, np.ndarray],
        *,
        on: str | None = None,
    ):
        self._stages, self._board = stages, board(on or default_board())
        self._network_cycles = latency(model, self._board).cycles
        self._device = Device(HOP_S, collect_s=HOP_S, collecting="sleep")
        self._goes_on, self._counted = False, _Heard()
        super().__init__(self._answer_sound, examples, title="Who wakes whom in your room?")
        self.front.seconds = HOP_S

    def read(self, content: dict, buffers: list[bytes]) -> np.ndarray:
        """The last second as it comes; all of a file."""
        if content["kind"] == "file":
            return _whole(buffers[0])
        self._goes_on = not content.get("first")
        return super().read(content, buffers)

    def _answer_sound(self, waveform: np.ndarray) -> tuple[str, go.Figure]:
        if not self._goes_on:
            self._counted = _Heard()
        self._goes_on = False
        self._counted.add(waveform, self._stages)
        works = self._counted.work_without(), self._counted.work()
        budgets = [self._budget(work) for work in works]
        return _sentence(self._counted, budgets, self._board.name), _figure(works[1], budgets)

    def _budget(self, work: Cascade) -> DeviceBudget | str:
        """Or why there is none: the board cannot keep up, or its powers are not published."""
        cycles = {
            "detector_cycles": self._stages.detector_cycles,
            "network_cycles": self._network_cycles,
        }
        try:
            return cascade_budget(self._board, work, **cycles, device=self._device, source=BATTERY)
        except ValueError as error:
            return str(error)


def _whole(content: bytes) -> np.ndarray:
    waveform = sound.from_file(content)
    seconds = len(waveform) / sound.RATE_Hz
    if seconds > LONGEST_S:
        raise ValueError(f"this sound lasts {seconds:.0f} s; cut at most {LONGEST_S} s out of it")
    return np.pad(waveform, (0, max(0, sound.RATE_Hz - len(waveform))))


def _sentence(heard: _Heard, budgets: Sequence[DeviceBudget | str], name: str) -> str:
    work = heard.work()
    said = ", ".join(heard.words[-5:]) or "no command"
    if len(heard.words) > 5:
        said = f"{count(len(heard.words), 'command')}, at last {said}"
    text = (
        f"{count(work.windows, 'window')} of a second: loud enough in"
        f" {work.detected / work.windows:.0%}, where features and detector ran; the network ran in"
        f" {work.recognized / work.windows:.0%} and heard {said}."
    )
    always, cascade = budgets
    if isinstance(cascade, str):
        return f"{text} {name}: {cascade}."
    text += f" On {name} that takes {_power(cascade)}"
    return f"{text}; with the network always on: " + (
        f"{always}." if isinstance(always, str) else f"{_power(always)}."
    )


def _power(budget: DeviceBudget) -> str:
    battery = batteries()[BATTERY].name
    lasts = "is too weak" if budget.life is None else f"lasts {amount(budget.life.days)} days"
    return f"{amount(budget.average_power_mW)} mW (a {battery} {lasts})"


def _figure(work: Cascade, budgets: Sequence[DeviceBudget | str]) -> go.Figure:
    """Above how often each stage ran, below what the device pays for."""
    figure = theme.figure(height_px=430, legend_rows=3)
    ran = [work.windows, work.detected, work.recognized]
    figure.add_bar(
        orientation="h",
        x=[100 * each / work.windows for each in ran],
        y=list(STAGES),
        showlegend=False,
        **theme.bar(0),
    )
    add_part_bars(figure, y=list(ROWS), xaxis="x2", yaxis="y2")
    shown = [
        [0.0] * len(PARTS)
        if isinstance(budget, str)
        else part_bars({part.name: part.power_mW for part in budget.parts}, frozenset())
        for budget in budgets
    ]
    for bar, pair in zip(figure.data[1:], zip(*shown, strict=True), strict=True):
        bar.x = pair
    return figure.update_layout(
        barmode="stack",
        xaxis={"title": "ran in so many windows (%)", "range": [0, 102], "anchor": "y"},
        yaxis={"domain": [0.58, 1], "autorange": "reversed"},
        xaxis2={"title": "average power (mW)", "anchor": "y2"},
        yaxis2={"domain": [0, 0.26], "anchor": "x2"},
    )
