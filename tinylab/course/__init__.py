"""What makes the workbook a course: exercises, checks, the ledger and the notebook build.

In: source notebooks and a learner's answers. Out: student and solution notebooks, a line for every
check, and one ledger and one decision an application.
"""

from tinylab.course.checking import check
from tinylab.course.decision import Decision
from tinylab.course.ledger import Ledger

__all__ = ["Decision", "Ledger", "check"]
