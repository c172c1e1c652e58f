"""Points of every solution and every marked wrong answer over many seeds: run by hand.

    python -m benchmarks.answers_by_seed --seeds 200

A solution must earn all points whatever the seed, a wrong answer lose the same ones, and other
seeds must draw other inputs. Prints each exception and a summary; ends with 1 where there is one.
"""

import argparse
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator

from tests.course.test_exercises import SOURCES, answer_of
from tests.course.wrong_answers import wrong_answers
from tinylab.course.answers.exercise import Exercise
from tinylab.course.checking import score
from tinylab.course.exercises import all_exercises
from tinylab.course.notebooks.source import cut_markers

NO_INPUT = repr(((), {}))  # of questions with choices: nothing is drawn for them


def seeds(count: int) -> list[int]:
    """The check cell's own seed, small ones, and ones as large as grading derives."""
    large = [number * 104_729 + 2**70 for number in range(count - count // 2)]
    return [*range(count // 2), *large]


def points_by_seed(exercise: Exercise, answer: Callable, count: int) -> Counter:
    """How often an answer earned how many points, with the mistakes that it lost them for."""
    return Counter(score(exercise, answer, seed=seed).points for seed in seeds(count))


def solution(exercise_id: str) -> Callable:
    """The function that the source notebook gives as the solution."""
    return answer_of(exercise_id, cut_markers(SOURCES[exercise_id].exercise_cells()[exercise_id]))


def inputs(exercise: Exercise, seed: int) -> list[str]:
    """Every call that the points make of a right answer, as text."""
    seen, right = [], solution(exercise.id)

    def watched(*args, **kwargs):
        seen.append(repr((args, kwargs)))
        return right(*args, **kwargs)

    score(exercise, watched, seed=seed)
    return seen


def exceptions(exercise: Exercise, count: int) -> Iterator[str]:
    """A sentence for whatever is not as it must be."""
    earned = points_by_seed(exercise, solution(exercise.id), count)
    if set(earned) != {len(exercise.points)}:
        yield f"{exercise.id}: the solution earns {dict(earned)} of {len(exercise.points)}"
    for wrong in wrong_answers().get(exercise.id, ()):
        earned = points_by_seed(exercise, wrong, count)
        if len(earned) > 1 or max(earned) == len(exercise.points):
            points = len(exercise.points)
            yield f"{exercise.id}, {wrong.__name__}: earns {dict(earned)} of {points}"
    drawn = inputs(exercise, seed=1)
    if set(drawn) != {NO_INPUT} and drawn == inputs(exercise, seed=2):
        yield f"{exercise.id}: two seeds draw the same inputs"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="exercises; all without")
    parser.add_argument("--seeds", type=int, default=200)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    exercises, bad = all_exercises(), 0
    names = options.names or sorted(exercises)
    for name in names:
        for sentence in exceptions(exercises[name], options.seeds):
            print(sentence, flush=True)
            bad += 1
    wrong = sum(len(wrong_answers().get(name, ())) for name in names)
    print(
        f"{len(names)} solutions and {wrong} wrong answers over {options.seeds} seeds: "
        f"{bad} exceptions"
    )
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
