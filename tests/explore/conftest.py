"""Fixtures of the explorers' tests."""

import functools

import pytest

from tests.explore.every_explorer import EXPLORERS
from tests.explore.frozen_inputs import adapt, compress, energy_latency, train


@pytest.fixture(params=sorted(EXPLORERS))
def explorer(request):
    """Each explorer of the workbook in turn."""
    return EXPLORERS[request.param]()


@functools.cache
def made(name: str):
    return EXPLORERS[name]()


@pytest.fixture(params=sorted(EXPLORERS))
def shown(request):
    """Each explorer of the workbook in turn, made once for all tests and reset for each."""
    return made(request.param).reset()


@pytest.fixture
def make():
    """Function that makes the explorer of a name."""
    return lambda name: EXPLORERS[name]()


@pytest.fixture
def inputs():
    """The frozen inputs that the explorers were made from."""
    return {
        "exits": energy_latency.exits(),
        "few_shot_results": adapt.few_shot_results(),
        "graph": energy_latency.keyword_graph(),
        "word": train.word(),
        "recording": train.recording(),
        "scope_results": adapt.scope_results(),
        "sparse_results": adapt.sparse_results(),
        "quantization_results": compress.quantization_results(),
        "sensitivity": compress.sensitivity(),
        "deep_compression_results": compress.deep_compression_results(),
        "compression_study": compress.compression_study(),
        "continual_results": adapt.continual_results(),
        "federated_sweep": adapt.federated_sweep(),
        "governed_days": energy_latency.governed_days(),
        "alarms": train.alarms(),
        "machine_recordings": train.machine_recordings(),
        "score_results": compress.score_results(),
        "doubling_results": train.doubling_results(),
        "scaling_results": train.scaling_results(),
        "wake_scores": train.wake_scores(),
        "validation_table": energy_latency.validation_table(),
    }
