"""nbval on a sandboxed kernel: a whole notebook, cell by cell, against the outputs of the master.

A pytest plugin, for a teacher who wants to see a hand-in run from top to bottom as nbval does:

    pytest -p tinylab.grading.one.collect \\
        --sandbox-master notebooks/solutions/00_start_here.ipynb handed_in/ada/00_start_here.ipynb

Which cells are compared, and with what, stands in the master alone; marks, tags and stored outputs
of the hand-in count for nothing. A cell that hangs, floods, or ends its kernel fails; the next
one runs in a fresh kernel, after the cells that had passed. Points come from `grade_one`, not from
this: a student's kernel can print whatever it likes.
"""

from collections import defaultdict
from queue import Empty

import nbformat
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, find_comment_markers, find_metadata_tags

from tinylab.grading.rules.limits import Limits
from tinylab.grading.sandbox.kernel import SandboxedKernel
from tinylab.grading.sandbox.level import require
from tinylab.grading.sandbox.outcomes import KernelLost

__all__ = ["SandboxedCell", "SandboxedNotebook"]


def pytest_addoption(parser) -> None:
    """The plugin's options; without the first, it does nothing."""
    group = parser.getgroup("tinylab sandbox")
    group.addoption("--sandbox-master", help="The executed notebook to compare hand-ins with.")
    group.addoption("--sandbox-cell-s", type=float, default=Limits.cell_s, help="Seconds a cell.")
    group.addoption("--sandbox-level", default=Limits.isolation, help="Weakest isolation accepted.")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Collect notebooks with this module's classes and no others."""
    collected = yield
    if parent.config.option.sandbox_master and file_path.suffix == ".ipynb":
        return [SandboxedNotebook.from_parent(parent, path=file_path)]
    return collected


class SandboxedNotebook(IPyNbFile):
    """A hand-in, collected and run by nbval in a sandbox."""

    def setup(self) -> None:
        option = self.config.option
        self.limits = Limits(cell_s=option.sandbox_cell_s, isolation=option.sandbox_level)
        self.level = require(self.limits.isolation)
        self.passed: list[str] = []
        self.setup_sanitize_files()

    def collect(self):
        """One item a code cell; what is compared, and with what, comes from the master."""
        master = nbformat.read(self.config.option.sandbox_master, as_version=4)
        trusted = {cell["id"]: cell for cell in master.cells if cell.cell_type == "code"}
        for item in super().collect():
            own = trusted.get(item.cell.get("id"))
            item.cell.outputs = own.outputs if own else []
            item.cell.execution_count = own.execution_count if own else None
            yield SandboxedCell.from_parent(
                self, name=item.name, cell_num=item.cell_num, cell=item.cell, options=_options(own)
            )

    def alive(self) -> SandboxedKernel:
        """The kernel, or a fresh one in which all cells ran again that had passed."""
        if self.kernel is None:
            self.kernel = SandboxedKernel(self.limits, self.level)
            for source in self.passed:
                self.kernel.allow(self.limits.cell_s)
                self.kernel.run(source)
        return self.kernel

    def drop(self) -> None:
        """End the kernel; the next cell gets a fresh one."""
        if self.kernel is not None:
            self.kernel.stop()
            self.kernel = None

    def teardown(self) -> None:
        self.drop()


class SandboxedCell(IPyNbCell):
    """A cell that cannot hang its notebook, and never is expected to fail."""

    def setup(self) -> None:
        """Nothing: nbval would excuse every cell after one that ran too long."""

    def runtest(self) -> None:
        notebook = self.parent
        notebook.timed_out = False
        try:
            kernel = notebook.alive()
            kernel.allow(notebook.limits.cell_s)
            kernel.listen()
            kernel.flags.clear()
            super().runtest()
            if "output_limit" in kernel.flags:
                self.raise_cell_error("it printed more than is allowed.")
        except (KernelLost, Empty) as lost:
            notebook.drop()
            self.raise_cell_error(str(lost) or "it did not answer in time.")
        notebook.passed.append(self.cell.source)


def _options(master) -> dict:
    """nbval's options for a cell as the master has it; a student's own cell has none."""
    options = defaultdict(bool, check=False)
    if master is not None:
        options.update(find_metadata_tags(master.metadata))
        options.update(find_comment_markers(master.source))
    return options
