"""The verb `deploy`: from a model and a board to a firmware folder with a report.

In: a `.tflite` model, a board, and data with labels if there are any. Out: what `export` writes,
and `report.html` and `report.json` beside it.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tinylab import cost
from tinylab.deploy.codegen import CProgram, convert
from tinylab.deploy.emulator import Emulator
from tinylab.deploy.export.folder import export
from tinylab.deploy.export.report import DeploymentReport, make_report, write_report
from tinylab.deploy.export.web import write_page
from tinylab.scoring import classification

DSP_CORES = ("Cortex-M4", "Cortex-M7", "Cortex-M33", "Cortex-M35P", "Cortex-M55", "Cortex-M85")
"""Cores with the DSP extension, for which the DSP kernels are made."""

_EXAMPLES = 3
_SEED = 0


def deploy(
    model: str | Path | bytes,
    board: str,
    folder: str | Path,
    *,
    data: str | Path | None = None,
    name: str | None = None,
    web: bool = False,
    labels: Sequence[str] | None = None,
) -> DeploymentReport:
    """Write a folder that runs a model on a board, and say what it costs there.

    Parameters
    ----------
    model : path or content of a `.tflite` file
    board : str
        An id of the catalogue, see `tinylab.cost.boards`.
    folder : path
        Made if need be.
    data : path, optional
        A folder with `x.npy`, examples in the model's input type or in real numbers, and `y.npy`,
        the index of the right output of each. By default the self-test takes random examples, and
        the report has no accuracy.
    name : str, optional
        Prefix of the C functions; by default the model's name.
    web : bool
        Write `web/index.html` too, a page in which the same program runs, see `export.web`.
    labels : sequence of str, optional
        Names of the outputs, for the page.

    Returns
    -------
    DeploymentReport

    Raises
    ------
    ValueError
        The board is not known, the model cannot become C, it does not fit the board's memory, or
        the data do not fit the model.
    """
    hardware = cost.board(board)
    kernels = "dsp" if hardware.core.split(" ")[0] in DSP_CORES else "plain"
    program = convert(model, kernels=kernels, name=name)
    examples, right = _data(program, data)
    accuracy = None if right is None else _accuracy(program, examples[0], right)
    few = tuple(part[:_EXAMPLES] for part in examples)
    emulation = Emulator(program).run(few)
    report = make_report(program, hardware, emulation, accuracy, 0 if right is None else len(right))
    export(program, folder, few)
    write_report(report, Path(folder))
    if web:
        write_page(
            program,
            Path(folder) / "web",
            instructions=report.instructions,
            clock_MHz=report.clock_MHz,
            latency_ms=report.latency_ms,
            labels=labels,
        )
    return report


def _data(
    program: CProgram, folder: str | Path | None
) -> tuple[tuple[np.ndarray, ...], np.ndarray | None]:
    """Examples of each input, and labels if there are any."""
    if folder is None:
        rng = np.random.default_rng(_SEED)
        return tuple(_random(rng, port) for port in program.inputs), None
    files = [Path(folder) / f"{part}.npy" for part in "xy"]
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise ValueError(f"{folder} has no {' and no '.join(missing)}; put x.npy and y.npy there")
    if len(program.inputs) > 1:
        raise ValueError("a model with several inputs cannot take data: leave --data away")
    x, y = (np.load(file, allow_pickle=False) for file in files)
    stored = x if x.dtype == program.input.dtype else program.input.quantize(x)
    rows = program.input.checked(stored)
    if y.shape != (len(rows),) or not np.issubdtype(y.dtype, np.integer):
        raise ValueError(f"y.npy must hold {len(rows)} integers, one an example, not {y.shape}")
    return (rows,), y


def _random(rng: np.random.Generator, port) -> np.ndarray:
    shape = (_EXAMPLES, port.elements)
    if port.dtype == "float32":
        return rng.normal(size=shape).astype(np.float32)
    ends = np.iinfo(port.dtype)
    return rng.integers(ends.min, ends.max, shape, endpoint=True).astype(port.dtype)


def _accuracy(program: CProgram, rows: np.ndarray, labels: np.ndarray) -> float:
    """The share of examples whose largest output is the right one."""
    outputs = program.predict_quantized(rows)
    first = outputs[0] if isinstance(outputs, tuple) else outputs
    scores = first.reshape(len(rows), -1)
    if labels.min() < 0 or labels.max() >= scores.shape[1]:
        raise ValueError(f"labels must be 0 to {scores.shape[1] - 1}, the model's outputs")
    return classification.accuracy(labels, scores)
