"""Wrong answers to `heart_monitor`: files that are no program of the challenge."""

from functools import cache

from tests.course.wrong_answers import wrong_answer
from tinylab.course.challenge.text import as_text
from tinylab.models import checkpoints


@wrong_answer("heart_monitor", says="print(as_text(program))")
def names_the_file():
    return "my_work/checkpoints/heartbeat_compress.tflite"


@wrong_answer("heart_monitor", says="return the text of your program")
def returns_numbers():
    return list(_program("heartbeat")[:100])


@wrong_answer("heart_monitor", says="must take 104 numbers")
def hands_in_the_keyword_model():
    return as_text(_program("keyword_spotting"))


@wrong_answer("heart_monitor", says="not the text of a program")
def loses_the_last_line():
    return "\n".join(as_text(_program("heartbeat")).splitlines()[:-1])


@wrong_answer("heart_monitor", says="hand in one of your own")
def hands_in_the_reference():
    return as_text(_program("heartbeat"))


@cache
def _program(application: str) -> bytes:
    return checkpoints.load(application, "compress", origin="reference").model
