"""A handed-in model, measured: run by LiteRT in a process of its own, judged in this one.

In: the bytes of a `.tflite` file. Out: a `Measured`, or a ValueError with a sentence. The process
has limits of time and memory, an environment of a few names, and gives nothing back but an array of
numbers and four figures, both checked here; nothing of a model is ever imported or unpickled.

    python -m tinylab.grading.board.measure FOLDER     # what that process runs
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import tinylab
from tinylab.grading.board.tasks import SHAPES, task_of

__all__ = ["LARGEST_BYTES", "Measured", "measure"]

LARGEST_BYTES = 20_000_000  # no device of this course stores a larger model
CPU_S, WALL_S = 120, 900
MEMORY_BYTES = 6_000_000_000  # of addresses, of which LiteRT reserves many and uses few
FILE_BYTES = 500_000_000
MODEL, INPUTS, OUTPUTS, ABOUT = "model.tflite", "inputs.npy", "outputs.npy", "about.json"
FIGURES = ("energy_uJ", "latency_ms", "flash_bytes", "macs")


@dataclass(frozen=True)
class Measured:
    """What one model reaches.

    `value` is the score named by `score`, over `examples`; energy and latency are modelled for one
    inference on `board`.
    """

    application: str
    score: str
    value: float
    examples: int
    energy_uJ: float
    latency_ms: float
    flash_bytes: float
    macs: float
    board: str


def measure(content: bytes) -> Measured:
    """Measure a model.

    Raises
    ------
    ValueError
        A file that is no model of this course, or one that did not finish.
    """
    if len(content) > LARGEST_BYTES:
        raise ValueError(f"it has {len(content):,} bytes; at most {LARGEST_BYTES:,} are taken")
    with tempfile.TemporaryDirectory(prefix="board-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / MODEL).write_bytes(content)
        about = _run(folder)
        shape = tuple(about["shape"])
        task = task_of(shape)
        np.save(folder / INPUTS, task.inputs)
        about = _run(folder)
        outputs = _outputs(folder / OUTPUTS, len(task.inputs))
    return Measured(
        application=task.application,
        score=task.score,
        value=task.judge(outputs),
        examples=task.examples,
        board=str(about["board"])[:60],
        **{figure: about[figure] for figure in FIGURES},
    )


def _run(folder: Path) -> dict:
    """Run the model on what is in the folder; what the process says about it, checked."""
    (folder / ABOUT).unlink(missing_ok=True)
    try:
        subprocess.run(
            [sys.executable, "-m", "tinylab.grading.board.measure", str(folder)],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=WALL_S,
            preexec_fn=_limit if hasattr(os, "fork") else None,
        )
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        good = all(math.isfinite(about[name]) and about[name] >= 0 for name in FIGURES)
        shape = [int(side) for side in about["shape"]]
    except subprocess.TimeoutExpired:
        raise ValueError("it ran longer than is allowed") from None
    except (OSError, ValueError, TypeError, KeyError):
        raise ValueError("LiteRT cannot read or run it") from None
    if about.get("error"):
        raise ValueError(str(about["error"])[:300])
    if not good:
        raise ValueError("its cost could not be worked out")
    return {**about, "shape": shape}


def _outputs(path: Path, rows: int) -> np.ndarray:
    """The model's outputs, plain numbers alone."""
    try:
        outputs = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        raise ValueError("it gave no outputs") from None
    if outputs.ndim != 2 or len(outputs) != rows or outputs.dtype != np.float32:
        raise ValueError("its outputs are not one row of numbers for each example")
    if not np.all(np.isfinite(outputs)):
        raise ValueError("its outputs are not finite")
    return outputs


def _environment(folder: Path) -> dict[str, str]:
    package = str(Path(tinylab.__file__).parents[1])
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1", "PYTHONSAFEPATH": "1"}
    own = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "TINYLAB_WORK": str(folder)}
    return {**quiet, **own, "PYTHONPATH": package}


def _limit() -> None:
    """Limits of the process that runs the model."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _about(content: bytes, shape: tuple[int, ...]) -> dict:
    """The model's figures on the board of this class."""
    from tinylab import cost
    from tinylab.graph import count, read_tflite

    graph = read_tflite(content)
    spent = cost.energy(graph, cost.default_board())
    return {
        "shape": list(shape),
        "energy_uJ": spent.energy_uJ,
        "latency_ms": spent.latency_ms,
        "flash_bytes": len(content),
        "macs": count(graph).macs,
        "board": spent.board,
    }


def main(folder: Path) -> None:
    """Run the model in a folder on the inputs there, or only look at it where there are none."""
    from tinylab.deploy.litert import LiteRTModel

    content = (folder / MODEL).read_bytes()
    model = LiteRTModel(content)
    shape = tuple(int(side) for side in model.input_details.shape[1:])
    about = {"error": f"its input has shape {shape}, which is none of {list(SHAPES)}"}
    if shape in SHAPES:
        about = _about(content, shape)
        if (folder / INPUTS).is_file():
            inputs = np.load(folder / INPUTS, allow_pickle=False)
            outputs = np.asarray(model.predict(inputs), np.float32)
            np.save(folder / OUTPUTS, outputs.reshape(len(inputs), -1))
    (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
