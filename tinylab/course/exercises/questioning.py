"""Concept questions: a letter for each, and for every wrong choice the reason why it is wrong.

The questions themselves stand in the notebook, where they are read. Here is what a check needs: the
right letter of each, and an answer to every other one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import expect

__all__ = ["OPEN", "Question", "concept_questions"]

OPEN = "-"  # stands for a question that is not answered


@dataclass(frozen=True)
class Question:
    """What one question is about, its right letter, and what is said of the others.

    Attributes
    ----------
    topic : str
        The point's name: "what an interval counts".
    right : str
        A letter.
    wrong : dict of str to str
        By letter, a sentence that answers the misconception without giving the right choice away.
    """

    topic: str
    right: str
    wrong: Mapping[str, str]

    def __post_init__(self):
        letters = sorted((self.right, *self.wrong))
        if letters != [chr(ord("a") + k) for k in range(len(letters))]:
            raise ValueError(f"{self.topic}: the letters must run from a on, not {letters}")


def concept_questions(exercise_id: str, *questions: Question) -> Exercise:
    """An exercise of a point a question, answered by a string of letters.

    Parameters
    ----------
    exercise_id : str
    *questions : Question
        In the order in which the notebook asks them.
    """
    points = [
        Point(question.topic, _judge(number, question, len(questions)))
        for number, question in enumerate(questions)
    ]
    return Exercise(id=exercise_id, title="What have you learned?", points=tuple(points))


def _judge(number: int, question: Question, count: int) -> Callable:
    """The judge of one question; the random numbers are for exercises that draw inputs."""

    def judge(answer: Callable, rng: np.random.Generator) -> None:
        letters = answer()
        expect(
            isinstance(letters, str) and len(letters.strip()) == count,
            f"return a string of {count} letters, one a question, with {OPEN} for an open one.",
        )
        letter = letters.strip()[number].lower()
        expect(letter != OPEN, f"question {number + 1} is still open.")
        expect(
            letter == question.right or letter in question.wrong,
            f"question {number + 1} has no choice {letter}.",
        )
        expect(letter == question.right, f"not {letter}: {question.wrong.get(letter)}")

    return judge
