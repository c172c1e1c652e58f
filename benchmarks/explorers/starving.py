"""Taking the processor away from a browser, in two ways.

"Busy": sixteen busy processes, each in a session of its own, so that the scheduler gives browser
and kernel a seventeenth of the machine each. "Stopping": only the browser is starved, by stopping
its processes for 160 of every 170 ms, which costs nobody else anything.
"""

import contextlib
import signal
import subprocess
import sys
import threading
import time

import psutil

__all__ = ["BUSY", "browser_processes", "busy_processes", "stopped_browser"]

BUSY = 16


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
