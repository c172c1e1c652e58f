"""The report of a benchmark: everything measured and modelled of one `.tflite`, as text and JSON.

`BenchmarkReport` is the documented form of `tinylab benchmark --json`; `write_results` writes the
files that a submission has, each marked as no MLPerf result.
"""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from tinylab.benchmark.accuracy import Measured
from tinylab.benchmark.division import Division
from tinylab.benchmark.performance import Performance
from tinylab.benchmark.quality import Quality, percent
from tinylab.benchmark.rules import TASKS
from tinylab.benchmark.standings import Standing
from tinylab.benchmark.wake_word import WakeWordScore
from tinylab.cost import default_board
from tinylab.files import replacing

__all__ = ["NOT_MLPERF", "BenchmarkReport", "write_json", "write_results"]

NOT_MLPERF = "not an MLPerf result: measured by tinylab, reviewed by nobody"
SHOWN_BOARDS = 6


@dataclass(frozen=True)
class BenchmarkReport:
    """One model, benchmarked.

    Attributes
    ----------
    model : str
        The file.
    benchmark : str
        "kws", "vww", "ic", "ad" or "sww".
    data : str
        What it was measured on.
    measured : Measured
    events : WakeWordScore or None
        Of the streaming wake word.
    performance : Performance or None
        None where it was not asked for.
    division : Division
    flash_bytes, arena_bytes, macs : int
        Bytes of the file, bytes of the planned arena, multiply-accumulates of an inference.
    standings : tuple of Standing
        The fastest board first.
    """

    model: str
    benchmark: str
    data: str
    measured: Measured
    events: WakeWordScore | None
    performance: Performance | None
    division: Division
    flash_bytes: int
    arena_bytes: int
    macs: int
    standings: tuple[Standing, ...]

    @property
    def quality(self) -> Quality | None:
        """What accuracy mode gave."""
        return self.measured.quality

    @property
    def target_met(self) -> str:
        """ "meets", "misses" or "cannot say"; of a wake word a count of events decides."""
        if self.events is not None:
            most = TASKS[self.benchmark].target
            good = max(self.events.misses, self.events.false_accepts) <= most
            return "meets" if good else "misses"
        return "cannot say" if self.quality is None else self.quality.verdict

    def lines(self) -> list[str]:
        """The report in lines of text."""
        task = TASKS[self.benchmark]
        text = [
            f"{self.model}: {task.title} ({task.id}), {NOT_MLPERF}",
            f"data      {self.data}",
            *(f"quality   {line}" for line in self._quality_lines()),
            f"kernels   {self.measured.kernels}",
            *(f"note      {note}" for note in self.measured.notes),
            f"size      {self.flash_bytes:,} bytes of flash, {self.arena_bytes:,} bytes of arena,"
            f" {self.macs:,} MACs",
            f"division  {self.division}",
        ]
        if self.performance is not None:
            text.append(f"speed     {self.performance}")
        shown = self._shown()
        text += [f"board     {standing}" for standing in shown]
        hidden = len(self.standings) - len(shown)
        if hidden > 0:
            text.append(f"          and {hidden} more boards; --json has them all")
        return text

    def _shown(self) -> list[Standing]:
        """The default board first, which a student may own; then the fastest."""
        default = default_board()
        own = [one for one in self.standings if one.board == default]
        others = [one for one in self.standings if one.board != default]
        return [*own, *others][:SHOWN_BOARDS]

    def _quality_lines(self) -> list[str]:
        if self.events is not None:
            events = self.events
            return [
                f"{events.misses} of {events.words} wake words missed and"
                f" {events.false_accepts} false accepts in {events.duration_s:.0f} s:"
                f" it {self.target_met} the target of {TASKS[self.benchmark].target_text}"
            ]
        if self.quality is not None:
            return [str(self.quality)]
        return [f"anomaly score {score:.4f}" for score in self.measured.scores[:SHOWN_BOARDS]]

    def __str__(self) -> str:
        return "\n".join(self.lines())


def write_json(report: BenchmarkReport, path: str | Path) -> Path:
    """Write a report as JSON: the fields of `BenchmarkReport`, and `remark`."""
    content = {"remark": NOT_MLPERF, **dataclasses.asdict(report)}
    content["target_met"] = report.target_met
    with replacing(path) as temporary:
        text = json.dumps(content, indent=1, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    return Path(path)


def write_results(report: BenchmarkReport, folder: str | Path) -> list[Path]:
    """Write `accuracy/results.txt` and, if it was measured, `performance/results.txt`.

    Raises
    ------
    ValueError
        There is nothing to write: neither a quality nor a performance was measured.
    """
    texts = {"accuracy": _accuracy_text(report), "performance": _performance_text(report)}
    paths = []
    for mode, lines in texts.items():
        if lines:
            path = Path(folder) / mode / "results.txt"
            with replacing(path) as temporary:
                temporary.write_text("\n".join([f"# {NOT_MLPERF}", *lines, ""]), encoding="utf-8")
            paths.append(path)
    if not paths:
        raise ValueError("there are no results to write: neither quality nor speed was measured")
    return paths


def _accuracy_text(report: BenchmarkReport) -> list[str]:
    quality, events = report.quality, report.events
    if events is not None:
        return [f"False accepts = {events.false_accepts}", f"Misses = {events.misses}"]
    if quality is None:
        return []
    if quality.metric == "AUC":
        return [f"AUC = {quality.value:.3f}"]
    return [f"Top 1% = {percent(quality.value)}"]


def _performance_text(report: BenchmarkReport) -> list[str]:
    if report.performance is None:
        return []
    run = report.performance
    windows = zip(run.inferences, run.durations_s, strict=True)
    lines = [
        f"Window {number}: {count} inferences in {seconds:.3f} s"
        for number, (count, seconds) in enumerate(windows, 1)
    ]
    lines.append(f"Median throughput is {run.per_second:.3f} inf./sec.")
    if not run.by_the_rules:
        lines.append("These windows are shorter than the rules ask for.")
    return lines
