"""Which tests run a line? Coverage of the tests of some rooms, one context a test.

A line of a fixture that many tests share runs once, in the first of them; it belongs to a context
of its own here, and every test that asks for the fixture counts as running it.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import coverage
import pytest

__all__ = ["Covering", "measure", "read", "write"]

LEFT_OUT = "not (notebook or browser or training or hostile or flower or mutants)"


@dataclass(frozen=True)
class Covering:
    """What the tests of some rooms run.

    Attributes
    ----------
    seconds : dict of str to float
        CPU seconds of each test that passed, by its id.
    lines : dict of str to dict of str to list of str
        Ids of the tests that run a line, by path within the project and by line number.
    """

    seconds: dict
    lines: dict

    def of_line(self, path: str, line: int) -> list[str]:
        """Ids of the tests that run a line, the quickest first."""
        return self._quickest_first(self.lines.get(path, {}).get(str(line), ()))

    def of_file(self, path: str) -> list[str]:
        """Ids of the tests that run any line of a file, the quickest first."""
        return self._quickest_first({t for ids in self.lines.get(path, {}).values() for t in ids})

    def _quickest_first(self, tests: Iterable[str]) -> list[str]:
        return sorted((t for t in tests if t in self.seconds), key=lambda t: (self.seconds[t], t))


class _Contexts:
    """A plug-in of pytest that tells the coverage which test or shared fixture runs."""

    def __init__(self, cover: coverage.Coverage):
        self.cover, self.now = cover, ""
        self.seconds: dict[str, float] = {}
        self.users: dict[str, set] = defaultdict(set)
        self.failed: set[str] = set()

    def _switch(self, context: str) -> str:
        before, self.now = self.now, context
        self.cover.switch_context(context)
        return before

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        for name in item.fixturenames:
            self.users[f"fixture {name}"].add(item.nodeid)
        before, start = self._switch(item.nodeid), time.process_time()
        yield
        self.seconds[item.nodeid] = round(time.process_time() - start, 3)
        self._switch(before)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        shared = fixturedef.scope != "function"
        before = self._switch(f"fixture {fixturedef.argname}") if shared else self.now
        yield
        self._switch(before)

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed.add(report.nodeid)


def measure(root: Path, files: Iterable[Path], sources: Iterable[str]) -> Covering:
    """Run test files with coverage of the folders `sources`, and return who runs what."""
    cover = coverage.Coverage(data_file=None, source=list(sources), config_file=False)
    contexts = _Contexts(cover)
    options = ["-q", "-p", "no:cacheprovider", "-m", LEFT_OUT]
    cover.start()
    pytest.main([*options, *map(str, files)], plugins=[contexts])
    cover.stop()
    data, lines = cover.get_data(), {}
    for file in data.measured_files():
        by_line = data.contexts_by_lineno(file).items()
        lines[Path(file).relative_to(root).as_posix()] = {
            str(line): sorted(set().union(*(contexts.users.get(c, {c}) for c in ids if c)))
            for line, ids in by_line
        }
    passed = {t: s for t, s in contexts.seconds.items() if t not in contexts.failed}
    return Covering(passed, lines)


def write(covering: Covering, path: Path) -> None:
    """Keep it as JSON."""
    path.write_text(json.dumps(asdict(covering)), encoding="utf-8")


def read(path: Path) -> Covering:
    """Read what `write` kept."""
    return Covering(**json.loads(path.read_text(encoding="utf-8")))
