"""Explorers in a browser: dead ones after a starved *Run All*, bytes sent, and how fast they are.

    python -m benchmarks.explorers.browser starved --runs 5    # dead explorers of a whole notebook
    python -m benchmarks.explorers.browser sent                # bytes its Run All sends to the page
    python -m benchmarks.explorers.browser moves               # input to painted, kernel side
    python -m benchmarks.explorers.browser recording           # from recording to answer
    python -m benchmarks.explorers.browser table               # writes browser.md

Needs Chromium. What was measured is gathered in a file (`--results`), with the machine's load.
`starving.py` says how a browser is starved; it begins when the kernel has imported tinylab, and the
browser then runs at nice 5.
"""

import argparse
import base64
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
import numpy as np
from nbformat import v4

from benchmarks.explorers.browser_table import tables
from benchmarks.explorers.page import DEAD, ANSWERED_ms, PAINTED_ms
from benchmarks.explorers.starving import browser_processes, busy_processes, stopped_browser
from tinylab.paths import PROJECT

TABLE = Path(__file__).with_suffix(".md")
SETUP = f"""
import sys
sys.path.insert(0, {str(PROJECT)!r})
from tests.explore.every_explorer import EXPLORERS
"""
HEALING_S = 60
MOVES = 20
EXPLORERS_A_PAGE = 17  # few pages to open; the fullest notebook has nine explorers
SPEAK = """
from itertools import count
import numpy as np
from tinylab.data import speech
from tinylab.deploy.litert import LiteRTModel
from tinylab.explore.live.devices import Microphone
from tinylab.models import checkpoints
from tinylab.signal.mfcc import mfcc

words = LiteRTModel(checkpoints.load("keyword_spotting", "compress", origin="reference").model)

turn = count()  # the same sound again must still change the sentence

def heard(clip):
    scores = words.predict(mfcc(clip[None])[..., np.newaxis])[0]
    return f"Heard: {speech.LABELS[int(scores.argmax())]}, {scores.max():.6f}, turn {next(turn)}."

Microphone(heard, {"silence": np.zeros(16000, np.int16)})
"""


@contextlib.contextmanager
def opened(cells, *, nice: int = 0, switches: tuple[str, ...] = ()):
    """A page with a notebook of `cells`, of which the first has already run."""
    from playwright.sync_api import sync_playwright

    from tests.browser import conftest as jupyter

    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = v4.new_notebook(
        metadata={"kernelspec": kernel}, cells=[v4.new_code_cell(cell) for cell in cells]
    )
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root, private = Path(folder) / "root", Path(folder) / "private"
        root.mkdir()
        nbformat.write(notebook, root / "explorers.ipynb")
        with jupyter.running_lab(root, private) as lab:
            browser = playwright.chromium.launch(
                executable_path=jupyter.find_browser(),
                args=[*jupyter.BROWSER_SWITCHES, *switches],
            )
            for process in browser_processes() if nice else ():
                process.nice(nice)
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            page.set_default_timeout(300_000)
            jupyter.open_notebook(page, lab, "explorers.ipynb")
            page.click(".jp-Notebook .jp-Cell")
            page.keyboard.press("Shift+Enter")
            page.wait_for_function(
                "() => /\\[1\\]/.test(document.querySelector('.jp-InputPrompt').textContent)"
            )
            jupyter.wait_until_idle(page)
            yield page, jupyter
            browser.close()


def _cells_of(names: Sequence[str]) -> list[str]:
    return [SETUP, *(f"EXPLORERS[{name!r}]()" for name in names)]


