"""Explorers in a browser: dead ones after *Run All* when it is starved, and how fast they are.

    python benchmarks/explorer_browser.py starved --runs 5 --by stopping
    python benchmarks/explorer_browser.py starved --runs 1 --by busy --seconds 240 --notebook \\
        01_keyword_spotting/4_energy_latency
    python benchmarks/explorer_browser.py moves       # input to painted, bytes sent to the page
    python benchmarks/explorer_browser.py recording   # from a recording's end to its answer

Needs Chromium. Starved by "busy": sixteen busy processes, each in a session of its own, so that
the scheduler gives the browser, at nice 5, and the kernel a seventeenth of the machine each.
By "stopping": only the browser is, by stopping its processes for 160 of every 170 ms, which costs
nobody else anything. Either begins when the kernel has imported tinylab.
"""

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import numpy as np
import psutil
from nbformat import v4

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))
BUSY = 16
# The explorers of keyword spotting's fourth notebook, on the tests' frozen inputs.
OF_THE_NOTEBOOK = (
    *("validation", "stacks", "board", "clock", "battery"),
    *("cascade", "horowitz", "roofline", "radio"),
)
SETUP = f"""
import sys
sys.path.insert(0, {str(PROJECT)!r})
from tests.explore.every_explorer import EXPLORERS
"""
DEAD = """
() => [...document.querySelectorAll('.tinylab-explorer')].map((explorer) => {
  const plot = explorer.querySelector('.js-plotly-plot');
  const text = explorer.querySelector('.tinylab-live')?.textContent;
  return !(plot?.data?.length && text);
}).filter(Boolean).length
"""
HEALING_S = 60
MOVES = 20
# From an input event to the frame after Plotly has drawn what the kernel answered.
PAINTED_ms = """
async ([index, moves]) => {
  const explorer = document.querySelectorAll('.tinylab-explorer:has(.tinylab-head)')[index];
  const plot = explorer.querySelector('.js-plotly-plot');
  const range = explorer.querySelector('input[type=range]');
  const frame = () => new Promise(requestAnimationFrame);
  const times = [];
  for (let move = 0; move < moves + 2; move++) {
    const drawn = new Promise((done) => {
      const heard = () => { plot.removeListener('plotly_react', heard); done(); };
      plot.on('plotly_react', heard);
    });
    const low = Number(range.min), high = Number(range.max);
    const share = ((move * 7) % 11) / 10;
    const begun = performance.now();
    range.value = low + Math.round(share * (high - low));
    range.dispatchEvent(new Event('input', { bubbles: true }));
    await drawn;
    await frame();
    await new Promise((done) => setTimeout(done));
    times.push(performance.now() - begun);
    await new Promise((done) => setTimeout(done, 100));
  }
  return [explorer.querySelector('.tinylab-title').textContent, times.slice(2)];
}
"""
# The capture widget clears its message when a recording is complete and sent.
ANSWERED_ms = """
() => new Promise((done) => {
  const said = document.querySelector('.tinylab-said');
  const live = document.querySelector('.tinylab-live');
  let sent = null, recording = false;
  const watch = (node, heard) => new MutationObserver(heard).observe(
    node, { childList: true, characterData: true, subtree: true });
  watch(said, () => {
    if (said.textContent.startsWith('Recording')) recording = true;
    else if (recording && said.textContent === '') sent = performance.now();
  });
  watch(live, () => sent !== null && done(performance.now() - sent));
  [...document.querySelectorAll('button')].find((one) => one.textContent === 'Record').click();
})
"""
SPEAK = """
import numpy as np
from tinylab.data import speech
from tinylab.deploy.litert import LiteRTModel
from tinylab.explore.live.devices import Microphone
from tinylab.models import checkpoints
from tinylab.signal.mfcc import mfcc

words = LiteRTModel(checkpoints.load("keyword_spotting", "compress", origin="reference").model)

def heard(clip):
    scores = words.predict(mfcc(clip[None])[..., np.newaxis])[0]
    return f"Heard: {speech.LABELS[int(scores.argmax())]}, {scores.max():.6f}, {clip.std():.3f}."

Microphone(heard, {"silence": np.zeros(16000, np.int16)})
"""


@contextlib.contextmanager
def busy_processes():
    """Processes that take all the time they get, each in a session of its own."""
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
        for _ in range(BUSY)
    ]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


