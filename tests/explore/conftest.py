"""Fixtures of the explorers' tests."""

import pytest

from tests.explore import frozen_inputs as frozen
from tests.explore.every_explorer import EXPLORERS


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
        "exits": frozen.exits(),
        "few_shot_results": frozen.few_shot_results(),
        "graph": frozen.keyword_graph(),
        "word": frozen.word(),
        "recording": frozen.recording(),
        "scope_results": frozen.scope_results(),
        "sparse_results": frozen.sparse_results(),
        "quantization_results": frozen.quantization_results(),
        "sensitivity": frozen.sensitivity(),
        "deep_compression_results": frozen.deep_compression_results(),
        "compression_study": frozen.compression_study(),
        "continual_results": frozen.continual_results(),
        "federated_sweep": frozen.federated_sweep(),
        "governed_days": frozen.governed_days(),
        "alarms": frozen.alarms(),
        "machine_recordings": frozen.machine_recordings(),
        "score_results": frozen.score_results(),
        "scaling_results": frozen.scaling_results(),
        "wake_scores": frozen.wake_scores(),
        "validation_table": frozen.validation_table(),
    }
