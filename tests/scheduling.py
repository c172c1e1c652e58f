"""How tests are shared out between workers, and what happens to those of a worker that dies."""

import contextlib

from xdist.scheduler import LoadFileScheduling

NOTEBOOK_RUNS = "tests/notebooks/test_runs.py"


class ByFileAndNotebook(LoadFileScheduling):
    """A file stays with one worker, which makes its fixtures once; a notebook is a unit alone.

    When a worker dies, the test it died in fails and the rest of its unit goes to another. xdist
    3.8 hands out what was finished too: empty units, after which a worker waits for ever.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        return f"{file}::{test.partition('[')[2]}" if file == NOTEBOOK_RUNS else file

    def remove_node(self, node) -> str | None:
        unfinished = {
            scope: {test: False for test, done in unit.items() if not done}
            for scope, unit in self.assigned_work.pop(node).items()
        }
        died_in = next((test for unit in unfinished.values() for test in unit), None)
        for scope, unit in unfinished.items():
            unit.pop(died_in, None)
            if unit:
                self.workqueue[scope] = unit
        for other in self.nodes:
            self._reschedule(other)
        return died_in

    def _assign_work_unit(self, node) -> None:
        # A worker may be dead before its death is heard of: `remove_node` takes the unit back.
        with contextlib.suppress(OSError):
            super()._assign_work_unit(node)

    def _reschedule(self, node) -> None:
        """Units until two tests wait: a worker keeps its last test until another follows."""
        super()._reschedule(node)
        while self.workqueue and not node.shutting_down and self._has_few(node):
            super()._reschedule(node)

    def _has_few(self, node) -> bool:
        return self._pending_of(self.assigned_work[node]) < 2
