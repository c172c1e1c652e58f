"""What the tests of deployment share: random models, examples, and LiteRT to compare with."""

import numpy as np
import pytest

from tests.deploy.random_models import MODELS, ModelBuilder
from tinylab.deploy.interpreter import made_here
from tinylab.deploy.litert import LiteRTModel
from tinylab.graph import Graph


@pytest.fixture(scope="session", params=sorted(MODELS))
def random_model(request) -> ModelBuilder:
    return MODELS[request.param]


@pytest.fixture(scope="session")
def models() -> dict[str, ModelBuilder]:
    return MODELS


@pytest.fixture(scope="session")
def model_builder() -> type[ModelBuilder]:
    return ModelBuilder


@pytest.fixture(scope="session")
def reference():
    """LiteRT's reference kernels: `reference(content, x)` with examples in the input's type.

    They run in this process: the tests wrote these models, and a process a model takes a while.
    """

    def run(content: bytes, x: np.ndarray) -> np.ndarray:
        model = LiteRTModel(made_here(content), exact=True)
        return model.predict_quantized(x.reshape(-1, *model.input_details.shape[1:]))

    return run


@pytest.fixture(scope="session")
def examples():
    """`examples(graph, n)`: random inputs in the type of the model's input."""

    def make(graph: Graph, n: int, seed: int = 0) -> np.ndarray:
        tensor = graph.tensors[graph.inputs[0]]
        rng = np.random.default_rng(seed)
        if tensor.dtype == "float32":
            return rng.normal(0, 3, (n, *tensor.shape[1:])).astype(np.float32)
        return rng.integers(-128, 128, (n, *tensor.shape[1:])).astype(np.int8)

    return make
