"""The program that is handed in, in notebooks/source/04_codesign/4_heartbeat.py.

The judge reads the text of a `.tflite`, and runs it on hidden patients by the workbook's own reader
and evaluator; nothing of a learner's is executed for that. What measures is imported where it is
used: every grader's start loads this module, and filters take most of a second.
"""

from typing import TYPE_CHECKING

from tinylab.course.answers.exercise import Exercise, Mistake, Point
from tinylab.course.challenge.text import from_text
from tinylab.course.exercises.judging import expect
from tinylab.models import checkpoints

if TYPE_CHECKING:
    from tinylab.course.challenge.measure import ChallengeResult

__all__ = ["EXERCISES"]

BETTER_BY = 0.10  # of macro F1, than a rule of two thresholds


def _measured(answer) -> "ChallengeResult":
    from tinylab.course.challenge.measure import measure_program

    text = answer()
    expect(isinstance(text, str), "return the text of your program: print(as_text(program)).")
    try:
        program = from_text(text)
        expect(program != _reference(), "that is the bundled program: hand in one of your own.")
        return measure_program(program)
    except ValueError as error:
        raise Mistake(f"{error}.") from error


def _reference() -> bytes:
    return checkpoints.load("heartbeat", "compress", origin="reference").model


def keeps_the_budget(answer, rng):
    """Flash, arena and energy of the challenge's board."""
    broken = [one for one in _measured(answer).score.broken if "recall" not in one]
    expect(not broken, f"over the budget: {'; '.join(broken)}.")


def passes_the_gates(answer, rng):
    """Recall of atrial and of ventricular beats on hidden patients."""
    broken = [one for one in _measured(answer).score.broken if "recall" in one]
    expect(not broken, f"{'; '.join(broken)}: move the thresholds or weigh these beats more.")


def beats_two_thresholds(answer, rng):
    """Worth more than a rule without a network."""
    from tinylab.course.challenge.baseline import baseline_macro_f1

    result, least = _measured(answer), baseline_macro_f1() + BETTER_BY
    expect(
        result.macro_f1 >= least,
        f"the macro F1 on hidden patients is {result.macro_f1:.3f}; two thresholds without any"
        f" network reach {least - BETTER_BY:.3f}, and {least:.3f} is asked for.",
    )


EXERCISES = (
    Exercise(
        id="heart_monitor",
        title="The program itself",
        points=(
            Point("keeps the budget", keeps_the_budget),
            Point("passes the gates", passes_the_gates),
            Point("beats two thresholds", beats_two_thresholds),
        ),
    ),
)
