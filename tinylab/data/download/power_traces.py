"""Public power traces: what a meter recorded while boards ran the keyword benchmark.

STMicroelectronics' results in MLPerf Tiny v1.3 hold them beside the published energies, a sample a
millisecond. No checksum is published, so the traces are checked by what they say: the energy of an
inference, summed here, must be the published one.
"""

import csv
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import requests

from tinylab.data.download.reasons import reason
from tinylab.paths import public_datasets_dir

__all__ = ["LICENCE", "NAME", "TITLE", "TraceSource", "fetch_power_traces", "trace_sources"]

NAME = "power-traces"
TITLE = "Power of three boards while they run MLPerf Tiny's keyword model, 1,000 samples a second"
LICENCE = "Apache-2.0"
TOLERANCE = 0.005
"""Runs of one board differ by 0.1 %."""
LARGEST_BYTES = 5_000_000
TIMEOUT_S = 30
SAMPLE_ms = 1.0


@dataclass(frozen=True)
class TraceSource:
    """Where a board's trace lies, and the energy of an inference that was published with it."""

    url: str
    published_uJ: float
    source: str = ""


def trace_sources() -> dict[str, TraceSource]:
    """The boards with a public trace, by their maker's spelling."""
    text = Path(__file__).with_name("power_traces.json").read_text(encoding="utf-8")
    return {board: TraceSource(**entry) for board, entry in json.loads(text).items()}


def fetch_power_traces(
    *, directory: Path | None = None, sources: Mapping[str, TraceSource] | None = None
) -> Path:
    """Download the traces, check them, and write each as a CSV file that `read_power_trace` reads.

    Parameters
    ----------
    directory : Path, optional
        Where data sets are kept; `datasets/public` by default.
    sources : mapping of board to TraceSource, optional
        Instead of `trace_sources()`.

    Returns
    -------
    Path
        Folder with a file `BOARD.csv` for each board; it appears only when all are there.

    Raises
    ------
    RuntimeError
        A trace cannot be had, or is not the published one.
    """
    directory = public_datasets_dir() if directory is None else Path(directory)
    target = directory / NAME
    if target.is_dir():
        return target
    directory.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=directory, prefix=f".fetching-{NAME}-"))
    try:
        for board, source in (trace_sources() if sources is None else sources).items():
            power_mW = _checked_power_mW(board, _download(board, source.url), source.published_uJ)
            _write(unfinished / f"{board}.csv", board, power_mW)
        unfinished.chmod(0o755)
        unfinished.replace(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return target


def _download(board: str, url: str) -> bytes:
    content = b""
    try:
        with requests.get(url, stream=True, timeout=TIMEOUT_S) as response:
            response.raise_for_status()
            for block in response.iter_content(1 << 16):
                content += block
                if len(content) > LARGEST_BYTES:
                    raise RuntimeError(f"the file of {board} is larger than the published one")
    except requests.RequestException as error:
        raise RuntimeError(
            f"could not fetch the trace of {board} ({reason(error)}): check the network connection,"
            " then run the same command again"
        ) from error
    return content


def _checked_power_mW(board: str, content: bytes, published_uJ: float) -> np.ndarray:
    """Power of each sample of the first run, from one that holds what was published."""
    try:
        run = json.loads(content)[0]
        samples_J = np.array(run["power"]["samples"], dtype=float)
        (_, first), (_, last) = run["power"]["timestamps"][-2:]
        inferences = run["infer"]["iterations"]
        energy_uJ = 1e6 * float(samples_J[int(first) : int(last)].sum()) / inferences
    except (ValueError, TypeError, KeyError, IndexError, ZeroDivisionError) as error:
        raise RuntimeError(f"the file of {board} is no trace of MLPerf Tiny v1.3") from error
    if not abs(energy_uJ / published_uJ - 1) <= TOLERANCE:
        raise RuntimeError(
            f"the trace of {board} holds {energy_uJ:.1f} uJ an inference, and {published_uJ:.1f}"
            " were published: it is another file"
        )
    return samples_J * 1e6 / SAMPLE_ms


def _write(path: Path, board: str, power_mW: np.ndarray) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        stream.write(f"# {board}, MLPerf Tiny v1.3, keyword spotting, {LICENCE}\n")
        rows = csv.writer(stream)
        rows.writerow(["time (ms)", "power (mW)"])
        rows.writerows((f"{i * SAMPLE_ms:g}", f"{p:.6g}") for i, p in enumerate(power_mW))
