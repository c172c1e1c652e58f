"""A result as Gradescope reads it: `results.json`, a test an exercise.

In: a `Result` and the weights of the course. Out: plain data, as Gradescope's "Autograder
Specifications" ask for: `tests` with `score`, `max_score`, `name`, `output` and `visibility`. What
was not graded gets a sentence and no score, so that Gradescope says that it failed, not 0.
"""

from tinylab.grading.rules.config import CourseConfig
from tinylab.grading.rules.result import QuestionResult, Result

__all__ = ["failure", "gradescope_results"]

REVIEW = "Your teacher will look at this one."
LONGEST = 20_000  # characters of one output


def gradescope_results(result: Result, config: CourseConfig) -> dict:
    """What `results.json` holds.

    Parameters
    ----------
    result : Result
    config : CourseConfig
        Whose weights the points have; late rules are Gradescope's own there.
    """
    if not result.questions or result.status == "ungraded":
        return failure(result.message or "it could not be graded.")
    notes = [result.message] if result.message else []
    notes += [REVIEW] if result.status == "needs_review" else []
    return {
        "output": _text(notes),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(question, config) for question in result.questions],
    }


def failure(sentence: str) -> dict:
    """What `results.json` holds where there is no score: Gradescope then shows the sentence."""
    return {"output": sentence[:LONGEST], "output_format": "text", "stdout_visibility": "hidden"}


def _test(question: QuestionResult, config: CourseConfig) -> dict:
    """One exercise: its points by weight, and why each of the others was lost."""
    weights = [config.weight(question.exercise_id, point.name) for point in question.points]
    earned = sum(weight for weight, point in zip(weights, question.points) if point.earned)
    lines = [
        f"{point.name}: {point.message or 'not earned.'}"
        for point in question.points
        if not point.earned
    ]
    if question.review:
        lines.append(REVIEW)
    return {
        "name": question.exercise_id,
        "score": round(earned, 4),
        "max_score": round(sum(weights), 4),
        "output": _text(lines),
        "visibility": "visible",
    }


def _text(lines: list[str]) -> str:
    """Lines that no control character of a student's can spoil."""
    clean = ["".join(c if c.isprintable() else " " for c in line) for line in lines]
    return "\n".join(clean)[:LONGEST]
