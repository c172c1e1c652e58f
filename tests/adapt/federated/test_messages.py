"""What a server may ask for: the edges of every number in it."""

import numpy as np
import pytest

from tinylab.adapt.federated.messages import LocalRecipe
from tinylab.adapt.federated.networks import Head
from tinylab.adapt.federated.rounds import federate
from tinylab.adapt.federated.stacked import ClientData, StackedFleet
from tinylab.adapt.federated.strategies import FedAvg


def test_one_epoch_of_batches_of_one_is_the_least():
    assert LocalRecipe(1, 1, 1e-6).batch_size == 1


@pytest.mark.parametrize("numbers", [(0, 10, 0.1), (5, 0, 0.1), (5, 10, 0.0), (5, 10, np.nan)])
def test_less_is_refused(numbers):
    with pytest.raises(ValueError, match="must be above 0"):
        LocalRecipe(*numbers)


@pytest.mark.parametrize("numbers", [{"rounds": -1}, {"rounds": 2, "every": 0}])
def test_numbers_of_rounds_that_cannot_be_are_refused(numbers):
    data = ClientData(("a",), np.ones((1, 4, 5), np.float32), np.zeros((1, 4), int), np.array([4]))
    start = Head().start(5, 2)
    fleet = StackedFleet(Head(), data, start)
    with pytest.raises(ValueError, match="rounds must be 0 or more and every 1 or more"):
        federate(FedAvg(), fleet, start, **numbers)
    weights, record = federate(FedAvg(), fleet, start, rounds=0)
    assert len(record) == 1 and all(map(np.array_equal, weights, start))
