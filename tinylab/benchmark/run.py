"""Everything at once: a file and its data in, a report out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinylab.benchmark.accuracy import (
    Measured,
    kernels_of,
    measure_stored,
    measure_wake_word,
    quality_of_folder,
)
from tinylab.benchmark.built_in import built_in_examples
from tinylab.benchmark.division import division_of
from tinylab.benchmark.labels import open_folder
from tinylab.benchmark.performance import WINDOW_S, Performance, time_inferences
from tinylab.benchmark.report import BenchmarkReport
from tinylab.benchmark.rules import Task, recognise
from tinylab.benchmark.standings import standings
from tinylab.benchmark.wake_word import WakeWordScore, open_recording
from tinylab.deploy.litert import LiteRTModel
from tinylab.graph import count, read_tflite
from tinylab.graph.memory import plan

__all__ = ["Settings", "run_benchmark"]


@dataclass(frozen=True)
class Settings:
    """How to benchmark.

    Attributes
    ----------
    task : str or None
        The benchmark's id; by default the one that the model's shapes fit.
    data : path or None
        A folder in the runner's layout; by default the workbook's own test examples.
    exact : bool
        Run LiteRT's reference kernels, some 50 times slower.
    performance : bool
        Time this computer, too: a minute, if the windows are the rules'.
    window_s : float
    reference : path or None
        The benchmark's reference model, for the division.
    boards : sequence of str or None
        By default all that can be modelled.
    """

    task: str | None = None
    data: str | Path | None = None
    exact: bool = False
    performance: bool = False
    window_s: float = WINDOW_S
    reference: str | Path | None = None
    boards: Sequence[str] | None = None


def run_benchmark(model: str | Path | bytes, settings: Settings = Settings()) -> BenchmarkReport:
    """Benchmark a `.tflite`.

    Parameters
    ----------
    model : path or bytes
    settings : Settings

    Raises
    ------
    FileNotFoundError
        The model, its data, or files that the labels name.
    ValueError
        A model of no benchmark, or data that are not the benchmark's; the message says which.
    """
    program = LiteRTModel(model, exact=settings.exact)
    task = recognise(
        program.input_details.shape, int(np.prod(program.output_details.shape)), settings.task
    )
    graph = read_tflite(program.content)
    reference = None if settings.reference is None else read_tflite(settings.reference)
    measured, events, data = _accuracy(program, task, settings)
    return BenchmarkReport(
        model=Path(model).name if isinstance(model, (str, Path)) else "a model in memory",
        benchmark=task.id,
        data=data,
        measured=measured,
        events=events,
        performance=_performance(program, task, settings) if settings.performance else None,
        division=division_of(graph, task, reference),
        flash_bytes=len(program.content),
        arena_bytes=plan(graph).arena_bytes,
        macs=count(graph).macs,
        standings=standings(graph, task, settings.boards),
    )


def _accuracy(
    program: LiteRTModel, task: Task, settings: Settings
) -> tuple[Measured, WakeWordScore | None, str]:
    if settings.data is None:
        own = built_in_examples(task)
        measured = measure_stored(program, own.examples, own.labels, task, groups=own.groups)
        return measured, None, own.name
    if task.metric == "events":
        events = measure_wake_word(program, open_recording(settings.data), task)
        return Measured(None, kernels_of(program)), events, str(settings.data)
    folder = open_folder(settings.data, task)
    measured = quality_of_folder(program, folder, task)
    return measured, None, f"{len(folder.files)} files of {folder.path / folder.labels_file}"


def _performance(program: LiteRTModel, task: Task, settings: Settings) -> Performance:
    return time_inferences(_one_inference(program), task, window_s=settings.window_s)


def _one_inference(program: LiteRTModel) -> Callable[[], object]:
    details = program.input_details
    example = np.zeros((1, *details.shape[1:]), details.dtype)
    return lambda: program.predict_quantized(example)
