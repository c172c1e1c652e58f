"""start.py in an empty project of its own, with a stand-in for JupyterLab and for pytest."""

import contextlib
import errno
import json
import os
import runpy
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from types import SimpleNamespace

import nbclient
import nbformat
import pytest
from traitlets.utils.importstring import import_item

from tinylab.kernel import HINT

START = Path(__file__).parent.parent / "start.py"


def make_project(folder):
    shutil.copy(START, folder)
    (folder / "requirements.txt").write_text("# nothing\n")
    (folder / "pyproject.toml").write_text("")
    for module in ("jupyterlab", "pytest", "ruff", "mypy", "codespell_lib"):
        (folder / f"{module}.py").write_text(
            f"import sys; print('{module}', sys.prefix, sys.argv[1:]); sys.exit(3)"
        )
    return folder


@pytest.fixture
def project(tmp_path):
    """A folder with start.py, nothing to install, and modules that only tell how they were run."""
    return make_project(tmp_path)


@pytest.fixture(scope="module")
def first_start(tmp_path_factory):
    """A project and what its first start said; making a .venv takes seconds, so it is made once.

    An earlier start was broken off there, before .venv had a pip.
    """
    folder = make_project(tmp_path_factory.mktemp("started"))
    venv.create(folder / ".venv", with_pip=False)
    return folder, start(folder, "--no-browser")


@pytest.fixture
def started(first_start, tmp_path):
    """A copy of the started project, which start.py notices to be in another place."""
    return Path(shutil.copytree(first_start[0], tmp_path / "moved", symlinks=True))


def program(*arguments, before=""):
    """The command of start.py, after some lines of Python that change what it meets."""
    code = (
        f"{before}\nimport runpy, sys\nsys.argv = ['start.py', *{arguments!r}]\n"
        "runpy.run_path('start.py', run_name='__main__')"
    )
    return [sys.executable, "-c", code]


