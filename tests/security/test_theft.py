"""A copy learns from answers alone; which answers it saw is told apart."""

import numpy as np
import pytest

from tinylab.security.theft import Copying, stolen_copy

SETTINGS = Copying(filters=4, blocks=1, steps=60, batch_size=20)


def victim(count: int):
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (count, 12, 6, 1)).astype(np.float32)
    x[: count // 2] += 1.5
    level = x.mean(axis=(1, 2, 3))
    share = 1 / (1 + np.exp(-4 * (level - 0.75)))
    return x, np.stack([share, 1 - share], axis=1)


@pytest.mark.training
@pytest.mark.parametrize("answers", ["scores", "labels"])
def test_a_copy_agrees_with_its_victim(answers):
    x, scores = victim(120)
    copy = stolen_copy(x, scores, answers, SETTINGS)
    said = copy.predict(x, verbose=0).argmax(axis=1)
    assert (said == scores.argmax(axis=1)).mean() > 0.85


@pytest.mark.parametrize(
    ("answers", "count", "says"), [("logits", 10, "scores, labels"), ("scores", 9, "9 for 10")]
)
def test_wrong_arguments_get_a_sentence(answers, count, says):
    x, scores = victim(10)
    with pytest.raises(ValueError, match=says):
        stolen_copy(x, scores[:count], answers, SETTINGS)
