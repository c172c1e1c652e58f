"""Every case, in the order of their ids."""

from execution_cases import CASES as EXECUTION
from file_cases import CASES as FILES
from integrity_cases import CASES as INTEGRITY
from resource_cases import CASES as RESOURCES
from structure_cases import CASES as STRUCTURE
from value_cases import CASES as VALUES

__all__ = ["CASES", "REQUIRED"]

CASES = tuple(
    sorted(
        (*STRUCTURE, *FILES, *EXECUTION, *RESOURCES, *INTEGRITY, *VALUES), key=lambda case: case.id
    )
)
REQUIRED = {
    f"{kind}{n:02}" for kind, last in zip("ABCD", (26, 26, 31, 30)) for n in range(1, last + 1)
}
