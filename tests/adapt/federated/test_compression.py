"""Compressed updates: bytes counted by packing them, errors bounded, nothing lost with feedback."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylab.adapt.federated.compression import (
    COMPRESSORS,
    CompressedFleet,
    few_bits,
    largest_only,
    sign_only,
)
from tinylab.adapt.federated.messages import Replies, Task, Update

UPDATE = np.random.default_rng(0).normal(size=1950).astype(np.float32)


@pytest.mark.parametrize("bits", [2, 4, 8, 12])
def test_few_bits_are_the_nearest_levels_and_fit_into_their_bytes(bits):
    sent, size = few_bits(UPDATE, bits)
    step = np.abs(UPDATE).max() / (2 ** (bits - 1) - 1)
    codes = np.round(sent / step).astype(int)
    assert np.abs(sent - UPDATE).max() <= step / 2 * 1.001
    assert len(np.unique(codes)) <= 2**bits - 1
    packed = np.packbits((codes[:, None] + 2 ** (bits - 1)) >> np.arange(bits) & 1)
    assert size == len(packed) + 4


def test_largest_and_signs():
    sent, size = largest_only(UPDATE, 0.1)
    kept = np.abs(UPDATE) >= np.sort(np.abs(UPDATE))[-195]
    np.testing.assert_array_equal(sent, np.where(kept, UPDATE, 0))
    assert size == 195 * 6
    signs, size = sign_only(UPDATE)
    np.testing.assert_allclose(signs, np.sign(UPDATE) * np.abs(UPDATE).mean(), rtol=1e-6)
    assert size == len(np.packbits(UPDATE > 0)) + 4


@pytest.mark.parametrize("name", [name for name, way in COMPRESSORS.items() if way])
def test_nothing_stays_nothing(name):
    sent, _ = COMPRESSORS[name](np.zeros(40, np.float32))
    np.testing.assert_array_equal(sent, 0)


class OneClient:
    """A client that sends a list of updates, one a round."""

    names = ("anna",)

    def __init__(self, updates):
        self.updates = iter(updates)

    def train(self, chosen, task):
        return Replies([Update("anna", next(self.updates), 1, 1, 160)])


@given(st.integers(0, 1000), st.sampled_from(sorted(set(COMPRESSORS) - {"32 bits"})))
def test_with_feedback_what_was_sent_and_what_is_kept_add_up(seed, name):
    rng = np.random.default_rng(seed)
    updates = rng.normal(size=(5, 40)).astype(np.float32)
    fleet = CompressedFleet(OneClient(updates), COMPRESSORS[name])
    task = Task(np.zeros(40, np.float32), 0, 1)
    sent = [fleet.train(np.array([0]), task).updates[0] for _ in updates]
    total = sum(update.change for update in sent) + fleet.kept_["anna"]
    np.testing.assert_allclose(total, updates.sum(axis=0), atol=1e-4)
    assert all(0 < update.sent_bytes < 160 for update in sent)


def test_settings_are_checked():
    for call in (
        lambda: few_bits(UPDATE, 1),
        lambda: largest_only(UPDATE, 0.0),
        lambda: largest_only(np.zeros(70_000), 0.1),
    ):
        with pytest.raises(ValueError):
            call()
