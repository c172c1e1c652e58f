"""What `run_autograder` runs: the hand-in in `submission/`, graded, into `results/results.json`.

    python -m tinylab.grading.gradescope.run /autograder

There is always a `results.json`, whatever goes wrong, and nothing in it but points and sentences.
"""

import json
import sys
from pathlib import Path

from tinylab.files import replacing
from tinylab.grading.gradescope.results import failure, gradescope_results
from tinylab.grading.intake.handin import Refused
from tinylab.grading.intake.handins import take_in
from tinylab.grading.intake.zips import read_handin
from tinylab.grading.one.task import GradingTask, grade_handin
from tinylab.grading.records.record_book import read_key
from tinylab.grading.rules.assignment import choose, load_assignments
from tinylab.grading.rules.config import CourseConfig, read_config
from tinylab.grading.rules.hidden_points import add_points
from tinylab.grading.rules.result import Result
from tinylab.grading.sandbox.level import IsolationError

__all__ = ["main"]

SETTINGS = "tinylab-autograder.json"
KEY, RULES = "grading.key", "course.toml"
ANYBODY = "submission"  # Gradescope knows who it is; inputs follow from the key and the answer
NO_ISOLATION = (
    "this autograder's machine cannot isolate your code: {error} (Teacher: set [isolation] minimum "
    'to "none" in course.toml if Gradescope\'s own container is enough for you.)'
)


def main(root: Path) -> None:
    """Grade what is in `root` and write the results there."""
    try:
        results = _results(root)
    except IsolationError as error:
        results = failure(NO_ISOLATION.format(error=error))
    except (Refused, ValueError, OSError) as error:
        results = failure(str(error) or type(error).__name__)
    path = root / "results" / "results.json"
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        temporary.chmod(0o644)


def _results(root: Path) -> dict:
    source = root / "source"
    settings = json.loads((source / SETTINGS).read_text(encoding="utf-8"))
    config = read_config(source / RULES)
    add_points(config.hidden_points)
    result = _graded(root / "submission", settings["assignments"], source / KEY, config)
    return gradescope_results(result, config)


def _graded(submission: Path, names: list[str], key: Path, config: CourseConfig) -> Result:
    """The result of the one notebook that was handed in."""
    assignments = load_assignments()
    taken_in = take_in(submission, config.intake).handins
    handins = [handin for handin in taken_in if not handin.status] or taken_in[:1]
    if len(handins) != 1:
        what = "several notebooks" if handins else "no notebook"
        raise ValueError(f"there is {what} in this submission: hand in one .ipynb file.")
    (handin,) = handins
    task = GradingTask(
        student=ANYBODY,
        path=handin.path,
        received_at=None,
        attempt=1,
        graded=tuple(sorted(choose(assignments, names))),
        seeds=read_key(key).derive("seeds", ANYBODY).hex(),
        limits=config.limits,
        intake=config.intake,
    )
    return grade_handin(task, read_handin(handin, config.intake), assignments).result


if __name__ == "__main__":
    main(Path(sys.argv[1]))
