"""The study of security in little."""

import json

import numpy as np
import pytest

from tinylab.recipes.security import parts
from tinylab.recipes.security.recipe import measure_security
from tinylab.recipes.security.workbench import SHARED, SecurityProfile, Workbench
from tinylab.security import results

TINY = SecurityProfile(24, 24, 6, 6, 1, 1, 2, (12, 24), 1, (16, 1024), (1, 2), 10)


def kernels(target) -> list[np.ndarray]:
    return [np.asarray(one) for one in target.model.get_weights() if one.ndim > 1]


def test_an_unknown_profile_gets_a_sentence():
    with pytest.raises(ValueError, match="one of .*quick.* got 'long'"):
        measure_security("long")


@pytest.mark.training
def test_compressed_models_are_compressed_and_the_bundled_one_is_left_alone(tmp_path):
    bench = Workbench(TINY, 0, tmp_path, progress=False)
    before = kernels(bench.target("dense", bench.model))
    made = bench.compressed(seed=0)
    zeros = sum((one == 0).sum() for one in kernels(made["pruned 50 %"]))
    assert 0.4 < zeros / sum(one.size for one in before) < 0.55
    assert all(len(np.unique(one)) <= SHARED + 1 for one in kernels(made["16 shared values"]))
    assert made["distilled"].model.count_params() < made["dense"].model.count_params()
    for old, now in zip(before, kernels(made["dense"]), strict=True):
        np.testing.assert_array_equal(old, now)


@pytest.mark.training
def test_an_interrupted_study_goes_on(tmp_path, monkeypatch):
    """With the bundled model alone: after one epoch on six clips a word no other is ever right."""

    def dense(bench, seed):
        return {"dense": bench.target("dense", bench.model)}

    monkeypatch.setattr(Workbench, "compressed", dense)
    monkeypatch.setattr(parts, "TRAINED_LSB", (1.0,))
    monkeypatch.setattr(parts, "LSB", (1.0,))
    found = measure_security(TINY, directory=tmp_path, progress=False)
    assert results.read_file(tmp_path / results.FILE) == found
    assert {row.model for row in found.members} >= {"overfitted", "overfitted, int8"}
    (kept,) = tmp_path.glob("parts_*/thefts_0.json")
    rows = json.loads(kept.read_text())
    rows[0]["agreement"] = 0.125
    kept.write_text(json.dumps(rows))
    again = measure_security(TINY, directory=tmp_path, progress=False)
    assert again.thefts[0].agreement == 0.125 and again.attacks == found.attacks
