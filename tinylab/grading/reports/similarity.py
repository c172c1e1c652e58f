"""Answers that resemble each other: winnowing (Schleimer, Wilkerson and Aiken 2003) on tokens.

In: answers as text. Out: fingerprints that fit into a record, and pairs of students who share more
of them than chance explains. Names, numbers and strings are normalized, so renaming hides nothing;
what was released, and what much of the class writes alike, counts for nothing. In a small class
there are too few to tell what anybody would write, so every pair of it says that it is weak.
"""

import io
import itertools
import keyword
import tokenize
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["SimilarPair", "fingerprints", "similar_pairs"]

GRAM = 6  # tokens: shorter matches are noise
WINDOW = 4  # grams: any match of GRAM + WINDOW - 1 tokens is found
COMMON_SHARE = 0.25  # of the students: what more of them write is the obvious way
COMMON_LEAST, COMMON_MOST = 5, 50  # students, whatever the share comes to
SMALL_CLASS = COMMON_LEAST / COMMON_SHARE  # students, below which the least decides, not the share
LEAST = 5  # fingerprints in common, below which a pair is not worth a teacher's time
SKIPPED = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING, tokenize.ENDMARKER}
)
BY_KIND = frozenset({tokenize.NUMBER, tokenize.STRING, tokenize.INDENT, tokenize.DEDENT})


@dataclass(frozen=True)
class SimilarPair:
    """Two students who share a share (0 to 1) of the rarer fingerprints of an assignment.

    `students` is how many were compared.
    """

    assignment: str
    student: str
    other: str
    share: float
    common: int
    students: int

    @property
    def note(self) -> str:
        """What a teacher should know before she thinks ill of the two."""
        if self.students >= SMALL_CLASS:
            return ""
        return (
            f"weak: of {self.students} students, some write the obvious answer alike by themselves"
        )


def fingerprints(answers: Mapping[str, str], released: Mapping[str, str]) -> list[int]:
    """Sorted 32-bit fingerprints of a student's answers.

    Parameters
    ----------
    answers, released : mapping of str to str
        Answer and stub by exercise id; what stands in a stub leaves no fingerprint.
    """
    found = set()
    for exercise, answer in answers.items():
        known = set(_grams(_tokens(released.get(exercise, ""))))
        found |= set(_winnow(_grams(_tokens(answer)))) - known
    return sorted(found)


def similar_pairs(
    assignment: str, prints: Mapping[str, Iterable[int]], threshold: float
) -> list[SimilarPair]:
    """Pairs of students that share at least `threshold` of the smaller one's fingerprints.

    Parameters
    ----------
    assignment : str
    prints : mapping of str to iterable of int
        By student.
    threshold : float
        Above 0, at most 1.
    """
    holders = defaultdict(list)
    for student, own in prints.items():
        for one in set(own):
            holders[one].append(student)
    most = max(COMMON_LEAST, min(COMMON_MOST, COMMON_SHARE * len(prints)))
    rare = {one: sorted(who) for one, who in holders.items() if len(who) <= most}
    sizes = Counter(student for who in rare.values() for student in who)
    common = Counter(pair for who in rare.values() for pair in itertools.combinations(who, 2))
    pairs = [
        SimilarPair(
            assignment, one, other, count / min(sizes[one], sizes[other]), count, len(prints)
        )
        for (one, other), count in common.items()
        if count >= LEAST and count >= threshold * min(sizes[one], sizes[other])
    ]
    return sorted(pairs, key=lambda pair: (-pair.share, -pair.common, pair.student, pair.other))


def _tokens(source: str) -> list[str]:
    """The code's tokens, names and constants by their kind; up to the first that is no Python."""
    tokens = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in SKIPPED:
                continue
            if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
                tokens.append("name")
            elif token.type in BY_KIND:
                tokens.append(tokenize.tok_name[token.type])
            else:
                tokens.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        pass  # the tokens before the error are compared
    return tokens


def _grams(tokens: list[str]) -> list[int]:
    """A hash of every run of GRAM tokens; crc32 is the same on every machine."""
    runs = zip(*(tokens[i:] for i in range(GRAM)))
    return [zlib.crc32("\0".join(run).encode("utf-8", "surrogatepass")) for run in runs]


def _winnow(grams: list[int]) -> list[int]:
    """The least hash of every window, the rightmost of equals: enough to find long matches."""
    if not grams:
        return []
    last = max(1, len(grams) - WINDOW + 1)
    return [min(grams[start : start + WINDOW]) for start in range(last)]
