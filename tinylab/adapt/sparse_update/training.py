"""Measure what a sparse update reaches on tasks, and what each choice contributes to it.

A plan is simulated exactly: gradients are computed as usual and multiplied by 0 where the plan
leaves a weight alone. Plans of the same depth share a `Learner`, so that what lies below the
lowest trained block runs once.
"""

from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np

from tinylab.adapt.few_shot.learner import Learner
from tinylab.adapt.few_shot.study import Method, draw_tasks, measured, tune
from tinylab.adapt.few_shot.tasks import CameraPool
from tinylab.adapt.sparse_update.choice import Contributions, Option
from tinylab.adapt.sparse_update.memory import Unit

__all__ = ["SparseTrainer", "measure_contributions", "plan_masks"]


def plan_masks(
    learner: Learner, all_units: Sequence[Unit], first_bias: int, kernels: Mapping[str, float]
) -> list[np.ndarray]:
    """For each adapted weight 1 where a plan trains it, and 0 elsewhere.

    Parameters
    ----------
    learner : Learner
        It adapts every block that the plan touches.
    all_units : sequence of Unit
        Of the same model.
    first_bias : int
    kernels : mapping of str to float
        Share of the input channels of each trained kernel: the first so many.

    Raises
    ------
    ValueError
        The plan trains a weight that the learner does not adapt.
    """
    classifier = all_units[-1]
    wanted = {f"{classifier.name}/kernel": classifier.input_channels}
    wanted |= {unit.bias: unit.biases for unit in all_units[first_bias:]}
    by_name = {unit.name: unit for unit in all_units}
    wanted |= {f"{name}/kernel": by_name[name].channels(share) for name, share in kernels.items()}
    missing = sorted(set(wanted) - set(learner.names))
    if missing:
        raise ValueError(
            f"the learner's scope {learner.scope!r} does not adapt {', '.join(missing)}"
        )
    masks = []
    for name, weight in zip(learner.names, learner.start, strict=True):
        mask = np.zeros(weight.shape, np.float32)
        channels = np.moveaxis(mask, _input_axis(mask), 0) if name.endswith("/kernel") else mask
        channels[: wanted.get(name, 0)] = 1
        masks.append(mask)
    return masks


def _input_axis(kernel: np.ndarray) -> int:
    """A convolution's kernel is (height, width, inputs, outputs), a dense one (inputs, outputs)."""
    return kernel.ndim - 2


class SparseTrainer:
    """Measures plans for one model on the pictures of some cameras.

    Parameters
    ----------
    model : keras.Model
    all_units : sequence of Unit
        From `sparse_memory.units`.
    make_pool : callable
        Takes a function from pictures to features and returns a `CameraPool` of them; every call
        must choose the same pictures.
    shots, queries, draws, seed
        As for `evaluation.draw_tasks`.
    """

    def __init__(
        self,
        model: keras.Model,
        all_units: Sequence[Unit],
        make_pool: Callable[[Callable], CameraPool],
        *,
        shots: int = 10,
        queries: int = 50,
        draws: int = 1,
        seed: int = 0,
    ) -> None:
        self._model, self._units, self._make_pool = model, tuple(all_units), make_pool
        self._drawn = {"shots": shots, "queries": queries, "draws": draws, "seed": seed}
        self._prepared: dict[int, tuple] = {}

    def tune(
        self, first_bias: int, kernels: Mapping[str, float], *, learning_rates, steps
    ) -> tuple[float, int, float]:
        """Best learning rate and steps for a plan, and the mean accuracy with them."""
        learner, tasks, method = self._for(first_bias, kernels)
        return tune(learner, method, tasks, learning_rates=learning_rates, steps=steps)

    def accuracies(
        self, first_bias: int, kernels: Mapping[str, float], *, learning_rate: float, steps: int
    ) -> np.ndarray:
        """Accuracy on every camera, shape (cameras,)."""
        learner, tasks, method = self._for(first_bias, kernels)
        return measured(learner, method, tasks, learning_rate=learning_rate, steps=[steps])[:, 0]

    def loss(
        self, first_bias: int, kernels: Mapping[str, float], *, learning_rates, steps
    ) -> float:
        """Mean query loss over the cameras, in nats, with the best learning rate and steps."""
        learner, tasks, method = self._for(first_bias, kernels)
        means = [
            measured(
                learner, method, tasks, learning_rate=rate, steps=steps, measure="cross_entropy"
            ).mean(axis=0)
            for rate in learning_rates
        ]
        return float(np.min(means))

    def _for(self, first_bias: int, kernels: Mapping[str, float]) -> tuple:
        block = self._units[first_bias].block
        if block not in self._prepared:
            self._prepared.clear()  # features of early layers are large: keep one depth at a time
            learner = Learner(self._model, _scope(block, self._units[0].block))
            self._prepared[block] = (
                learner,
                draw_tasks(self._make_pool(learner.features), **self._drawn),
            )
        learner, tasks = self._prepared[block]
        masks = plan_masks(learner, self._units, first_bias, kernels)
        return learner, tasks, Method(learner.start, masks)


def _scope(block: int, all_blocks: int) -> str:
    if block == 0:
        return "last_layer"
    if block == all_blocks:
        return "all"
    return f"last_{block}_block{'s' if block > 1 else ''}"


def measure_contributions(
    trainer: SparseTrainer,
    all_units: Sequence[Unit],
    *,
    learning_rates: Sequence[float],
    steps: Sequence[int],
    progress: Callable = iter,
) -> Contributions:
    """The loss with the biases from each unit on, and by how much each share of a kernel lowers it.

    Each choice gets the best of the same learning rates and numbers of steps.

    Parameters
    ----------
    trainer : SparseTrainer
        On validation cameras.
    all_units : sequence of Unit
    learning_rates, steps : sequences
    progress : callable
        Wraps the list of units while they work, such as `tqdm`.
    """
    grid = {"learning_rates": learning_rates, "steps": steps}
    reached, options = {}, []
    for index in progress(list(reversed(range(len(all_units))))):
        unit = all_units[index]
        reached[index] = trainer.loss(index, {}, **grid)
        for share in unit.shares if index < len(all_units) - 1 else ():
            gain = reached[index] - trainer.loss(index, {unit.name: share}, **grid)
            options.append(Option(index, share, gain))
    bias_loss = tuple(reached[index] for index in range(len(all_units)))
    return Contributions(bias_loss, tuple(sorted(options, key=lambda o: (o.unit, o.share))))
