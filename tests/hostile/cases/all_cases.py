"""Every case, in the order of their ids."""

from tests.hostile.cases.execution import CASES as EXECUTION
from tests.hostile.cases.files import CASES as FILES
from tests.hostile.cases.integrity import CASES as INTEGRITY
from tests.hostile.cases.resources import CASES as RESOURCES
from tests.hostile.cases.structure import CASES as STRUCTURE
from tests.hostile.cases.values import CASES as VALUES

__all__ = ["CASES", "REQUIRED"]

CASES = tuple(
    sorted(
        (*STRUCTURE, *FILES, *EXECUTION, *RESOURCES, *INTEGRITY, *VALUES), key=lambda case: case.id
    )
)
REQUIRED = {
    f"{kind}{n:02}" for kind, last in zip("ABCD", (26, 26, 31, 30)) for n in range(1, last + 1)
}
