"""Fixtures of the explorers' tests."""

import pytest

from tests.explore.every_explorer import EXPLORERS
from tests.explore.frozen_inputs import (
    alarms,
    compression_study,
    continual_results,
    deep_compression_results,
    exits,
    federated_sweep,
    few_shot_results,
    governed_days,
    keyword_graph,
    machine_recordings,
    quantization_results,
    recording,
    scaling_results,
    scope_results,
    score_results,
    sensitivity,
    sparse_results,
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
        "few_shot_results": few_shot_results(),
        "graph": keyword_graph(),
        "word": word(),
        "recording": recording(),
        "scope_results": scope_results(),
        "sparse_results": sparse_results(),
        "quantization_results": quantization_results(),
        "sensitivity": sensitivity(),
        "deep_compression_results": deep_compression_results(),
        "compression_study": compression_study(),
        "continual_results": continual_results(),
        "federated_sweep": federated_sweep(),
        "governed_days": governed_days(),
        "alarms": alarms(),
        "machine_recordings": machine_recordings(),
        "score_results": score_results(),
        "scaling_results": scaling_results(),
        "wake_scores": wake_scores(),
        "validation_table": validation_table(),
    }
