"""Fixtures of the explorers' tests."""

import pytest

from tests.explore.every_explorer import EXPLORERS
from tests.explore.frozen_inputs import (
    alarms,
    compression_study,
    continual_sweep,
    deep_compression_sweep,
    exits,
    federated_sweep,
    few_shot_table,
    governed_days,
    keyword_graph,
    machine_recordings,
    quantization_sweep,
    recording,
    scaling_sweep,
    scope_sweep,
    score_sweep,
    sensitivity,
    sparse_sweep,
    validation_table,
    wake_scores,
    word,
)


@pytest.fixture(params=sorted(EXPLORERS))
def explorer(request):
    """Each explorer of the workbook in turn."""
    return EXPLORERS[request.param]()


@pytest.fixture
def make():
    """Function that makes the explorer of a name."""
    return lambda name: EXPLORERS[name]()


@pytest.fixture
def inputs():
    """The frozen inputs that the explorers were made from."""
    return {
        "exits": exits(),
        "few_shot_table": few_shot_table(),
        "graph": keyword_graph(),
        "word": word(),
        "recording": recording(),
        "scope_sweep": scope_sweep(),
        "sparse_sweep": sparse_sweep(),
        "quantization_sweep": quantization_sweep(),
        "sensitivity": sensitivity(),
        "deep_compression_sweep": deep_compression_sweep(),
        "compression_study": compression_study(),
        "continual_sweep": continual_sweep(),
        "federated_sweep": federated_sweep(),
        "governed_days": governed_days(),
        "alarms": alarms(),
        "machine_recordings": machine_recordings(),
        "score_sweep": score_sweep(),
        "scaling_sweep": scaling_sweep(),
        "wake_scores": wake_scores(),
        "validation_table": validation_table(),
    }
