"""The study of security in little, and the bundled results against the bundled model."""

import json

import numpy as np
import pytest

from tinylab.cache import fingerprint
from tinylab.models import checkpoints
from tinylab.recipes.security.recipe import measure_security
from tinylab.recipes.security.workbench import PROFILES, SecurityProfile
from tinylab.security import results
from tinylab.security.protection import PROTECTIONS

TINY = SecurityProfile(24, 6, 1, 1, 2, (12, 24), 1, (16, 1024), (1, 2))


def test_bundled_results_are_of_the_bundled_model():
    found = results.bundled_results()
    model = checkpoints.load("keyword_spotting", "train", origin="reference").model
    weights = [np.asarray(one) for one in model.get_weights()]
    assert found.model == fingerprint(weights, "") and found.clips == PROFILES["full"].clips


def test_bundled_results_are_complete():
    found, full = results.bundled_results(), PROFILES["full"]
    models = {row.model for row in found.attacks}
    for model in models:
        for source in models:
            where = {"model": model, "made_on": source, "attack": "pgd", "lsb": 1.0, "int8": True}
            assert len(found.attack(**where)) == full.seeds
    for name in PROTECTIONS:
        assert len(found.protection(protection=name, chosen=False, flips=1024)) == full.fault_seeds
        assert len(found.protection(protection=name, chosen=True, flips=4)) == full.seeds
    assert len(found.theft(queries=240, answers="labels")) == full.theft_seeds
    assert len(found.member(model="bundled")) == full.theft_seeds


@pytest.mark.training
def test_an_interrupted_study_goes_on(tmp_path):
    found = measure_security(TINY, directory=tmp_path, progress=False)
    assert results.read_file(tmp_path / results.FILE) == found
    assert {row.model for row in found.members} >= {"overfitted", "bundled"}
    kept = tmp_path / "part_thefts_0.json"
    rows = json.loads(kept.read_text())
    rows[0]["agreement"] = 0.125
    kept.write_text(json.dumps(rows))
    again = measure_security(TINY, directory=tmp_path, progress=False)
    assert again.thefts[0].agreement == 0.125 and again.attacks == found.attacks
