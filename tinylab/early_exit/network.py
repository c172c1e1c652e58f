"""Side exits on a trained network: small heads that answer from what its first layers computed.

After Teerapittayanon et al., "BranchyNet" (2016). There the exits and the network learn together;
here the network is finished and stays as it is, so that its own answers, and its int8 version,
remain what they were, and only the heads are trained.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import keras
import numpy as np
from keras import layers
from tqdm.auto import tqdm

from tinylab.cost import Workload, workload
from tinylab.data.pixels import inputs
from tinylab.deploy.keras_graph import from_keras
from tinylab.early_exit.threshold import ExitRecord, exit_record
from tinylab.graph.passes import optimize
from tinylab.models.surgery.nested import flattened
from tinylab.models.training import TrainingProfile, profile_named
from tinylab.scoring.confidence import apply_temperature, fit_temperature

__all__ = ["EarlyExits", "attach_exits", "calibrate_exits", "heads_together", "train_exits"]

_CHUNK = 100  # pictures turned into float32 at a time

_MAP_AXES = 4  # examples, rows, columns, channels


@dataclass(frozen=True, eq=False)
class EarlyExits:
    """A network with side exits.

    Parameters
    ----------
    model : keras.Model
        The network itself, a softmax at its end.
    cuts : tuple of str
        After which of its layers an exit branches off, such as "block5_pointwise"; the layer's
        normalization and activation belong to it.
    heads : tuple of keras.Model
        Feature map in, probabilities out; one for each cut.
    temperatures : tuple of float
        For each exit and the network's own end; 1.0 until `calibrate_exits` has found better ones.
    """

    model: keras.Model
    cuts: tuple[str, ...]
    heads: tuple[keras.Model, ...]
    temperatures: tuple[float, ...]

    def predict(self, x: np.ndarray, *, calibrated: bool = True) -> np.ndarray:
        """Probabilities at every exit, float64, shape (exits, examples, classes), the end last.

        Parameters
        ----------
        x : ndarray, shape (examples, height, width, channels)
            float in 0..1, or uint8.
        calibrated : bool
            Apply the temperatures.
        """
        chunks = [
            self.whole.predict_on_batch(inputs(x[start : start + _CHUNK]))
            for start in range(0, len(x), _CHUNK)
        ]
        probabilities = np.stack([np.concatenate(parts) for parts in zip(*chunks, strict=True)])
        if not calibrated:
            return probabilities.astype(np.float64)
        pairs = zip(probabilities, self.temperatures, strict=True)
        return np.stack([apply_temperature(*pair) for pair in pairs])

    @cached_property
    def whole(self) -> keras.Model:
        """Network and heads as one model; kept, because Keras compiles every new one anew."""
        maps = feature_maps(self.model, self.cuts)
        *features, end = maps(maps.inputs[0])
        outputs = [head(feature) for head, feature in zip(self.heads, features, strict=True)]
        return keras.Model(maps.input, [*outputs, end])

    def workloads(self) -> tuple[Workload, ...]:
        """What an int8 version costs a processor up to each exit, passed heads included."""
        parts = self.head_workloads()
        ends = feature_maps(self.model, self.cuts).outputs[:-1]
        ways = [keras.Model(self.model.inputs[0], end) for end in ends]
        totals, passed = [], []
        for way, head in zip((*ways, self.model), (*parts, None), strict=True):
            passed += [head] if head is not None else []
            totals.append(_total([_int8_workload(way), *passed]))
        return tuple(totals)

    def head_workloads(self) -> tuple[Workload, ...]:
        """What the heads alone ask of a processor."""
        return tuple(_int8_workload(head) for head in self.heads)

    def measure(self, x: np.ndarray, y: np.ndarray, *, calibrated: bool = True) -> ExitRecord:
        """What every exit says of every example, and the multiply-accumulates until there."""
        macs = [workload.macs for workload in self.workloads()]
        return exit_record(self.predict(x, calibrated=calibrated), y, macs)


def last_layer(model: keras.Model, cut: str) -> str:
    """The last layer that belongs to a cut: its normalization's or its activation's name.

    Raises
    ------
    ValueError
        There is no layer of that name; the message lists those that can be cut after.
    """
    names = [layer.name for layer in model.layers]
    own = [name for name in names if name == cut or name.startswith(f"{cut}_")]
    if not own:
        known = [n for n in names if n.endswith(("_pointwise", "_depthwise"))] or names[1:]
        raise ValueError(f"no layer {cut!r} to put an exit after; there are {', '.join(known)}")
    return own[-1]


def feature_maps(model: keras.Model, cuts: Sequence[str]) -> keras.Model:
    """A model that gives what the network has found out at each cut, and its answer at the end."""
    ends = [model.get_layer(last_layer(model, cut)).output for cut in cuts]
    return keras.Model(model.inputs[0], [*ends, model.outputs[0]])


def exit_head(
    shape: tuple[int, int, int], classes: int, filters: int = 64, name: str = "exit"
) -> keras.Model:
    """An untrained head: two separable convolutions, the mean over the picture, a dense layer.

    Parameters
    ----------
    shape : tuple
        Of the feature map, (rows, columns, channels). Each convolution halves a map of more than
        3 rows, so that the head costs little beside the network.
    classes, filters : int
    name : str
        Prefix of its layers.
    """
    inputs = keras.Input(shape, name=f"{name}_map")
    x = inputs
    for number in (1, 2):
        strides = 2 if x.shape[1] > 3 else 1
        depthwise = layers.DepthwiseConv2D(
            3, strides=strides, padding="same", use_bias=False, name=f"{name}_depthwise{number}"
        )
        pointwise = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_pointwise{number}")
        x = _normalized_relu(pointwise, _normalized_relu(depthwise, x))
    x = layers.AveragePooling2D(x.shape[1:3], name=f"{name}_pool")(x)
    x = layers.Dropout(0.2, name=f"{name}_dropout")(layers.Flatten(name=f"{name}_flatten")(x))
    outputs = layers.Dense(classes, activation="softmax", name=f"{name}_classifier")(x)
    return keras.Model(inputs, outputs, name=name)


def attach_exits(model: keras.Model, cuts: Sequence[str], *, filters: int = 64) -> EarlyExits:
    """Put untrained heads on a network.

    Raises
    ------
    ValueError
        No cuts, a layer that the network does not have, or an end without softmax.
    """
    if not cuts:
        raise ValueError("pass at least one layer to put an exit after")
    model = flattened(model)
    _check_softmax(model.layers[-1])
    maps, classes = feature_maps(model, cuts), model.output_shape[-1]
    for cut, feature in zip(cuts, maps.outputs, strict=False):
        if len(feature.shape) != _MAP_AXES:
            raise ValueError(
                f"an exit looks at a map of rows, columns and channels, and {cut!r} gives "
                f"{feature.shape[1:]}: cut after a 2-D convolution, or build a 1-D network with "
                "Conv2D on inputs of shape (time, 1, channels)"
            )
    heads = tuple(
        exit_head(feature.shape[1:], classes, filters, f"exit{number}")
        for number, feature in enumerate(maps.outputs[:-1], start=1)
    )
    return EarlyExits(model, tuple(cuts), heads, (1.0,) * (len(heads) + 1))


def _check_softmax(last: keras.Layer) -> None:
    activation = getattr(getattr(last, "activation", None), "__name__", "")
    if activation != "softmax" and not isinstance(last, keras.layers.Softmax):
        raise ValueError(
            f"the last layer {last.name!r} gives no probabilities of classes: end the model with "
            "softmax (a yes-or-no model with two outputs), for exits compare how sure it is"
        )


def train_exits(
    exits: EarlyExits,
    x: np.ndarray,
    y: np.ndarray,
    *,
    profile: str | TrainingProfile = "quick",
    seed: int = 0,
    disturb: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None,
    progress: bool = True,
) -> EarlyExits:
    """Train all heads at once, in place, on the maps that the unchanged network gives.

    Parameters
    ----------
    exits : EarlyExits
        From `attach_exits`.
    x : ndarray, shape (examples, height, width, channels)
        float in 0..1, or uint8.
    y : ndarray of int, shape (examples,)
    profile : {"quick", "full"} or TrainingProfile
        Its epochs, batch size, learning rate and label smoothing are used, with a cosine schedule.
    seed : int
        Fixes the order of the examples and dropout.
    disturb : callable (batch, generator) -> batch, optional
        Augments each batch of `x` before the network sees it. Without it the network sees every
        picture once, and its maps are kept in memory (as float16).
    progress : bool

    Returns
    -------
    EarlyExits
        The same heads, not yet calibrated.
    """
    profile = profile_named(profile)
    if len(x) != len(y) or len(y) < profile.batch_size:
        raise ValueError(
            f"pass as many pictures as labels and at least {profile.batch_size}, one batch; got"
            f" {len(x)} and {len(y)}"
        )
    keras.utils.set_random_seed(seed)
    rng, maps, learner = (
        np.random.default_rng(seed),
        feature_maps(exits.model, exits.cuts),
        heads_together(exits),
    )
    targets = np.eye(exits.model.output_shape[-1], dtype=np.float32)[np.asarray(y, np.int64)]
    steps = len(y) // profile.batch_size
    _compile(learner, profile, steps)
    kept = _all_maps(maps, x) if disturb is None else None
    bar = tqdm(
        total=profile.epochs * steps, desc="training exits", unit="step", disable=not progress
    )
    with bar:
        for _ in range(profile.epochs):
            order = rng.permutation(len(y))[: steps * profile.batch_size]
            for chosen in order.reshape(steps, -1):
                if kept is None:
                    features = maps.predict_on_batch(inputs(disturb(x[chosen], rng)))[:-1]
                else:
                    features = [part[chosen].astype(np.float32) for part in kept]
                loss = learner.train_on_batch(list(features), [targets[chosen]] * len(features))
                bar.set_postfix(loss=f"{np.ravel(loss)[0]:.3f}", refresh=False)
                bar.update()
    return replace(exits, temperatures=(1.0,) * len(exits.temperatures))


def calibrate_exits(exits: EarlyExits, x: np.ndarray, y: np.ndarray) -> EarlyExits:
    """Find the temperature of every exit on examples that nothing was trained on."""
    probabilities = exits.predict(x, calibrated=False)
    return replace(
        exits, temperatures=tuple(fit_temperature(of_exit, y) for of_exit in probabilities)
    )


def heads_together(exits: EarlyExits) -> keras.Model:
    """All heads as one model, from the feature maps to the probabilities of each head."""
    return keras.Model(
        [head.inputs[0] for head in exits.heads], [head.outputs[0] for head in exits.heads]
    )


def _all_maps(maps: keras.Model, x: np.ndarray) -> list[np.ndarray]:
    """The maps at every cut of all pictures, float16."""
    parts = [
        [
            feature.astype(np.float16)
            for feature in maps.predict_on_batch(inputs(x[start : start + 200]))
        ]
        for start in range(0, len(x), 200)
    ]
    return [np.concatenate(feature) for feature in zip(*parts, strict=True)][:-1]


def _compile(learner: keras.Model, profile: TrainingProfile, steps: int) -> None:
    rate = keras.optimizers.schedules.CosineDecay(profile.learning_rate, profile.epochs * steps)
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=profile.label_smoothing)
    learner.compile(keras.optimizers.Adam(rate), [loss] * len(learner.outputs))


def _int8_workload(model: keras.Model) -> Workload:
    """Of the model with its normalization folded; the sizes of an int8 version are the same."""
    return replace(workload(optimize(from_keras(model)).graph), precision="int8")


def _total(parts: Sequence[Workload]) -> Workload:
    return Workload(
        "early exit",
        "int8",
        sum(part.macs for part in parts),
        sum(part.features for part in parts),
        sum(part.live_features for part in parts),
    )


def _normalized_relu(convolution, x):
    name = convolution.name
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(convolution(x))
    return layers.ReLU(name=f"{name}_relu")(x)
