"""`tinylab doctor`: is this environment the one the workbook was made for?

In: nothing. Out: a list of findings, each with how to fix it. Looks at files and installed
packages only; it starts no kernel and needs no network. What is fine is reported without
paths, so that a notebook can show it.
"""

import importlib.metadata
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from tinylab import paths

__all__ = ["Finding", "examine", "report"]

PYTHONS = ((3, 10), (3, 13))
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
REINSTALL = "delete the folder .venv and run: python3 start.py"
ON_COLAB = "COLAB_RELEASE_TAG"  # an environment variable of every Colab machine
AGAIN = "run the notebook's first cell again, then restart the session"
ROOM_BYTES = 1_000_000  # what a notebook keeps: a model, its figures, measurements
DRIVE = Path("/content/drive")  # where Colab shows the learner's own files


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    what : str
        What was looked at.
    fine : bool
        Whether it is as it should be.
    detail : str
        What was found.
    fix : str
        What to do when it is not fine.
    optional : bool
        Whether the workbook can be used without it.
    """

    what: str
    fine: bool
    detail: str
    fix: str = ""
    optional: bool = False

    @property
    def is_problem(self) -> bool:
        """Whether the workbook cannot be used before this is fixed."""
        return not self.fine and not self.optional

    def __str__(self) -> str:
        mark = "ok" if self.fine else ("optional" if self.optional else "PROBLEM")
        fix = "" if self.fine else f"\n          to fix it: {self.fix}"
        return f"{mark:>8}  {self.what}: {self.detail}{fix}"


def examine() -> tuple[Finding, ...]:
    """Look at everything; a look that itself fails is a finding, too.

    Colab brings its own kernel, widgets and page, and versions of its own (`colab.txt`).
    """
    looks = (python, packages, kernel, widgets, work_folder, datasets, browser)
    if ON_COLAB in os.environ:
        looks = (python, colab_packages, colab_work_folder, datasets)
    return tuple(_look(look) for look in looks)


def report(findings: Iterable[Finding] | None = None) -> str:
    """The findings, one a line, and what they come to."""
    findings = tuple(examine() if findings is None else findings)
    problems = [finding for finding in findings if finding.is_problem]
    verdict = (
        f"{len(problems)} of {len(findings)} need fixing."
        if problems
        else "Everything is in place."
    )
    return "\n".join([*map(str, findings), verdict])


def python() -> Finding:
    """The interpreter's version."""
    fine = PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    return Finding(
        "Python",
        fine,
        sys.version.split()[0],
        "install Python 3.10 to 3.13, then " + REINSTALL,
    )


def packages(requirements: Path | None = None) -> Finding:
    """The installed packages against what a file asks for; without one, requirements.txt."""
    from packaging.requirements import Requirement

    path = requirements or paths.PROJECT / "requirements.txt"
    lines = [line.split(" #")[0].strip() for line in path.read_text("utf-8").splitlines()]
    wanted = [Requirement(line) for line in lines if line and line[0] not in "#-"]
    wanted = [pin for pin in wanted if pin.marker is None or pin.marker.evaluate()]
    wrong = []
    for pin in wanted:
        try:
            version = importlib.metadata.version(pin.name)
        except importlib.metadata.PackageNotFoundError:
            version = "missing"
        if version == "missing" or not pin.specifier.contains(version, prereleases=True):
            wrong.append(f"{pin.name} {version} (wanted {pin.specifier})")
    detail = ", ".join(wrong) or f"{len(wanted)} packages as in {path.name}"
    return Finding("packages", not wrong, detail, REINSTALL)


def colab_packages() -> Finding:
    """Colab's packages and those that the set-up cell adds, against their lower bounds."""
    return replace(packages(paths.PROJECT / "colab.txt"), fix=AGAIN)


def colab_work_folder() -> Finding:
    """Whether the learner's work can be written, and outlives the session."""
    finding = work_folder()
    if finding.fine and DRIVE not in paths.work_dir().resolve().parents:
        lost = f"{paths.work_dir()} goes with the session"
        fix = f"let the workbook lie in your Drive, or set TINYLAB_WORK to a folder below {DRIVE}"
        return Finding("work folder", False, lost, fix, optional=True)
    return finding


def kernel() -> Finding:
    """The kernel called python3, which every notebook asks for: it must run this Python."""
    from jupyter_client.kernelspec import KernelSpecManager

    spec = KernelSpecManager().get_kernel_spec("python3")
    program = shutil.which(spec.argv[0]) or spec.argv[0]
    # jupyter_client runs this interpreter for a spec that only says "python".
    own = spec.argv[0] in ("python", "python3") or Path(program) == Path(sys.executable)
    return Finding(
        "kernel",
        own,
        "python3 runs this Python" if own else f"python3 runs {program}, not {sys.executable}",
        f"remove the other kernel: jupyter kernelspec remove python3 (it lies in"
        f" {spec.resource_dir})",
    )


def widgets() -> Finding:
    """The parts of ipywidgets and anywidget that run inside JupyterLab."""
    from jupyter_core.paths import jupyter_path

    folders = [Path(folder) for folder in jupyter_path("labextensions")]
    missing = [
        name
        for name in EXTENSIONS
        if not any((folder / name / "package.json").is_file() for folder in folders)
    ]
    missing += [f"{name} (disabled)" for name in EXTENSIONS if name in _disabled()]
    detail = f"not in JupyterLab: {', '.join(missing)}" if missing else "known to JupyterLab"
    return Finding("widgets", not missing, detail, REINSTALL)


def work_folder() -> Finding:
    """Whether the learner's own work can be written."""
    folder = paths.work_dir()
    fix = f"make {folder} writable, or set TINYLAB_WORK to a folder of your own"
    if os.path.lexists(folder) and not folder.is_dir():
        fix = f"move {folder} away, or set TINYLAB_WORK to a folder of your own"
        return Finding("work folder", False, f"{folder} is no folder", fix)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(ROOM_BYTES))  # on a full disk, an empty file can still be made
    except OSError as error:
        return Finding("work folder", False, str(error), fix)
    return Finding("work folder", True, "can be written")


def datasets() -> Finding:
    """The built-in data sets against their recorded checksums."""
    from tinylab.data.download.checksums import verify

    problems = verify()
    detail = "; ".join(problems) or "as they were shipped"
    return Finding(
        "data sets", not problems, detail, "restore the folder datasets as it was shipped"
    )


def browser() -> Finding:
    """A Chromium for the browser tests and the still pictures of `tinylab build`."""
    installed = any(map(shutil.which, BROWSERS))
    return Finding(
        "Chromium",
        installed,
        "found" if installed else "not found; only authors need it, for tests and still pictures",
        "install the package chromium of your system",
        optional=True,
    )


def _disabled() -> set[str]:
    """The JupyterLab extensions that a page_config.json switches off."""
    from jupyter_core.paths import jupyter_config_path

    names: set[str] = set()
    for folder in jupyter_config_path():
        path = Path(folder) / "labconfig" / "page_config.json"
        if path.is_file() and os.access(path, os.R_OK):
            off = json.loads(path.read_text("utf-8")).get("disabledExtensions", {})
            names |= {name for name in off if not isinstance(off, dict) or off[name]}
    return names


def _look(look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except Exception as error:  # a broken installation may fail in any way; that is the finding
        what = look.__name__.replace("_", " ")
        return Finding(what, False, f"{type(error).__name__}: {error}", REINSTALL)
