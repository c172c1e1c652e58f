"""Answers as text that can be compared: winnowing (Schleimer, Wilkerson and Aiken 2003) on tokens.

In: answers, and the assignment with its stubs. Out: an `AnswerText` each: fingerprints with names,
numbers and strings normalized, so that renaming hides nothing; and the function of this package,
or the judge, that an answer repeats with its very names.
"""

import functools
import importlib.util
import io
import keyword
import tokenize
import zlib
from collections.abc import Mapping
from pathlib import Path

from tinylab.course import exercises
from tinylab.grading.one.code_text import function_source
from tinylab.grading.records.entries import AnswerText
from tinylab.grading.rules.result import Assignment

__all__ = ["GRAM", "WINDOW", "answer_texts", "fingerprints"]

GRAM = 6  # tokens: shorter matches are noise
WINDOW = 4  # grams: any match of GRAM + WINDOW - 1 tokens is seen
REPEATED_SHARE = 0.9  # of an answer's runs of tokens, names kept, that stand in the library's
REPEATED_LEAST = 60  # runs of tokens, below which anybody may have written the same
SKIPPED = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING, tokenize.ENDMARKER}
)
BY_KIND = frozenset({tokenize.NUMBER, tokenize.STRING, tokenize.INDENT, tokenize.DEDENT})


def answer_texts(answers: Mapping[str, str], assignment: Assignment) -> tuple[AnswerText, ...]:
    """Every answer as it is compared with others'."""
    cells = assignment.notebook["cells"]
    stubs = {c["metadata"]["exercise"]: c["source"] for c in cells if "exercise" in c["metadata"]}
    return tuple(
        AnswerText(
            exercise_id=name,
            prints=fingerprints(answer, stubs.get(name, "")),
            repeats=_repeated(name, answer, stubs.get(name, ""), assignment.forbidden),
        )
        for name, answer in answers.items()
    )


def fingerprints(answer: str, released: str = "") -> tuple[int, ...]:
    """Sorted 32-bit fingerprints of an answer; what stands in the stub leaves none."""
    known = set(_grams(_tokens(released)))
    return tuple(sorted(set(_winnow(_grams(_tokens(answer)))) - known))


def _repeated(name: str, answer: str, stub: str, forbidden: Mapping[str, tuple[str, ...]]) -> str:
    """The function of the package that an answer repeats word for word, or an empty string."""
    own = set(_grams(_tokens(answer, names=True))) - set(_grams(_tokens(stub, names=True)))
    if len(own) < REPEATED_LEAST:
        return ""
    for source_name, text in _package_sources(name, forbidden.get(name, ())):
        if len(own & set(_grams(_tokens(text, names=True)))) >= REPEATED_SHARE * len(own):
            return source_name
    return ""


@functools.cache
def _package_sources(exercise: str, forbidden: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(name, source) of the library's versions of an answer and of the module that judges it."""
    sources = []
    for dotted in forbidden:
        module, _, function = dotted.rpartition(".")
        text = _module_text(module)
        source = function_source(text, function) if text else None
        if source:
            sources.append((dotted, source))
    judge = exercises.find(exercise).points[0].judge.__module__
    return (*sources, (judge, _module_text(judge)))


def _module_text(module: str) -> str:
    """The source of a module of this package, without importing it."""
    spec = importlib.util.find_spec(module)
    origin = spec.origin if spec else None
    return Path(origin).read_text(encoding="utf-8") if origin and origin.endswith(".py") else ""


def _tokens(source: str, names: bool = False) -> list[str]:
    """The code's tokens up to the first that is no Python, names by their kind or as they are."""
    tokens = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in SKIPPED:
                continue
            if token.type == tokenize.NAME and not names and not keyword.iskeyword(token.string):
                tokens.append("name")
            elif token.type in BY_KIND:
                tokens.append(tokenize.tok_name[token.type])
            else:
                tokens.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        return tokens  # what stands before the error is compared
    return tokens


def _grams(tokens: list[str]) -> list[int]:
    """A hash of every run of GRAM tokens; crc32 is the same on every machine."""
    runs = zip(*(tokens[i:] for i in range(GRAM)))
    return [zlib.crc32("\0".join(run).encode("utf-8", "surrogatepass")) for run in runs]


def _winnow(grams: list[int]) -> list[int]:
    """The least hash of every window, the rightmost of equals: enough to see long matches."""
    if not grams:
        return []
    last = max(1, len(grams) - WINDOW + 1)
    return [min(grams[start : start + WINDOW]) for start in range(last)]
