"""Of repeated trainings those at the best rate count, and the first seed alone chooses it."""

from types import SimpleNamespace

import pytest

from tinylab.models.repeats import at_best_rate, ways_of

ROWS = [
    SimpleNamespace(way=way, learning_rate=rate, seed=seed, validation=validation)
    for way, rate, seed, validation in (
        ("joint", 1e-3, 3, 0.7),
        ("joint", 1e-2, 3, 0.8),
        ("alone", 1e-3, 0, 0.9),
        ("joint", 1e-2, 5, 0.6),
        ("joint", 1e-3, 5, 0.99),  # a later seed chooses nothing
        ("joint", 1e-2, 4, 0.5),
    )
]


def test_rows_of_the_best_rate_of_the_first_seed_by_seed():
    rows = at_best_rate(ROWS, "joint", "validation")
    assert [(row.learning_rate, row.seed) for row in rows] == [(1e-2, 3), (1e-2, 4), (1e-2, 5)]
    assert at_best_rate(ROWS, "alone", "validation") == (ROWS[2],)
    assert ways_of(ROWS) == ("joint", "alone")


def test_a_way_that_was_not_measured_is_refused():
    with pytest.raises(ValueError, match="measured are joint, alone, not 'frozen'"):
        at_best_rate(ROWS, "frozen", "validation")