def start(project, *arguments, before="", **environment):
    """Run start.py until it ends."""
    return subprocess.run(
        program(*arguments, before=before),
        cwd=project,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


@contextlib.contextmanager
def begun(project, before=""):
    """A start.py that is running; it is ended when the test leaves."""
    process = subprocess.Popen(
        program(before=before), cwd=project, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_first_start_installs_and_later_ones_need_no_pip(first_start):
    project, first = first_start
    assert "Installing into" in first.stdout
    assert first.returncode == 3, "the exit code is that of JupyterLab"
    assert list((project / ".venv").rglob("site-packages/pip")), "half a .venv is made anew"
    assert f"jupyterlab {project / '.venv'}" in first.stdout
    assert f"['{Path('notebooks/00_start_here.ipynb')}', '--no-browser']" in first.stdout
    no_pip = {"PIP_CONFIG_FILE": "/nowhere", "PIP_RETRIES": "not a number"}
    second = start(project, "test", "-x", "tests/graph", **no_pip)
    assert "Installing" not in second.stdout
    assert "['-x', 'tests/graph']" in second.stdout


def test_two_starts_at_once_install_once(project):
    """The second waits, in a sentence, while the first is making .venv; then both go on."""
    slow = (
        "import os, subprocess, time; call = subprocess.call\n"
        "def slowly(*arguments, **keywords):\n"
        "    while not os.path.exists('go'): time.sleep(0.05)\n"
        "    return call(*arguments, **keywords)\n"
        "subprocess.call = slowly"
    )
    with begun(project, before=slow) as first:
        assert first.stdout.readline().startswith("Installing into")
        with begun(project) as second:
            assert second.stdout.readline() == (
                "Another start is installing in this folder: "
                "this one goes on when that has finished.\n"
            )
            (project / "go").touch()
            said = [one.communicate(timeout=120)[0] for one in (first, second)]
    assert first.returncode == second.returncode == 3, "the exit code is that of JupyterLab"
    assert all(f"jupyterlab {project / '.venv'}" in one for one in said)
    assert "Installing" not in said[1]


@pytest.mark.parametrize(("error", "goes_on"), [("ENOLCK", True), ("EAGAIN", False)])
def test_a_disk_without_locks_is_installed_on_as_before(project, error, goes_on, monkeypatch):
    fcntl = pytest.importorskip("fcntl", reason="Windows locks by another module")

    def refuse(*arguments):
        raise OSError(getattr(errno, error), "no")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with open(project / "lock", "a") as lock:
        assert runpy.run_path(str(START))["taken"](lock) == goes_on


def test_check_runs_every_keeper_and_fails_with_any(first_start):
    project, _ = first_start
    checked = start(project, "check")
    assert checked.returncode == 3
    ran = [line.split()[0] + line.split(" ", 2)[2] for line in checked.stdout.splitlines()]
    assert ran == ["ruff['check']", "ruff['format', '--check']", "mypy[]", "codespell_lib[]"]


def test_notebooks_show_what_python_writes_and_not_what_c_libraries_do(first_start):
    """The settings that start.py writes, read by a kernel of this environment."""
    settings = first_start[0] / ".venv" / "etc" / "ipython"
    cell = nbformat.v4.new_code_cell("import os\nos.write(2, b'from C')\nprint('from Python')")
    nbclient.NotebookClient(
        nbformat.v4.new_notebook(cells=[cell]),
        extra_arguments=[f"--config={settings / 'ipython_kernel_config.json'}"],
    ).execute()
    assert [output.get("text") for output in cell.outputs] == ["from Python\n"]


def test_a_name_that_no_cell_made_is_explained(first_start):
    """As after a restart in the middle; also in a function of the notebook, not in a library's."""
    settings = first_start[0] / ".venv" / "etc" / "ipython"
    texts = [
        "print(scores.mean())",
        "def f(): return scores\nf()",
        "def g():\n    x\n    x = 1\ng()",
        "import types\nlibrary = types.ModuleType('library')\n"
        "exec('def h(): return scores', vars(library))\nlibrary.h()",
        "1 / 0",
        "print('goes on')",
    ]
    cells = [nbformat.v4.new_code_cell(text) for text in texts]
    nbclient.NotebookClient(
        nbformat.v4.new_notebook(cells=cells),
        allow_errors=True,
        extra_arguments=[f"--config={settings / 'ipython_kernel_config.json'}"],
    ).execute()
    names = [[o.get("ename") for o in cell.outputs if "ename" in o] for cell in cells]
    assert names[:4] == [["NameError"], ["NameError"], ["UnboundLocalError"], ["NameError"]]
    assert names[4:] == [["ZeroDivisionError"], []]
    hinted = [[HINT.format(name="scores") in o.get("text", "") for o in c.outputs] for c in cells]
    assert [any(one) for one in hinted] == [True, True, False, False, False, False]
    assert cells[-1].outputs[0].text == "goes on\n"


def test_changed_requirements_or_another_place_install_again(started):
    assert "Installing" in start(started).stdout
    assert "Installing" not in start(started).stdout
    (started / "requirements.txt").write_text("# other\n")
    assert "Installing" in start(started).stdout


def test_without_network_one_sentence_and_no_stamp(started):
    (started / "requirements.txt").write_text("no-such-thing-anywhere==1.0\n")
    tried = start(
        started, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0", PIP_TIMEOUT="1"
    )
    assert tried.returncode == 1
    assert tried.stderr.strip().splitlines()[-1] == (
        "The packages could not be downloaded: connect to the internet and start again."
    )
    assert not (started / ".venv" / "installed").exists()


def test_a_failed_update_keeps_the_packages_but_not_the_stamp(started):
    (started / "requirements.txt").write_text("./missing_folder\n")
    tried = start(started)
    assert tried.stderr.startswith("Installing failed: ")
    assert (started / ".venv" / "pyvenv.cfg").exists()
    assert not (started / ".venv" / "installed").exists()


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        (
            "import sys; sys.version_info = (3, 9, 1)",
            "needs Python 3.10 to 3.13, and this is Python 3.9: ",
        ),
        (
            "import sys; sys.version_info = (3, 14, 0)",
            "needs Python 3.10 to 3.13, and this is Python 3.14: ",
        ),
        (
            "import shutil, types; "
            "shutil.disk_usage = lambda path: types.SimpleNamespace(free=12 * 10**8)",
            "tinylab needs 4 GB of free disk, and",
        ),
        (
            "import subprocess; subprocess.call = lambda *arguments, **keywords: 1",
            "install its venv module",
        ),
        (
            "import tempfile\n"
            "def no(**keywords): raise OSError(30, 'Read-only file system')\n"
            "tempfile.TemporaryFile = no",
            "copy it to a folder of your own, and start there",
        ),
        ("import os; os.remove('pyproject.toml')", "tinylab could not be started: "),
    ],
)
def test_one_sentence_for_what_is_missing(project, before, sentence):
    if "remove" in before:
        (project / ".venv/bin").mkdir(parents=True)
        (project / ".venv/installed").touch()
        (project / ".venv/bin/python").touch()
    tried = start(project, before=before)
    assert tried.returncode == 1
    assert sentence in tried.stderr
    assert "Traceback" not in tried.stderr
    assert len(tried.stderr.strip().splitlines()) == 1


