"""Run somebody else's `.tflite` in a process of its own, so that a bad file harms nothing here.

In: bytes of a program and inputs. Out: its outputs, plain numbers, or a ValueError. The process has
limits of time and memory and an environment of a few names; nothing is imported or unpickled from
what it leaves.

    python -m tinylab.deploy.apart FOLDER     # what that process runs
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import tinylab

__all__ = ["predict_apart"]

CPU_s, WALL_s = 60, 600
MEMORY_BYTES = 6_000_000_000  # of addresses, of which LiteRT reserves many and uses few
FILE_BYTES = 200_000_000
MODEL, INPUTS, OUTPUTS = "model.tflite", "inputs.npy", "outputs.npy"


def predict_apart(program: bytes, x: np.ndarray) -> np.ndarray:
    """A program's outputs by LiteRT's reference kernels, the same on every computer.

    Parameters
    ----------
    program : bytes
    x : ndarray of float32, shape (examples, ...)
        In real values; any shape with as many numbers as the program's input.

    Returns
    -------
    ndarray of float32, shape (examples, outputs)

    Raises
    ------
    ValueError
        LiteRT cannot read or run it, or it took too long.
    """
    with tempfile.TemporaryDirectory(prefix="apart-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / MODEL).write_bytes(program)
        np.save(folder / INPUTS, np.asarray(x, np.float32))
        _run(folder)
        try:
            outputs = np.load(folder / OUTPUTS, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            raise ValueError("LiteRT cannot read or run the program") from None
    if outputs.ndim != 2 or len(outputs) != len(x) or outputs.dtype != np.float32:
        raise ValueError("the program's outputs are not a row of numbers for each example")
    return outputs


def _run(folder: Path) -> None:
    package = str(Path(tinylab.__file__).parents[1])
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1", "PYTHONSAFEPATH": "1"}
    try:
        subprocess.run(
            [sys.executable, "-m", "tinylab.deploy.apart", str(folder)],
            cwd=folder,
            env={**_kept_environment(), **quiet, "HOME": str(folder), "PYTHONPATH": package},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=WALL_s,
            preexec_fn=_limit if hasattr(os, "fork") else None,
        )
    except subprocess.TimeoutExpired:
        raise ValueError("the program ran longer than is allowed") from None


def _kept_environment() -> dict[str, str]:
    """What Python needs to start: on Windows it finds its system libraries by this."""
    return {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}


def _limit() -> None:
    """Limits of the process that runs the program."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_s, CPU_s))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(folder: Path) -> None:
    """Run the program in a folder on the inputs there."""
    from tinylab.deploy.litert import LiteRTModel

    model = LiteRTModel((folder / MODEL).read_bytes(), exact=True)
    inputs = np.load(folder / INPUTS, allow_pickle=False)
    outputs = model.predict(inputs.reshape(len(inputs), *model.input_details.shape[1:]))
    np.save(folder / OUTPUTS, np.asarray(outputs, np.float32).reshape(len(inputs), -1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
