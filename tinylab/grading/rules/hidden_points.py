"""A teacher's own points: judged like the others, known to her alone, kept with her rules.

In: the text of a Python file with `POINTS`, a dict of lists of `Point` by exercise id, written as
in `tinylab.course.exercises`. Out: this process's exercises with these points beside their own.
"""

import dataclasses

from tinylab.course.answers.exercise import Point
from tinylab.course.exercises import all_exercises

__all__ = ["add_points"]


def add_points(text: str, origin: str = "hidden points") -> None:
    """Add the points that a file's text defines to the exercises of this process.

    Raises
    ------
    ValueError
        Where the text does not run, or names an exercise or a point that cannot be.
    """
    if not text:
        return
    names: dict = {"__name__": "hidden_points"}
    try:
        exec(compile(text, origin, "exec"), names)
    except Exception as error:  # whatever a teacher's file raises becomes one sentence
        raise ValueError(f"{origin} does not run: {type(error).__name__}: {error}") from error
    exercises, more = all_exercises(), names.get("POINTS")
    if not isinstance(more, dict):
        raise ValueError(f"{origin} defines no dict POINTS, of lists of points by exercise id")
    for exercise_id, points in more.items():
        if exercise_id not in exercises:
            raise ValueError(f"{origin}: there is no exercise {exercise_id!r}")
        if not all(isinstance(point, Point) for point in points):
            raise ValueError(f"{origin}: the points of {exercise_id} must be Point(name, judge)")
        exercise = exercises[exercise_id]
        exercises[exercise_id] = dataclasses.replace(exercise, points=(*exercise.points, *points))
