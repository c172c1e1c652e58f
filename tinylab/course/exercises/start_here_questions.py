"""Concept questions of notebooks/source/00_start_here.py."""

from tinylab.course.exercises.questioning import Question, concept_questions

__all__ = ["EXERCISES"]

EXERCISES = (
    concept_questions(
        "questions_start",
        Question(
            "what bytes depend on",
            "b",
            {
                "a": "activations are outputs, not weights; they keep their width.",
                "c": "as many products are added up as before; only the numbers are narrower.",
            },
        ),
        Question(
            "where energy comes from",
            "c",
            {
                "a": "power says how fast energy goes; for how long it goes matters as well.",
                "b": "the work is the same, but boards do not pay the same for it.",
            },
        ),
        Question(
            "what a score is",
            "a",
            {
                "b": "you measured what noise does to it.",
                "c": "one clip says next to nothing about others; 0 dB of noise showed it.",
            },
        ),
    ),
)