def _notebook_cells(name: str) -> list[str]:
    """The code of a student's notebook, which begins with its imports."""
    notebook = nbformat.read(PROJECT / "notebooks" / f"{name}.ipynb", as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def moves() -> dict:
    """Milliseconds from input to painted, and of the kernel alone, by explorer."""
    from benchmarks.explorers.speed import measure
    from tests.explore.every_explorer import EXPLORERS

    painted, kernel, loads = {}, {}, [_load()]
    names = list(EXPLORERS)
    for first in range(0, len(names), EXPLORERS_A_PAGE):
        part = names[first : first + EXPLORERS_A_PAGE]
        with opened(_cells_of(part)) as (page, jupyter):
            jupyter.run_all(page)
            page.wait_for_function(f"() => ({DEAD})() === 0")
            for index, name in enumerate(part):
                painted[name] = _quantiles(page.evaluate(PAINTED_ms, [index, MOVES]))
                print(name, painted[name], flush=True)
        loads.append(_load())
    for name in names:
        processor, wall = measure(EXPLORERS[name]())
        kernel[name] = {"processor": _quantiles(processor), "wall": _quantiles(wall)}
    return {"painted_ms": painted, "kernel_ms": kernel, "loads": [*loads, _load()]}


def sent(cells: list[str]) -> dict:
    """Bytes of JavaScript, and of everything, that the kernel sends at a *Run All*."""
    with opened(cells) as (page, jupyter):
        frames = []
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.webSocketFrameReceived", lambda event: frames.append(event["response"]))
        jupyter.run_all(page, timeout_s=900)
        _uncover(page)
        page.wait_for_function(f"() => ({DEAD})() === 0")
        shown = page.locator(".tinylab-explorer").count()
    scripts = [_frame_bytes(frame) for frame in frames if _brings_a_script(frame)]
    everything = sum(_frame_bytes(frame) for frame in frames)
    return {
        "scripts_MB": round(sum(scripts) / 1e6, 2),
        "everything_MB": round(everything / 1e6, 2),
        "shown": shown,
        "load": _load(),
    }


def _brings_a_script(frame: dict) -> bool:
    """Whether a message opens a widget with its script, or carries the packed plotly.js."""
    data = frame["payloadData"]
    text = base64.b64decode(data) if frame["opcode"] == 2 else data.encode()
    return b'"_esm"' in text or b'"packed"' in text


def _load() -> float:
    """Of the last minute, of the whole machine."""
    return round(os.getloadavg()[0], 1)


def _frame_bytes(frame: dict) -> int:
    """Length of a WebSocket frame; binary ones (opcode 2) arrive as base64."""
    length = len(frame["payloadData"])
    return length * 3 // 4 if frame["opcode"] == 2 else length


def _quantiles(times_ms: list[float]) -> dict:
    if not len(times_ms):
        raise ValueError("no move changed the figure")
    p50, p95 = np.quantile(times_ms, [0.5, 0.95])
    return {"median": round(float(p50), 1), "p95": round(float(p95), 1), "moves": len(times_ms)}


def recording(runs: int) -> dict:
    """Milliseconds from the end of a recording to its answer; the microphone hears a file."""
    from tests.browser.devices import fake_devices

    with (
        tempfile.TemporaryDirectory() as folder,
        opened([SETUP, SPEAK], switches=tuple(fake_devices(Path(folder)))) as (page, jupyter),
    ):
        jupyter.run_all(page)
        page.wait_for_selector(".tinylab-said", state="attached")
        times = [page.evaluate(ANSWERED_ms) for _ in range(runs + 1)]
    return {"answered_ms": _quantiles(times[1:]), "load": _load()}


def starved(cells: list[str], seconds: float, by: str) -> dict:
    """Dead explorers of a *Run All* in a starved browser, and how many there are."""
    starving = busy_processes if by == "busy" else stopped_browser
    with opened(cells, nice=5 if by == "busy" else 0) as (page, jupyter):
        page.click(".lm-MenuBar-itemLabel:text-is('Run')")
        with starving():
            page.click("li[data-command='runmenu:run-all'] .lm-Menu-itemLabel")
            time.sleep(seconds)
            load = _load()
        meanwhile = page.locator(".tinylab-explorer").count()
        jupyter.wait_until_run(page, timeout_s=900)
        dead = _dead_in_the_end(page)
        shown = page.locator(".tinylab-explorer").count()
    how = {"by": by, "seconds": seconds}
    return {**how, "dead": dead, "shown": shown, "meanwhile": meanwhile, "load": load}


def _uncover(page) -> None:
    """Open what stands behind a question, as a reader does who has no guess."""
    # Not by mouse: starved, JupyterLab asks whether the file has changed, over the whole page.
    page.evaluate(
        "() => document.querySelectorAll('.tinylab-cover button').forEach((one) => one.click())"
    )


def _dead_in_the_end(page) -> int:
    """Explorers without a figure or a sentence when nothing starves the browser any more."""
    _uncover(page)
    for _ in range(round(HEALING_S)):
        if not (dead := page.evaluate(DEAD)):
            break
        page.wait_for_timeout(1000)
    return dead


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("starved", "moves", "sent", "recording", "table"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--by", choices=("busy", "stopping"), default="busy")
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--notebook", default="01_keyword_spotting/4_energy_latency")
    parser.add_argument("--results", type=Path, default=Path("browser.json"))
    arguments = parser.parse_args()
    known = json.loads(arguments.results.read_text()) if arguments.results.exists() else {}
    if arguments.what == "table":
        TABLE.write_text(tables(known), encoding="utf-8")
        return
    cells = _notebook_cells(arguments.notebook)
    measure = {
        "starved": lambda: starved(cells, arguments.seconds, arguments.by),
        "moves": moves,
        "sent": lambda: sent(cells),
        "recording": lambda: recording(arguments.runs),
    }[arguments.what]
    for _ in range(arguments.runs if arguments.what == "starved" else 1):
        found = measure()
        before = known.get("starved", []) if arguments.what == "starved" else None
        known[arguments.what] = found if before is None else [*before, found]
        arguments.results.write_text(json.dumps(known, indent=1))
        print(json.dumps(found, indent=1), flush=True)


if __name__ == "__main__":
    main()
