"""The bundled results: of the bundled model, and nothing is missing."""

import numpy as np
import pytest

from tinylab.cache import fingerprint
from tinylab.models import checkpoints
from tinylab.recipes.security.workbench import PROFILES
from tinylab.security.protection import PROTECTIONS
from tinylab.security.results import bundled_results

FULL = PROFILES["full"]


def test_they_are_of_the_bundled_model():
    found = bundled_results()
    model = checkpoints.load("keyword_spotting", "train", origin="reference").model
    weights = [np.asarray(one) for one in model.get_weights()]
    assert found.model == fingerprint(weights, "") and found.clips == FULL.clips


def test_every_model_was_attacked_from_every_model_on_the_same_clips():
    found = bundled_results()
    models = {row.model for row in found.attacks}
    assert len(models) == 5
    for model in models:
        for source in models:
            where = {"model": model, "made_on": source, "attack": "pgd", "lsb": 1.0, "int8": True}
            assert len(found.attack(**where)) == FULL.seeds
    for seed in range(FULL.seeds):
        rows = found.attack(attack="pgd", seed=seed)
        assert len({row.attackable for row in rows}) == 1 and rows[0].attackable > 100


@pytest.mark.parametrize("name", PROTECTIONS)
def test_every_protection_met_chance_and_choice(name):
    found = bundled_results()
    for flips in FULL.flips:
        rows = found.protection(protection=name, chosen=False, flips=flips)
        assert len(rows) == FULL.fault_seeds
    for flips in FULL.budgets:
        assert len(found.protection(protection=name, chosen=True, flips=flips)) == FULL.seeds


def test_theft_and_membership_have_five_seeds():
    found = bundled_results()
    for queries in FULL.queries:
        for answers in ("scores", "labels"):
            assert len(found.theft(queries=queries, answers=answers)) == FULL.theft_seeds >= 5
    for model in ("overfitted", "overfitted, int8", "overfitted, 16 shared values"):
        assert len(found.member(model=model)) == FULL.theft_seeds
