"""The grader that all hostile hand-ins are run through.

By default a few cases of each kind run; ``-m hostile`` runs every one, ``-m "not hostile"`` none.
"""

import functools
from collections import defaultdict
from pathlib import Path

import pytest

from tests.hostile.grader import HONEST, Grader
from tests.hostile.hostile_case import Hostile
from tinylab.grading.sandbox.level import LEVELS, best_level

CLASS = 8  # hostile students in a class of four honest ones


def pytest_collection_modifyitems(config, items):
    """Leave out what is marked `hostile`, counted as deselected, unless a marker is asked for."""
    if "hostile" in (config.option.markexpr or ""):
        return
    here = str(Path(__file__).parent)
    left = [i for i in items if str(i.path).startswith(here) and not is_quick(i)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def is_quick(item) -> bool:
    """True for a test that is not marked, or marked as quick, or whose case is a quick one."""
    case = item.callspec.params.get("case") if hasattr(item, "callspec") else None
    marker = item.get_closest_marker("hostile")
    return marker is None or marker.kwargs.get("quick", False) or getattr(case, "quick", False)


@pytest.fixture(scope="session")
def grader(tmp_path_factory):
    """The command, where this machine has walls to run hostile code behind."""
    if best_level() == LEVELS[0]:
        pytest.skip("this machine allows no namespaces, so hostile code is not run on it")
    grader = Grader(tmp_path_factory.mktemp("hostile"))
    yield grader
    grader.close()


@pytest.fixture(scope="session")
def honest(grader):
    """The honest students graded without anyone hostile: in folders, and packed by an LMS."""
    return {one: grader.grade([], HONEST, jobs=2, packed=one) for one in (False, True)}


@pytest.fixture(scope="session")
def beside(grader, request):
    """Function that gives the run of a class with a case, some other cases and honest students.

    Cases under the same rules are in one class, those that are run at all: each is attacked by its
    neighbours, and the honest are not graded anew beside every one of them.
    """
    cases = [
        item.callspec.params["case"]
        for item in request.session.items
        if isinstance(getattr(item, "callspec", None) and item.callspec.params.get("case"), Hostile)
    ]
    groups = defaultdict(list)
    for case in cases:
        groups[rules_of(case)].append(case)
    classes = [
        tuple(group[start : start + CLASS])
        for group in groups.values()
        for start in range(0, len(group), CLASS)
    ]

    @functools.cache
    def graded(number: int):
        members = classes[number]
        return grader.grade(members, HONEST, jobs=2, packed=members[0].packed)

    return lambda case: graded(next(n for n, members in enumerate(classes) if case in members))


def rules_of(case) -> str:
    """What must be the same for the cases of one class."""
    notebook = getattr(case, "notebook", "")
    return repr((sorted(case.limits.items()), case.deadline, case.packed, case.named, notebook))


@pytest.fixture(scope="session")
def one_honest(grader):
    """One honest student alone."""
    return grader.grade([], HONEST[:1])
