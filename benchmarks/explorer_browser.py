"""Explorers in a starved browser: how many are dead after *Run All*?

    python benchmarks/explorer_browser.py --runs 5 --by stopping
    python benchmarks/explorer_browser.py --runs 1 --by busy

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
import psutil
from nbformat import v4

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))
BUSY = 16
# The explorers of keyword spotting's fourth notebook, on the tests' frozen inputs.
OF_THE_NOTEBOOK = ("horowitz", "board", "roofline", "validation", "battery", "clock", "radio")
SETUP = f"""
import sys
sys.path.insert(0, {str(PROJECT)!r})
from tests.explore.conftest import EXPLORERS
"""
DEAD = """
() => [...document.querySelectorAll('.tinylab-explorer')].map((explorer) => {
  const plot = explorer.querySelector('.js-plotly-plot');
  const text = explorer.querySelector('.tinylab-live')?.textContent;
  return !(plot?.data?.length && text);
}).filter(Boolean).length
"""
HEALING_S = 60


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
def opened(names, *, nice: int = 0):
    """A page with a notebook of the explorers called `names`, its setup cell already run."""
    from playwright.sync_api import sync_playwright

    from tests.browser import conftest as jupyter

    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [SETUP, *(f"EXPLORERS[{name!r}]()" for name in names)]
    notebook = v4.new_notebook(
        metadata={"kernelspec": kernel}, cells=[v4.new_code_cell(cell) for cell in cells]
    )
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root, private = Path(folder) / "root", Path(folder) / "private"
        root.mkdir()
        nbformat.write(notebook, root / "explorers.ipynb")
        with jupyter.running_lab(root, private) as lab:
            browser = playwright.chromium.launch(
                executable_path=jupyter.find_browser(), args=list(jupyter.BROWSER_SWITCHES)
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


def starved(runs: int, seconds: float, by: str) -> dict:
    """Dead explorers of each *Run All* in a starved browser."""
    starving = busy_processes if by == "busy" else stopped_browser
    dead, shown = [], []
    for _ in range(runs):
        with opened(OF_THE_NOTEBOOK, nice=5 if by == "busy" else 0) as (page, _):
            page.click(".lm-MenuBar-itemLabel:text-is('Run')")
            with starving():
                page.click("li[data-command='runmenu:run-all'] .lm-Menu-itemLabel")
                time.sleep(seconds)
            dead.append(_dead_in_the_end(page))
            shown.append(page.locator(".tinylab-explorer").count())
            print(f"dead {dead[-1]} of {shown[-1]} shown", flush=True)
    return {"by": by, "dead": dead, "shown": shown, "seconds": seconds}


def _dead_in_the_end(page) -> int:
    """Explorers without a figure or a sentence when nothing starves the browser any more."""
    for _ in range(round(HEALING_S)):
        if not (dead := page.evaluate(DEAD)):
            break
        page.wait_for_timeout(1000)
    return dead


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--by", choices=("busy", "stopping"), default="stopping")
    parser.add_argument("--seconds", type=float, default=60)
    arguments = parser.parse_args()
    print(json.dumps(starved(arguments.runs, arguments.seconds, arguments.by), indent=1))


if __name__ == "__main__":
    main()
