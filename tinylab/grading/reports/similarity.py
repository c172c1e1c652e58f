"""Students whose answers resemble each other: by rarer fingerprints, whole answers and files.

In: fingerprints of answers, digests of files, by student. Out: pairs. What was released, what the
reference solution has too, and what much of the class writes alike, counts for nothing; an answer
that is equal but for names counts in a group of any size where it has more than the reference
solution has, and a file that two handed in counts whatever is in it. In a small class there are
too few to know what anybody would write, so every pair of it says that it is weak.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tinylab.grading.records.entries import AnswerText

__all__ = ["SimilarPair", "identical_pairs", "same_file_pairs", "similar_pairs"]

COMMON_SHARE = 0.25  # of the students: what more of them write is the obvious way
COMMON_LEAST, COMMON_MOST = 5, 50  # students, whatever the share comes to
SMALL_CLASS = COMMON_LEAST / COMMON_SHARE  # students, below which the least decides, not the share
LEAST = 5  # fingerprints in common, below which a pair is not worth a teacher's time


@dataclass(frozen=True)
class SimilarPair:
    """Two students who share a share (0 to 1) of the rarer fingerprints of an assignment.

    `students` is how many were compared; `identical` names exercises they answer alike but for
    names and comments; `same_file` says that both handed in the very same file.
    """

    assignment: str
    student: str
    other: str
    share: float
    common: int
    students: int
    identical: tuple[str, ...] = ()
    same_file: bool = False

    @property
    def note(self) -> str:
        """What a teacher should know before she thinks ill of the two."""
        if self.same_file:
            return "the same file, byte for byte"
        if self.identical:
            names = ", ".join(self.identical)
            return f"the same but for names and comments, and not the obvious way: {names}"
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
        for fingerprint in set(own):
            holders[fingerprint].append(student)
    most = max(COMMON_LEAST, min(COMMON_MOST, COMMON_SHARE * len(prints)))
    rare = {fingerprint: sorted(who) for fingerprint, who in holders.items() if len(who) <= most}
    sizes = Counter(student for who in rare.values() for student in who)
    common = Counter(pair for who in rare.values() for pair in itertools.combinations(who, 2))
    pairs = [
        SimilarPair(
            assignment,
            student,
            neighbour,
            count / min(sizes[student], sizes[neighbour]),
            count,
            len(prints),
        )
        for (student, neighbour), count in common.items()
        if count >= LEAST and count >= threshold * min(sizes[student], sizes[neighbour])
    ]
    return sorted(pairs, key=lambda pair: (-pair.share, -pair.common, pair.student, pair.other))


def identical_pairs(
    assignment: str,
    answers: Mapping[str, Iterable[AnswerText]],
    usual: Mapping[str, Iterable[int]],
) -> list[SimilarPair]:
    """Pairs of students with an answer that is equal but for names, and unlike the reference.

    Parameters
    ----------
    assignment : str
    answers : mapping of str to iterable of AnswerText
        By student.
    usual : mapping of str to iterable of int
        Fingerprints of the reference solution, by exercise.
    """
    groups = defaultdict(set)
    for student, texts in answers.items():
        for text in texts:
            groups[text.exercise_id, text.prints].add(student)
    shared, common = defaultdict(list), Counter()
    for (exercise, prints), students in groups.items():
        odd = len(set(prints) - set(usual.get(exercise, ())))
        if odd >= LEAST:
            for pair in itertools.combinations(sorted(students), 2):
                shared[pair].append(exercise)
                common[pair] += odd
    return [
        SimilarPair(assignment, *pair, 1.0, common[pair], len(answers), tuple(sorted(exercises)))
        for pair, exercises in sorted(shared.items())
    ]


def same_file_pairs(
    assignment: str, files: Mapping[str, Iterable[str]], students: int
) -> list[SimilarPair]:
    """Pairs of students who handed in one file.

    Parameters
    ----------
    assignment : str
    files : mapping of str to iterable of str
        Digests of the files with answers in them, by student.
    students : int
        How many were compared.
    """
    holders = defaultdict(set)
    for student, own in files.items():
        for digest in own:
            holders[digest].add(student)
    pairs = {pair for who in holders.values() for pair in itertools.combinations(sorted(who), 2)}
    return [
        SimilarPair(assignment, *pair, share=1.0, common=0, students=students, same_file=True)
        for pair in sorted(pairs)
    ]
