"""JupyterLab on a free loopback port and the system's Chromium, for tests that press real keys."""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.browser.devices import fake_devices

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without the switches after the sandbox's, Chromium looks up its maker's hosts at every start.
BROWSER_SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A busy machine draws late; a test that fails for a reason waits this long once.
PATIENCE_MS = 120_000
# JupyterLab detaches cells that are out of sight: a full picture needs them all attached.
LAB_SETTINGS = {
    "@jupyterlab/notebook-extension:tracker": {
        "windowingMode": "none",
        "autoStartDefaultKernel": True,
    },
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: where it listens, what opens it, and the folder it serves."""

    url: str
    token: str
    root: Path

    def notebook_url(self, path: str) -> str:
        """Address that opens one notebook in a fresh, single-document window."""
        return f"{self.url}/lab/workspaces/w{secrets.token_hex(4)}/tree/{path}?token={self.token}"

    def stop_kernels(self) -> None:
        """End every kernel, as Kernel > Shut Down All Kernels or closing the computer does."""
        asked = {"headers": {"Authorization": f"token {self.token}"}, "timeout": 60}
        for session in requests.get(f"{self.url}/api/sessions", **asked).json():
            address = f"{self.url}/api/sessions/{session['id']}"
            requests.delete(address, **asked).raise_for_status()


def find_browser() -> str | None:
    """Path of the system's Chromium or Chrome, None without one."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@contextlib.contextmanager
def running_lab(root: Path, private: Path, theme: str = "JupyterLab Light") -> Iterator[Lab]:
    """Serve `root` with settings, workspaces and learner's work under `private`, then stop."""
    token, port = secrets.token_hex(16), _free_port()
    private.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.app_settings_dir={_settings(private, theme)}",
        "--LabApp.extension_manager=readonly",
        "--LabApp.news_url=None",
    ]
    with open(private / "lab.log", "w") as log:
        server = subprocess.Popen(command, env=_environment(private), stdout=log, stderr=log)
    lab = Lab(f"http://127.0.0.1:{port}", token, root)
    try:
        _wait_until_up(lab, server, private / "lab.log")
        yield lab
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _settings(private: Path, theme: str) -> Path:
    folder = private / "application_settings"
    folder.mkdir(exist_ok=True)
    chosen = {**LAB_SETTINGS, "@jupyterlab/apputils-extension:themes": {"theme": theme}}
    (folder / "overrides.json").write_text(json.dumps(chosen))
    return folder


def _environment(private: Path) -> dict:
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "IPYTHONDIR": "ipython",
        "TINYLAB_WORK": "work",
    }
    environment = {
        **os.environ,
        **{name: str(private / folder) for name, folder in folders.items()},
    }
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return environment


def _wait_until_up(
    lab: Lab, server: subprocess.Popen, log: Path, timeout_s: float = PATIENCE_MS / 1000
) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab stopped at once:\n{log.read_text()[-2000:]}")
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            with urllib.request.urlopen(f"{lab.url}/api/status?token={lab.token}", timeout=2):
                return
        time.sleep(0.2)
    raise RuntimeError(
        f"JupyterLab did not answer within {timeout_s:.0f} s:\n{log.read_text()[-2000:]}"
    )


def open_notebook(page, lab: Lab, path: str) -> None:
    """Open one notebook and wait until it has an idle kernel."""
    page.goto(lab.notebook_url(path))
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=PATIENCE_MS)
    # On a busy machine JupyterLab may ask for the kernel before it has read which one to take.
    named = page.locator(".jp-Toolbar-kernelName[aria-label='Python 3 (ipykernel)']")
    asked = page.locator(".jp-Dialog button:has-text('Select')")
    named.or_(asked).first.wait_for(timeout=PATIENCE_MS)
    if asked.count():
        asked.click()
        named.wait_for(timeout=PATIENCE_MS)
    wait_until_idle(page)


def run_all(page, timeout_s: float = 2 * PATIENCE_MS / 1000) -> None:
    """Run every cell through the menu, as a student does, and wait until the last is done."""
    page.click(".lm-MenuBar-itemLabel:text-is('Run')")
    page.click("li[data-command='runmenu:run-all'] .lm-Menu-itemLabel")
    wait_until_run(page, timeout_s)


def wait_until_run(page, timeout_s: float) -> None:
    """Wait until every cell that holds code has a number, and the kernel is idle."""
    page.wait_for_function(
        """() => {
          const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
          const text = (p) => p.closest('.jp-CodeCell').querySelector('.cm-content').innerText;
          return prompts.every((p) => /\\[\\d+\\]/.test(p.innerText) || !text(p).trim());
        }""",
        timeout=timeout_s * 1000,
    )
    wait_until_idle(page, timeout_s)


def wait_until_idle(page, timeout_s: float = PATIENCE_MS / 1000) -> None:
    """Wait until the kernel indicator of the open notebook says idle."""
    page.wait_for_selector(
        ".jp-Notebook-ExecutionIndicator[data-status='idle']",
        state="attached",
        timeout=timeout_s * 1000,
    )


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium of this system, driven by Playwright."""
    executable = find_browser()
    if executable is None:
        pytest.skip("no Chromium or Chrome on this machine (Debian: apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs the playwright package")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable, headless=True, args=list(BROWSER_SWITCHES)
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A fresh window of a laptop's size, with no cookies from another test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory) -> Iterator[Lab]:
    """JupyterLab serving a folder of its own; without a browser it is not even started."""
    root, private = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("private")
    with running_lab(root, private) as running:
        yield running


@pytest.fixture
def open_and_run():
    """Function (page, lab, path, timeout_s) that opens a notebook and runs all its cells."""

    def act(page, lab: Lab, path: str, timeout_s: float = 120) -> None:
        open_notebook(page, lab, path)
        run_all(page, timeout_s)

    return act


@pytest.fixture(scope="module")
def devices(tmp_path_factory) -> list[str]:
    """Chromium's switches for a microphone that says "yes" and a camera that sees a person."""
    return fake_devices(tmp_path_factory.mktemp("devices"))


@pytest.fixture
def window(browser, request):
    """Function from switches to a fresh page in a Chromium of its own."""
    opened = []

    def start(switches: list[str], script: str = ""):
        chromium = browser.browser_type.launch(
            executable_path=find_browser(), args=[*BROWSER_SWITCHES, *switches]
        )
        opened.append(chromium)
        context = chromium.new_context(viewport={"width": 1280, "height": 1200})
        context.set_default_timeout(PATIENCE_MS)
        if script:
            context.add_init_script(script)
        return context.new_page()

    yield start
    for chromium in opened:
        chromium.close()