@contextlib.contextmanager
def stopped_browser():
    """Let the browser that this script started run for 10 ms of every 170 ms."""
    ended = threading.Event()

    def send(number: int) -> None:
        for process in browser_processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def cycle() -> None:
        while not ended.is_set():
            send(signal.SIGSTOP)
            time.sleep(0.16)
            send(signal.SIGCONT)
            time.sleep(0.01)

    thread = threading.Thread(target=cycle)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def browser_processes() -> list:
    """The processes of the Chromium that this script started."""
    return [
        process
        for process in psutil.Process().children(recursive=True)
        if "chrom" in process.name()
    ]


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


def _explorer_cells() -> list[str]:
    return [SETUP, *(f"EXPLORERS[{name!r}]()" for name in OF_THE_NOTEBOOK)]


def _notebook_cells(name: str) -> list[str]:
    """The code of a student's notebook, which begins with its imports."""
    notebook = nbformat.read(PROJECT / "notebooks" / f"{name}.ipynb", as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def moves(cells: list[str]) -> dict:
    """Milliseconds from input to painted by explorer, and bytes that *Run All* sent to the page."""
    with opened(cells) as (page, jupyter):
        received = []
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on(
            "Network.webSocketFrameReceived",
            lambda event: received.append(_frame_bytes(event["response"])),
        )
        jupyter.run_all(page)
        _uncover(page)
        page.wait_for_function(f"() => ({DEAD})() === 0")
        sent_MB = sum(received) / 1e6
        painted = {}
        explorers = page.locator(".tinylab-explorer:has(.tinylab-head)")
        for index in range(explorers.count()):
            if explorers.nth(index).locator("input[type=range]").count():
                title, times = page.evaluate(PAINTED_ms, [index, MOVES])
                painted[title] = _quantiles(times)
    return {"sent_MB": round(sent_MB, 2), "painted_ms": painted}


def _frame_bytes(frame: dict) -> int:
    """Length of a WebSocket frame; binary ones (opcode 2) arrive as base64."""
    length = len(frame["payloadData"])
    return length * 3 // 4 if frame["opcode"] == 2 else length


def _quantiles(times_ms: list[float]) -> dict:
    p50, p95 = np.quantile(times_ms, [0.5, 0.95])
    return {"median": round(float(p50), 1), "p95": round(float(p95), 1), "moves": len(times_ms)}


def recording(runs: int) -> dict:
    """Milliseconds from the end of a recording to its answer, with a fake microphone."""
    fake = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    with opened([SETUP, SPEAK], switches=fake) as (page, jupyter):
        jupyter.run_all(page)
        page.wait_for_selector(".tinylab-said", state="attached")
        times = [page.evaluate(ANSWERED_ms) for _ in range(runs + 1)]
    return {"answered_ms": _quantiles(times[1:])}


def starved(cells: list[str], runs: int, seconds: float, by: str) -> dict:
    """Dead explorers of each *Run All* in a starved browser."""
    starving = busy_processes if by == "busy" else stopped_browser
    dead, shown = [], []
    for _ in range(runs):
        with opened(cells, nice=5 if by == "busy" else 0) as (page, _):
            page.click(".lm-MenuBar-itemLabel:text-is('Run')")
            with starving():
                page.click("li[data-command='runmenu:run-all'] .lm-Menu-itemLabel")
                time.sleep(seconds)
            dead.append(_dead_in_the_end(page))
            shown.append(page.locator(".tinylab-explorer").count())
            print(f"dead {dead[-1]} of {shown[-1]} shown", flush=True)
    return {"by": by, "dead": dead, "shown": shown, "seconds": seconds}


def _uncover(page) -> None:
    """Open what stands behind a question, as a reader does who has no guess."""
    covers = page.get_by_role("button", name="Show me anyway")
    while covers.count():
        covers.first.click()


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
    parser.add_argument("what", choices=("starved", "moves", "recording"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--by", choices=("busy", "stopping"), default="stopping")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--notebook", help="such as 01_keyword_spotting/4_energy_latency")
    arguments = parser.parse_args()
    cells = _notebook_cells(arguments.notebook) if arguments.notebook else _explorer_cells()
    measured = {
        "starved": lambda: starved(cells, arguments.runs, arguments.seconds, arguments.by),
        "moves": lambda: moves(cells),
        "recording": lambda: recording(arguments.runs),
    }[arguments.what]()
    print(json.dumps(measured, indent=1))


if __name__ == "__main__":
    main()
