"""Students whose answers resemble each other: by their rarer fingerprints, and word for word.

In: fingerprints and digests of answers, by student. Out: pairs. What was released, and what much
of the class writes alike, counts for nothing; an answer that is equal word for word counts in a
group of any size where it has something that the reference solution has not. In a small class
there are too few to know what anybody would write, so every pair of it says that it is weak.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tinylab.grading.records.entries import AnswerText

__all__ = ["SimilarPair", "identical_pairs", "similar_pairs"]

COMMON_SHARE = 0.25  # of the students: what more of them write is the obvious way
COMMON_LEAST, COMMON_MOST = 5, 50  # students, whatever the share comes to
SMALL_CLASS = COMMON_LEAST / COMMON_SHARE  # students, below which the least decides, not the share
LEAST = 5  # fingerprints in common, below which a pair is not worth a teacher's time


@dataclass(frozen=True)
class SimilarPair:
    """Two students who share a share (0 to 1) of the rarer fingerprints of an assignment.

    `students` is how many were compared; `identical` names exercises they answer word for word
    alike.
    """

    assignment: str
    student: str
    other: str
    share: float
    common: int
    students: int
    identical: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """What a teacher should know before she thinks ill of the two."""
        if self.identical:
            return f"word for word the same, and not the obvious way: {', '.join(self.identical)}"
        if self.students >= SMALL_CLASS:
            return ""
        return (
            f"weak: of {self.students} students, some write the obvious answer alike by themselves"
        )


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


def identical_pairs(
    assignment: str,
    answers: Mapping[str, Iterable[AnswerText]],
    usual: Mapping[str, Iterable[int]],
) -> list[SimilarPair]:
    """Pairs of students with an answer that is equal word for word and unlike the reference.

    Parameters
    ----------
    assignment : str
    answers : mapping of str to iterable of AnswerText
        By student.
    usual : mapping of str to iterable of int
        Fingerprints of the reference solution, by exercise.
    """
    groups = defaultdict(lambda: defaultdict(set))
    odd_prints: dict[tuple[str, str], int] = {}
    for student, own in answers.items():
        for one in own:
            odd = len(set(one.prints) - set(usual.get(one.exercise_id, ())))
            if odd >= LEAST:
                groups[one.exercise_id][one.digest].add(student)
                odd_prints[one.exercise_id, one.digest] = odd
    shared, common = defaultdict(list), Counter()
    for exercise, by_digest in groups.items():
        for digest, students in by_digest.items():
            for pair in itertools.combinations(sorted(students), 2):
                shared[pair].append(exercise)
                common[pair] += odd_prints[exercise, digest]
    return [
        SimilarPair(assignment, *pair, 1.0, common[pair], len(answers), tuple(sorted(exercises)))
        for pair, exercises in sorted(shared.items())
    ]
