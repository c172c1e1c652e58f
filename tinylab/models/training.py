"""Training a Keras classifier with a progress bar, a seed, and a quick and a full profile."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import keras
import numpy as np
from tqdm.auto import tqdm

__all__ = [
    "PROFILES",
    "TrainingOptions",
    "TrainingProfile",
    "TrainingRun",
    "profile_named",
    "train",
]

_HANDS_ON = ("Activation", "ActivationQuantizer", "Dropout", "Flatten", "Reshape")
"""Kinds of layers behind the last one with weights that leave logits what they are."""


@dataclass(frozen=True)
class TrainingProfile:
    """How long and how to train.

    Attributes
    ----------
    epochs, batch_size : int
    learning_rate : float
        Largest step of the Adam optimizer.
    schedule : {"cosine", "constant"} or tuple of (epoch, learning rate)
        "cosine" falls from `learning_rate` to zero over the whole training; the pairs switch to a
        rate when an epoch begins (the first epoch is 0).
    warm_up : float
        Share of the training over which a cosine schedule first rises from zero.
    label_smoothing : float
        Share of each label's weight that is spread over all classes.
    mixup : float
        Parameter of the Beta distribution by which pairs of examples are blended, 0 for none
        (Zhang et al., "mixup: Beyond empirical risk minimization", 2018).
    averaging : float
        Momentum of the running average of the weights that replaces them at the end, 0 for none.
    """

    epochs: int
    batch_size: int = 100
    learning_rate: float = 1e-3
    schedule: str | tuple[tuple[int, float], ...] = "cosine"
    warm_up: float = 0.0
    label_smoothing: float = 0.0
    mixup: float = 0.0
    averaging: float = 0.0

    def __post_init__(self):
        if self.epochs < 1 or self.batch_size < 1 or self.learning_rate <= 0:
            raise ValueError("epochs, batch_size and learning_rate must be positive")
        if isinstance(self.schedule, str) and self.schedule not in ("cosine", "constant"):
            raise ValueError(
                f"schedule must be 'cosine', 'constant' or pairs (epoch, learning rate),"
                f" got {self.schedule!r}"
            )
        for name in ("warm_up", "label_smoothing", "averaging"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must lie in 0..1, below 1")
        if self.mixup < 0:
            raise ValueError(f"mixup must not be negative, got {self.mixup}")


PROFILES: Mapping[str, TrainingProfile] = MappingProxyType(
    {
        "quick": TrainingProfile(epochs=5, batch_size=50, learning_rate=2e-3),
        "full": TrainingProfile(epochs=30, batch_size=100, learning_rate=1e-3),
    }
)


@dataclass(frozen=True)
class TrainingOptions:
    """What else a training may be given.

    Attributes
    ----------
    loss : keras.losses.Loss, optional
        Takes one-hot labels and scores; without it, cross-entropy with the profile's label
        smoothing.
    seed : int
        Fixes the order of the examples, dropout and mixup.
    progress : bool
        Show a progress bar.
    """

    loss: keras.losses.Loss | None = None
    seed: int = 0
    progress: bool = True


@dataclass(frozen=True)
class TrainingRun:
    """What happened during a training, one value an epoch.

    Attributes
    ----------
    loss, accuracy : float64 array (epochs,)
        On the training examples, while the weights were still changing.
    validation_loss, validation_accuracy : float64 array (epochs,) or None
    learning_rate : float64 array (epochs,)
        At the end of each epoch.
    seconds : float
        Wall time of the training.
    examples : int
    profile : TrainingProfile
    seed : int
    """

    loss: np.ndarray
    accuracy: np.ndarray
    validation_loss: np.ndarray | None
    validation_accuracy: np.ndarray | None
    learning_rate: np.ndarray
    seconds: float
    examples: int
    profile: TrainingProfile
    seed: int

    def __str__(self) -> str:
        text = f"{len(self.loss)} epochs of {self.examples} examples in {self.seconds:.0f} s"
        if self.validation_accuracy is None:
            return f"{text}, training accuracy {self.accuracy[-1]:.1%}"
        return f"{text}, validation accuracy {self.validation_accuracy[-1]:.1%}"


def profile_named(profile: str | TrainingProfile) -> TrainingProfile:
    """Look up "quick" or "full"; a `TrainingProfile` is returned as it is."""
    if isinstance(profile, TrainingProfile):
        return profile
    if profile not in PROFILES:
        raise ValueError(f"profile must be one of {tuple(PROFILES)}, got {profile!r}")
    return PROFILES[profile]


def train(
    model: keras.Model,
    x,
    y,
    validation: tuple | None = None,
    *,
    profile: str | TrainingProfile = "quick",
    disturb: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    options: TrainingOptions = TrainingOptions(),
) -> TrainingRun:
    """Train a classifier in place.

    Parameters
    ----------
    model : keras.Model
        Softmax outputs (n, classes), or logits; or one output, of a sigmoid or a logit, that says
        yes (label 1) or no (0). Its first weights come from whoever built it: call
        `keras.utils.set_random_seed` before building it to repeat a training exactly.
    x : array (n, ...)
    y : int array (n,)
    validation : tuple (x, y), optional
    profile : {"quick", "full"} or TrainingProfile
    disturb : callable (batch, generator) -> batch, optional
        Augments the examples each time they are used, before mixup.
    callbacks : sequence of keras.callbacks.Callback
        What else happens while it trains, such as pruning.
    options : TrainingOptions
        Loss, seed and progress bar.

    Returns
    -------
    TrainingRun
        The model is left compiled. The same seed, machine and number of threads give the same
        weights; another machine gives slightly different ones.
    """
    profile = profile_named(profile)
    x, y = np.asarray(x), np.asarray(y)
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(f"x and y must be equally long and not empty, got {len(x)} and {len(y)}")
    keras.utils.set_random_seed(options.seed)
    classes = model.output_shape[-1]
    batches = _Batches(x, _targets(y, classes), disturb, profile, options.seed)
    _compile(model, profile, len(batches), options.loss)
    if validation is not None:
        validation = (np.asarray(validation[0]), _targets(validation[1], classes))
    watcher = _Watcher(profile, len(batches), options.progress)
    started = time.perf_counter()
    history = model.fit(
        batches,
        epochs=profile.epochs,
        validation_data=validation,
        verbose=0,
        callbacks=[watcher, *callbacks, _StateBuilder()],
    ).history
    return TrainingRun(
        loss=np.array(history["loss"]),
        accuracy=np.array(history["accuracy"]),
        validation_loss=_optional(history.get("val_loss")),
        validation_accuracy=_optional(history.get("val_accuracy")),
        learning_rate=np.array(watcher.rates),
        seconds=time.perf_counter() - started,
        examples=len(x),
        profile=profile,
        seed=options.seed,
    )


class _Batches(keras.utils.PyDataset):
    """Shuffled batches with one-hot labels, blended in pairs when the profile asks for it."""

    def __init__(self, x, one_hot, disturb, profile, seed):
        super().__init__()
        self._x, self._y = x, one_hot
        self._disturb, self._profile = disturb, profile
        self._rng = np.random.default_rng(seed)
        self._order = self._rng.permutation(len(x))

    def __len__(self) -> int:
        return math.ceil(len(self._x) / self._profile.batch_size)

    def __getitem__(self, index):
        size = self._profile.batch_size
        chosen = self._order[index * size : (index + 1) * size]
        x, y = self._x[chosen], self._y[chosen]
        if self._disturb is not None:
            x = self._disturb(x, self._rng)
        if self._profile.mixup:
            x, y = self._mix(x, y)
        return x, y

    def on_epoch_end(self):
        self._order = self._rng.permutation(len(self._x))

    def _mix(self, x, y):
        share = self._rng.beta(self._profile.mixup, self._profile.mixup, size=len(x))
        share = np.maximum(share, 1 - share).astype(np.float32)
        partner = self._rng.permutation(len(x))
        for_x = share.reshape(-1, *[1] * (x.ndim - 1))
        for_y = share[:, np.newaxis]
        return for_x * x + (1 - for_x) * x[partner], for_y * y + (1 - for_y) * y[partner]


class _Watcher(keras.callbacks.Callback):
    """Moves the progress bar and notes the learning rate."""

    def __init__(self, profile: TrainingProfile, batches: int, progress: bool):
        super().__init__()
        self.rates: list[float] = []
        self._epochs = profile.epochs
        self._bar = tqdm(total=profile.epochs * batches, unit="batch", disable=not progress)

    def on_epoch_begin(self, epoch, logs=None):
        self._bar.set_description(f"epoch {epoch + 1}/{self._epochs}")

    def on_train_batch_end(self, batch, logs=None):
        self._bar.update()

    def on_epoch_end(self, epoch, logs=None):
        self.rates.append(float(self.model.optimizer.learning_rate))
        shown = {"loss": "loss", "val_accuracy": "validation accuracy"}
        figures = {shown[key]: f"{logs[key]:.3f}" for key in shown if key in logs}
        self._bar.set_postfix(figures)

    def on_train_end(self, logs=None):
        self._bar.close()


class _StateBuilder(keras.callbacks.Callback):
    """Gives optimizer and metrics their variables, for which `fit` would trace twice.

    The last of the callbacks: another may thaw layers first. The loss has no variables, and may
    need what only a training step gives it.
    """

    def on_train_begin(self, logs=None):
        if not self.model.built:
            return
        self.model.optimizer.build(self.model.trainable_variables)
        outputs = np.full((1, self.model.output_shape[-1]), 0.5, np.float32)
        # Keras' own method: a model's may want the examples. Every epoch begins with a reset.
        keras.Model.compute_metrics(self.model, None, outputs, outputs)


def _compile(model, profile: TrainingProfile, batches: int, loss=None) -> None:
    averaging = profile.averaging
    optimizer = keras.optimizers.Adam(
        _learning_rate(profile, batches),
        use_ema=averaging > 0,
        ema_momentum=averaging or 0.99,
    )
    logits = _gives_logits(model)
    kind = keras.losses.CategoricalCrossentropy
    accuracy = "accuracy"
    if model.output_shape[-1] == 1:
        kind = keras.losses.BinaryCrossentropy
        accuracy = keras.metrics.BinaryAccuracy("accuracy", threshold=0.0 if logits else 0.5)
    loss = loss or kind(from_logits=logits, label_smoothing=profile.label_smoothing)
    model.compile(optimizer, loss, metrics=[accuracy], jit_compile=False)


def _gives_logits(model) -> bool:
    """Whether the last layer with weights has no activation, so that the loss has to add it."""
    for layer in reversed(getattr(model, "operations", model.layers)):
        if isinstance(layer, keras.Model):
            return _gives_logits(layer)
        activation = getattr(layer, "activation", "linear")  # a layer of QAT keeps its name
        linear = activation in ("linear", keras.activations.linear)
        if hasattr(layer, "kernel") or not linear:
            return linear
        if type(layer).__name__ not in _HANDS_ON:
            return False
    return False


def _learning_rate(profile: TrainingProfile, batches: int):
    steps = profile.epochs * batches
    rate, schedules = profile.learning_rate, keras.optimizers.schedules
    if profile.schedule == "constant":
        return rate
    if profile.schedule == "cosine":
        rising = int(profile.warm_up * steps)
        if rising:
            falling = steps - rising
            return schedules.CosineDecay(0.0, falling, warmup_target=rate, warmup_steps=rising)
        return schedules.CosineDecay(rate, steps)
    switches = [epoch * batches for epoch, _ in profile.schedule]
    return schedules.PiecewiseConstantDecay(switches, [rate, *(new for _, new in profile.schedule)])


def _targets(labels, classes: int) -> np.ndarray:
    """A column for each output: one-hot labels, or of a single output whether it is yes."""
    labels = np.asarray(labels)
    if classes == 1:
        if labels.ndim != 1 or not np.isin(labels, (0, 1)).all():
            raise ValueError("a model with one output takes labels 0 and 1, shape (n,)")
        return labels.astype(np.float32)[:, np.newaxis]
    if labels.ndim != 1 or labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"labels must be class indices in 0..{classes - 1}, shape (n,)")
    return np.eye(classes, dtype=np.float32)[labels]


def _optional(values) -> np.ndarray | None:
    return None if values is None else np.array(values)
