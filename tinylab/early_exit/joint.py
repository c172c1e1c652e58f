"""Exits and network trained together, as in BranchyNet (Teerapittayanon et al. 2016).

The loss is a sum over all exits, so that the first layers learn what the early answers need. The
price: the network is no longer the one that was trained, tested and perhaps deployed before.
"""

from dataclasses import replace

import keras
import numpy as np
from tqdm.auto import tqdm

from tinylab.data.pixels import inputs
from tinylab.early_exit.network import EarlyExits
from tinylab.models.surgery.blocks import fresh_copy
from tinylab.models.training import TrainingProfile, profile_named

__all__ = ["train_jointly"]


def train_jointly(
    exits: EarlyExits,
    x: np.ndarray,
    y: np.ndarray,
    *,
    profile: str | TrainingProfile = "quick",
    exit_weight: float = 1.0,
    seed: int = 0,
    progress: bool = True,
) -> EarlyExits:
    """Train copies of the network and of its heads, all weights at once.

    Parameters
    ----------
    exits : EarlyExits
        The start; it stays as it is.
    x : ndarray, shape (examples, height, width, channels)
        float in 0..1, or uint8.
    y : ndarray of int, shape (examples,)
    profile : {"quick", "full"} or TrainingProfile
        Its epochs, batch size, learning rate and label smoothing are used, with a cosine schedule.
    exit_weight : float
        Of each side exit's cross-entropy; the end's counts 1. With 0 the network is trained on
        alone, and its heads no longer fit it.
    seed : int
        Fixes the order of the examples and dropout.
    progress : bool

    Returns
    -------
    EarlyExits
        Not yet calibrated.

    Raises
    ------
    ValueError
        If the weight is negative, or there is no batch of pictures with as many labels.
    """
    profile = profile_named(profile)
    if not (np.isfinite(exit_weight) and exit_weight >= 0):
        raise ValueError(f"exit_weight must be 0 or more, not {exit_weight}")
    if len(x) != len(y) or len(y) < profile.batch_size:
        raise ValueError(
            f"pass as many pictures as labels and at least {profile.batch_size}, one batch; got"
            f" {len(x)} and {len(y)}"
        )
    keras.utils.set_random_seed(seed)
    copy = replace(
        exits,
        model=fresh_copy(exits.model),
        heads=tuple(fresh_copy(head) for head in exits.heads),
        temperatures=(1.0,) * len(exits.temperatures),
    )
    steps = len(y) // profile.batch_size
    _compile(copy.whole, profile, steps, exit_weight)
    targets = np.eye(copy.model.output_shape[-1], dtype=np.float32)[np.asarray(y, np.int64)]
    rng = np.random.default_rng(seed)
    bar = tqdm(total=profile.epochs * steps, desc="training all", disable=not progress)
    with bar:
        for _ in range(profile.epochs):
            order = rng.permutation(len(y))[: steps * profile.batch_size]
            for chosen in order.reshape(steps, -1):
                wanted = [targets[chosen]] * len(copy.temperatures)
                copy.whole.train_on_batch(inputs(x[chosen]), wanted)
                bar.update()
    return copy


def _compile(whole: keras.Model, profile: TrainingProfile, steps: int, exit_weight: float) -> None:
    rate = keras.optimizers.schedules.CosineDecay(profile.learning_rate, profile.epochs * steps)
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=profile.label_smoothing)
    exits = len(whole.outputs)
    whole.compile(
        keras.optimizers.Adam(rate),
        [loss] * exits,
        loss_weights=[exit_weight] * (exits - 1) + [1.0],
        jit_compile=False,
    )
