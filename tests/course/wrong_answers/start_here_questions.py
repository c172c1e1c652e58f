"""Wrong choices in the concept questions of notebooks/source/00_start_here.py."""

from tests.course.wrong_answers import wrong_choices

QUESTIONS_START = wrong_choices(
    "questions_start",
    {
        "aca": "are outputs",
        "cca": "many products are added up",
        "baa": "says how fast energy goes",
        "bba": "work is the same",
        "bcb": "measured what noise does to",
        "bcc": "clip says next to nothing",
    },
)
