"""Similar answers: renaming hides nothing, and the obvious answer accuses nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylab.grading.one.compare import fingerprints
from tinylab.grading.records.entries import AnswerText
from tinylab.grading.reports.similarity import identical_pairs, same_file_pairs, similar_pairs

LONG = """
def smooth(scores, window):
    rows = []
    for t in range(len(scores)):
        first = max(0, t - window + 1)
        total = 0.0
        for s in range(first, t + 1):
            total = total + scores[s]
        rows.append(total / (t + 1 - first))
    return np.array(rows)
"""
RENAMED = (
    LONG.replace("total", "summe").replace("rows", "zeilen").replace("scores", "x")
    + "# my own work\n"
)
OTHER = """
def smooth(scores, window):
    padded = np.concatenate([np.zeros((window, scores.shape[1])), np.cumsum(scores, axis=0)])
    lengths = np.minimum(np.arange(1, len(scores) + 1), window)[:, None]
    return (padded[window:] - padded[: len(scores)]) / lengths
"""


def prints(answer: str, stub: str = "") -> list[int]:
    return list(fingerprints(answer, stub))


def test_renaming_and_comments_hide_nothing():
    assert prints(LONG) == prints(RENAMED)
    assert len(set(prints(LONG)) & set(prints(OTHER))) < len(prints(LONG)) / 3


def test_what_was_released_leaves_no_fingerprint():
    assert prints(LONG, LONG) == []
    assert 0 < len(prints(LONG + OTHER, LONG)) < len(prints(LONG + OTHER))


def test_pairs_are_found_and_strangers_are_not():
    pairs = similar_pairs("a", {"x": prints(LONG), "y": prints(RENAMED), "z": prints(OTHER)}, 0.8)
    assert [(pair.student, pair.other, pair.share) for pair in pairs] == [("x", "y", 1.0)]


def test_what_much_of_the_class_writes_is_nobodys():
    everyone = {f"s{n}": prints(LONG) for n in range(12)}
    assert similar_pairs("a", everyone, 0.5) == []
    assert len(similar_pairs("a", dict(list(everyone.items())[:3]), 0.5)) == 3


def test_a_small_class_is_said_to_be_one():
    two = {"x": prints(LONG), "y": prints(RENAMED)}
    strangers = {f"s{n}": [n] for n in range(18)}
    (few,), (many,) = (similar_pairs("a", one, 0.8) for one in (two, {**two, **strangers}))
    assert "weak: of 2 students" in few.note and many.note == ""


def test_a_copied_part_counts_by_the_smaller_one():
    (pair,) = similar_pairs("a", {"x": prints(LONG), "y": prints(LONG + OTHER)}, 0.7)
    assert pair.share > 0.9


@pytest.mark.parametrize("copies", [2, 6, 13, 60])
def test_equal_odd_answers_are_named_in_groups_of_any_size(copies):
    texts = [AnswerText("smooth", fingerprints(LONG)), AnswerText("smooth", fingerprints(RENAMED))]
    usual = AnswerText("smooth", fingerprints(OTHER))
    answers = {f"copy{n}": [texts[n % 2]] for n in range(copies)}
    answers |= {f"own{n}": [usual] for n in range(9)}
    pairs = identical_pairs("a", answers, {"smooth": fingerprints(OTHER)})
    assert len(pairs) == copies * (copies - 1) // 2
    assert all("copy" in pair.student and "copy" in pair.other for pair in pairs)
    assert all("not the obvious way" in pair.note for pair in pairs)


def test_a_file_that_two_handed_in_is_named_whatever_it_holds():
    pairs = same_file_pairs("a", {"x": ["1", "2"], "y": ["3"], "z": ["2"]}, 3)
    assert [(pair.student, pair.other, pair.note) for pair in pairs] == [
        ("x", "z", "the same file, byte for byte")
    ]


@given(st.text(max_size=200))
def test_any_text_has_fingerprints(text):
    found = prints(text)
    assert found == sorted(set(found)) == prints(text)
    assert all(0 <= one < 2**32 for one in found)
