"""Explorers in a browser: dead ones after a starved *Run All*, bytes sent, and how fast they are.

    python benchmarks/explorer_browser.py starved --runs 5    # dead explorers of a whole notebook
    python benchmarks/explorer_browser.py sent                # bytes its Run All sends to the page
    python benchmarks/explorer_browser.py moves               # input to painted, kernel side
    python benchmarks/explorer_browser.py recording           # from a recording's end to its answer
    python benchmarks/explorer_browser.py table               # writes explorer_browser.md

Needs Chromium. What was measured is gathered in a file (`--results`), with the machine's load.
Starved by "busy": sixteen busy processes, each in a session of its own, so that the scheduler gives
the browser, at nice 5, and the kernel a seventeenth of the machine each. By "stopping": only the
browser is, by stopping its processes for 160 of every 170 ms, which costs nobody else anything.
Either begins when the kernel has imported tinylab.
"""

import argparse
import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
import numpy as np
import psutil
from nbformat import v4

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))
BUSY = 16
TABLE = Path(__file__).with_suffix(".md")
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
PAINTED_BUDGET_ms, KERNEL_BUDGET_ms = 100, 30
MOVES = 20
EXPLORERS_A_PAGE = 17  # few pages to open; the fullest notebook has nine explorers
# From an input event to the frame after Plotly has drawn what the kernel answered.
PAINTED_ms = """
async ([index, moves]) => {
  const explorer = document.querySelectorAll('.tinylab-explorer:has(.tinylab-head)')[index];
  const plot = explorer.querySelector('.js-plotly-plot');
  const wait = (ms) => new Promise((done) => setTimeout(() => done('late'), ms));
  const frame = () => new Promise(requestAnimationFrame);
  const controls = [...explorer.querySelectorAll('.tinylab-row input[type=range]'),
    ...explorer.querySelectorAll('.tinylab-row select, .tinylab-row input[type=checkbox]')];
  const slides = (control) => control.type === 'range';
  const placesOf = (control) => slides(control)
    ? Math.round((control.max - control.min) / control.step) + 1 : control.options?.length ?? 2;
  const put = (control, place) => {
    if (slides(control)) control.value = Number(control.min) + place * control.step;
    else if (control.options) control.selectedIndex = place;
    else control.checked = place === 1;
    control.dispatchEvent(new Event(slides(control) ? 'input' : 'change', { bubbles: true }));
  };
  const times = [];
  let place = 0;
  for (let move = 0; times.length < moves + 2 && move < 4 * moves; move++) {
    const places = placesOf(controls[0]);
    place = (place + 1 + Math.floor(0.38 * move * places) % Math.max(1, places - 1)) % places;
    let heard;
    const drawn = new Promise((done) => plot.once('plotly_react', heard = done));
    const begun = performance.now();
    put(controls[0], place);
    // A move that leaves the figure as it is has nothing to paint: another control takes its turn.
    if (await Promise.race([drawn, wait(2000)]) === 'late') {
      plot.removeListener('plotly_react', heard);
      controls.push(controls.shift());
      continue;
    }
    await frame();
    await new Promise((done) => setTimeout(done));
    times.push(performance.now() - begun);
    await wait(100);
  }
  return times.slice(2);
}
"""
# The capture widget clears its message when a recording is complete and sent.
ANSWERED_ms = """
() => new Promise((done, fail) => {
  setTimeout(() => fail(new Error(document.querySelector('.tinylab-said').textContent)), 60000);
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


def _cells_of(names: Sequence[str]) -> list[str]:
    return [SETUP, *(f"EXPLORERS[{name!r}]()" for name in names)]


def _notebook_cells(name: str) -> list[str]:
    """The code of a student's notebook, which begins with its imports."""
    notebook = nbformat.read(PROJECT / "notebooks" / f"{name}.ipynb", as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def moves() -> dict:
    """Milliseconds from input to painted, and of the kernel alone, by explorer."""
    from benchmarks.explorer_speed import measure
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


def table(known: dict) -> str:
    """The measured figures beside the targets, as Markdown."""
    lines = [
        "# Explorers in a browser",
        "",
        "Written by `explorer_browser.py table`.",
    ]
    lines += ["", "| figure | target | measured | load |", "|---|---|---|---|"]
    runs = known["starved"]
    dead, shown, meanwhile = (
        sum(run[key] for run in runs) for key in ("dead", "shown", "meanwhile")
    )
    how = {"busy": f"{BUSY} busy processes", "stopping": "stopping the browser"}[runs[0]["by"]]
    lines.append(
        f"| dead explorers, {len(runs)} *Run All* of 01/4 starved by {how} for"
        f" {runs[0]['seconds']:.0f} s | 0 | {dead} of {shown} ({meanwhile} of them came up"
        f" meanwhile) | {_span([run['load'] for run in runs])} |"
    )
    sent_ = known["sent"]
    lines.append(
        f"| JavaScript sent by a *Run All* of 01/4 (MB) | 6 | {sent_['scripts_MB']} (with all"
        f" figures and texts {sent_['everything_MB']}) | {sent_['load']} |"
    )
    spoken = known.get("recording")
    times = spoken and [f"{spoken['answered_ms'][key]:.0f}" for key in ("median", "p95")]
    lines.append(
        f"| a recording to its answer (ms), median and p95 | 500 |"
        f" {', '.join(times) if times else 'not measured'} | {spoken['load'] if spoken else ''} |"
    )
    painted, kernel = known["moves"]["painted_ms"], known["moves"]["kernel_ms"]
    late = [name for name, one in painted.items() if one["p95"] > PAINTED_BUDGET_ms]
    slow = [name for name, one in kernel.items() if one["processor"]["p95"] > KERNEL_BUDGET_ms]
    lines.append(
        f"| explorers painted later than {PAINTED_BUDGET_ms} ms after the input (p95) | 0 |"
        f" {len(late)} of {len(painted)} | {_span(known['moves']['loads'])} |"
    )
    lines.append(
        f"| explorers whose kernel needs more than {KERNEL_BUDGET_ms} ms of processor time (p95)"
        f" | 0 | {len(slow)} of {len(kernel)} | {_span(known['moves']['loads'])} |"
    )
    lines += [
        "",
        "From a moved control to the painted figure, and of that the kernel's part, in ms:",
        "",
    ]
    lines += ["| explorer | painted, median | p95 | kernel, processor p95 | wall p95 |"]
    lines += ["|---|---|---|---|---|"]
    for name, one in painted.items():
        processor, wall = kernel[name]["processor"]["p95"], kernel[name]["wall"]["p95"]
        lines.append(f"| {name} | {one['median']} | {one['p95']} | {processor} | {wall} |")
    return "\n".join([*lines, ""])


def _span(loads: Sequence[float]) -> str:
    return f"{min(loads)} to {max(loads)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("starved", "moves", "sent", "recording", "table"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--by", choices=("busy", "stopping"), default="busy")
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--notebook", default="01_keyword_spotting/4_energy_latency")
    parser.add_argument("--results", type=Path, default=Path("explorer_browser.json"))
    arguments = parser.parse_args()
    known = json.loads(arguments.results.read_text()) if arguments.results.exists() else {}
    if arguments.what == "table":
        TABLE.write_text(table(known))
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
