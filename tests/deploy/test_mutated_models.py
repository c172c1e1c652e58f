"""Mutated model files end in one sentence, never in a traceback, a hang or a dead process."""

import pytest

from tests.deploy.mutation import mutants, outcome

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")
NAMES = ("ds_cnn", "residual", "odd", "float_ends")


@pytest.mark.parametrize("name", NAMES)
def test_a_few_mutants(models, name):
    outcomes = {outcome(mutant) for mutant in mutants(models[name].tflite(), 4, seed=1)}
    assert outcomes <= {"run", "refused"}


@pytest.mark.mutants
@pytest.mark.parametrize("name", NAMES)
def test_two_thousand_mutants(models, name, request):
    if "mutants" not in request.config.option.markexpr:
        pytest.skip("takes minutes: -m mutants runs it")
    outcomes = [outcome(mutant) for mutant in mutants(models[name].tflite(), 500, seed=2)]
    assert 0.3 < outcomes.count("refused") / 500 < 1
