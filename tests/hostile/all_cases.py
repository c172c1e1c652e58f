"""Every case, in the order of their ids."""

from tests.hostile.execution_cases import CASES as EXECUTION
from tests.hostile.file_cases import CASES as FILES
from tests.hostile.integrity_cases import CASES as INTEGRITY
from tests.hostile.resource_cases import CASES as RESOURCES
from tests.hostile.structure_cases import CASES as STRUCTURE
from tests.hostile.value_cases import CASES as VALUES

__all__ = ["CASES", "REQUIRED"]

CASES = tuple(
    sorted(
        (*STRUCTURE, *FILES, *EXECUTION, *RESOURCES, *INTEGRITY, *VALUES), key=lambda case: case.id
    )
)
REQUIRED = {
    f"{kind}{n:02}" for kind, last in zip("ABCD", (26, 26, 31, 30)) for n in range(1, last + 1)
}
