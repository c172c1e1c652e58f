"""The same wrong answer loses the same points whatever the seed, and a right one never any."""

import pytest

from tests.course.wrong_answers import wrong_answers
from tinylab.course.checking import score
from tinylab.course.exercises import all_exercises

SEEDS = [0, *(seed * 104_729 + 2**70 for seed in range(1, 7))]


@pytest.mark.parametrize("exercise_id", sorted(wrong_answers()))
def test_a_wrong_answer_always_loses_the_same_points(exercise_id):
    exercise = all_exercises()[exercise_id]
    for answer in wrong_answers()[exercise_id]:
        earned = {score(exercise, answer, seed=seed).points for seed in SEEDS}
        assert len(earned) == 1 and max(earned) < len(exercise.points), answer.__name__