def test_what_is_installed_starts_where_nothing_can_be_written(first_start):
    """As for a class that shares one checkout: the kernel's settings are as they should be."""
    settings = first_start[0] / ".venv" / "etc" / "ipython" / "ipython_kernel_config.json"
    refuse = (
        "import builtins, os; read = builtins.open\n"
        "def only_read(path, mode='r', *arguments, **keywords):\n"
        "    if 'w' in mode and path != os.devnull: raise OSError(30, 'Read-only', path)\n"
        "    return read(path, mode, *arguments, **keywords)\n"
        "builtins.open = only_read"
    )
    again = start(first_start[0], before=refuse)
    assert "jupyterlab" in again.stdout and again.stderr == ""
    settings.write_text("{}")
    assert start(first_start[0], before=refuse).stderr.startswith("tinylab could not be started: ")
    start(first_start[0])
    assert "tinylab.kernel" in settings.read_text()


def test_the_server_passes_on_at_once_what_a_kernel_says(first_start, monkeypatch):
    """The settings that start.py writes, read by Jupyter's server; the class that they name."""
    shown = subprocess.run(
        [sys.executable, "-m", "jupyter_server", "--show-config-json"],
        env={
            **os.environ,
            "JUPYTER_CONFIG_PATH": str(first_start[0] / ".venv" / "etc" / "jupyter"),
        },
        capture_output=True,
        text=True,
    )
    name = json.loads(shown.stdout)["ServerApp"]["kernel_websocket_connection_class"]
    asked = []
    handler = SimpleNamespace(set_nodelay=asked.append)
    kind = import_item(name)
    monkeypatch.setattr(kind.__base__, "connect", lambda connection: asked.append("connected"))
    connection = kind.__new__(kind)
    monkeypatch.setattr(kind, "websocket_handler", handler)
    connection.connect()
    assert asked == [True, "connected"]


def test_a_certificate_that_is_not_accepted_asks_for_the_clock():
    reason = runpy.run_path(str(START))["reason"]
    said = "WARNING: Retrying after SSLError(SSLCertVerificationError(1, '[SSL: "
    said += "CERTIFICATE_VERIFY_FAILED] certificate is not yet valid')) (from versions: none)"
    assert "set this computer's clock" in reason(said)
    assert "connect to the internet" in reason("ERROR: no such version (from versions: none)")


def test_an_old_python_can_read_it():
    import ast

    ast.parse(START.read_text(), feature_version=(3, 4))
