"""For whom does it fail: what the sentence and the figure say of each slice."""

import pytest

from tests.explore.frozen_inputs.train import sliced_answers
from tinylab.explore.train.slices import slices_explorer
from tinylab.scoring.slices import accuracy_by


@pytest.fixture
def explorer():
    return slices_explorer(*sliced_answers())


def test_the_figure_shows_each_slice_with_its_interval(explorer):
    right, by, voices = sliced_answers()
    report = accuracy_by(by["noise"], right["yours"], voices, smallest=10)
    dots, mean = explorer.figure.data
    assert list(dots.y) == [f"{part.name} ({part.examples})" for part in report.slices]
    assert list(dots.x) == pytest.approx([100 * part.share.mean for part in report.slices])
    tops = [x + up for x, up in zip(dots.x, dots.error_x.array, strict=True)]
    assert tops == pytest.approx([100 * part.share.high for part in report.slices])
    assert mean.x[0] == pytest.approx(100 * report.overall.mean)


def test_a_real_gap_and_an_even_model_are_told_apart(explorer):
    assert "hardly ever" in explorer.text
    assert "no clear difference" in explorer.set(model="bundled").text


def test_slices_of_one_voice_say_so(explorer):
    text = explorer.set(by_what="voice").text
    assert "12 slices of 12 hold one voice" in text


def test_too_few_slices_are_a_sentence(explorer):
    assert "nothing can be compared" in explorer.set(by_what="rarity", smallest=10).text
    assert len(explorer.figure.data[0].x or ()) == 0
    explorer.reset()
    assert len(explorer.figure.data[0].x) == 2
