"""The recipe of the search in small: what it trains, measures and writes."""

import dataclasses
import json

import pytest

from tinylab.cache import read_results
from tinylab.models.training import TrainingProfile
from tinylab.recipes.search import recipe as recipe_module
from tinylab.recipes.search.recipe import SearchRecipe, measure_space
from tinylab.search.joint.results import read_joint
from tinylab.search.joint.settings import COMPRESSIONS, Compression
from tinylab.search.results import SearchResults
from tinylab.search.space import Architecture, Space
from tinylab.search.super_network.training import SuperTraining

pytestmark = pytest.mark.training

WIDEST = Architecture(4, (64,) * 5)
SMALL = SearchRecipe(
    space=Space((4,), (64,)),
    training_clips=8,
    calibration_clips=4,
    validation_clips=5,
    super_training=SuperTraining(epochs=2, batch_size=24),
    alone_clips=4,
    alone_pool=8,
    alone_profile=TrainingProfile(epochs=1, batch_size=24, learning_rate=3e-3),
    alone=(Architecture(4, (64, 64)), WIDEST),
    fresh_clips=2,
    programs=((WIDEST, Compression(8, 1.0)),),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("search")
    measure_space(folder, SMALL)
    return folder


def written(folder) -> SearchResults:
    return read_results(json.loads((folder / "keywords.json").read_text()), SearchResults)


def test_every_network_has_an_accuracy_of_all_clips(folder):
    results = written(folder)
    assert len(results.accuracy) == len(SMALL.space.architectures) == 4
    assert results.examples == 12 * SMALL.validation_clips
    for share in (*results.accuracy, *(row.alone for row in results.alone)):
        assert share * results.examples == pytest.approx(round(share * results.examples), abs=1e-3)
    by_name = dict(zip(SMALL.space.architectures, results.accuracy, strict=True))
    assert [row.shared for row in results.alone] == [by_name[one] for one in SMALL.alone]
    assert results.training["clips"] == 12 * SMALL.training_clips


def test_each_compression_is_counted_and_the_gentlest_agrees_with_the_table(folder):
    results, joint = written(folder), read_joint(folder / "keywords_joint.npz")
    assert joint.right.shape[0] == len(COMPRESSIONS)
    exits = joint.exits
    whole = [
        joint.accuracy[COMPRESSIONS.index(Compression(8, 1.0))][
            int(((exits.network == number) & (exits.after == 0)).argmax())
        ]
        for number in range(4)
    ]
    assert whole == pytest.approx(results.accuracy, abs=2.1 / results.examples)
    assert joint.subject.fresh_examples == 12 * SMALL.fresh_clips
    (program,) = joint.subject.programs
    assert (program.stride, tuple(program.widths)) == (WIDEST.stride, WIDEST.widths)
    assert program.program == pytest.approx(program.table, abs=3.1 / results.examples)


def test_a_run_that_was_stopped_goes_on(folder, monkeypatch):
    before = dataclasses.replace(written(folder), training={})
    joint = (folder / "keywords_joint.npz").read_bytes()
    (folder / "alone-1.pkl").unlink()
    (folder / "alone.pkl").unlink()

    def trained_again(*args, **kwargs):
        raise AssertionError("what was kept is made again")

    monkeypatch.setattr(recipe_module, "train_super_network", trained_again)
    measure_space(folder, SMALL)
    assert dataclasses.replace(written(folder), training={}) == before
    assert (folder / "keywords_joint.npz").read_bytes() == joint
