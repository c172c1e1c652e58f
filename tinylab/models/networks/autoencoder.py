"""MLPerf Tiny's autoencoder for anomaly detection: copies normal sound through eight numbers.

What it cannot copy it has not heard, so its error is the alarm. Sources: Koizumi et al., "DCASE2020
Challenge Task 2" (2020), whose baseline it is; Banbury et al., "MLPerf Tiny Benchmark" (2021).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import keras
import numpy as np
from keras import layers
from tqdm.auto import tqdm

__all__ = ["PROFILES", "AutoencoderProfile", "AutoencoderRun", "autoencoder", "train_autoencoder"]

# Windows are in decibels, about -60 to +15; the network sees numbers of this size as they are,
# because a device then needs no normalization, and MLPerf Tiny's model does the same.
INPUTS = 640


@dataclass(frozen=True)
class AutoencoderProfile:
    """How long and how to train; the learning rate falls to zero along a cosine."""

    epochs: int
    batch_size: int = 512
    learning_rate: float = 2e-3

    def __post_init__(self):
        if self.epochs < 1 or self.batch_size < 1 or self.learning_rate <= 0:
            raise ValueError("epochs, batch_size and learning_rate must be positive")


PROFILES: Mapping[str, AutoencoderProfile] = MappingProxyType(
    {"quick": AutoencoderProfile(6), "full": AutoencoderProfile(12)}
)


@dataclass(frozen=True)
class AutoencoderRun:
    """What happened during a training.

    Attributes
    ----------
    loss : float64 array (epochs,)
        Mean squared error while the weights were still changing, dB squared.
    validation_loss : float64 array (epochs,) or None
    windows : int
        Examples trained on.
    """

    loss: np.ndarray
    validation_loss: np.ndarray | None
    windows: int

    def __str__(self) -> str:
        text = f"{len(self.loss)} epochs of {self.windows:,} windows, loss {self.loss[-1]:.1f}"
        if self.validation_loss is None:
            return text
        return f"{text}, on other recordings {self.validation_loss[-1]:.1f}"


def autoencoder(
    inputs: int = INPUTS, width: int = 128, depth: int = 4, bottleneck: int = 8
) -> keras.Model:
    """Build an untrained autoencoder.

    With the defaults it takes 264,192 multiply-accumulates a window and has 265,864 parameters once
    batch normalization is folded.

    Parameters
    ----------
    inputs : int
        Values in a window: 5 frames of 128 mel bands.
    width, depth : int
        Units of a hidden layer, and layers on either side of the bottleneck.
    bottleneck : int
        Units in the middle.

    Returns
    -------
    keras.Model
        Not compiled; layers are named `encoder1` ..., `bottleneck`, `decoder1` ..., `output`, with
        `<name>_norm` and `<name>_relu` after each but the last.
    """
    if min(inputs, width, depth, bottleneck) < 1:
        raise ValueError("inputs, width, depth and bottleneck must be at least 1")
    names = [f"encoder{k}" for k in range(1, depth + 1)]
    names += ["bottleneck", *(f"decoder{k}" for k in range(1, depth + 1))]
    x = window = keras.Input((inputs,), name="window")
    for name in names:
        units = bottleneck if name == "bottleneck" else width
        x = layers.Dense(units, name=name)(x)
        # Momentum 0.9: a class trains a few hundred steps, too few for the usual 0.99.
        x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
        x = layers.ReLU(name=f"{name}_relu")(x)
    return keras.Model(window, layers.Dense(inputs, name="output")(x), name="autoencoder")


def train_autoencoder(
    model: keras.Model,
    windows: np.ndarray,
    validation: np.ndarray | None = None,
    *,
    profile: str | AutoencoderProfile = "quick",
    seed: int = 0,
    progress: bool = True,
) -> AutoencoderRun:
    """Teach a model to copy its input, in place.

    Parameters
    ----------
    model : keras.Model
        Its first weights come from whoever built it: call `keras.utils.set_random_seed` before
        building it to repeat a training exactly.
    windows : float array (n, 640)
        Normal sound alone.
    validation : float array (m, 640), optional
        Other normal sound, to see whether it learns or memorises.
    profile : {"quick", "full"} or AutoencoderProfile
    seed : int
        Fixes the order of the examples.
    progress : bool
        Show a progress bar.

    Returns
    -------
    AutoencoderRun
    """
    if isinstance(profile, str):
        if profile not in PROFILES:
            raise ValueError(f"profile must be one of {tuple(PROFILES)}, got {profile!r}")
        profile = PROFILES[profile]
    windows = np.asarray(windows, np.float32)
    if windows.ndim != 2 or len(windows) == 0:
        raise ValueError(
            f"windows must have shape (n, {model.input_shape[-1]}), got {windows.shape}"
        )
    keras.utils.set_random_seed(seed)
    steps = profile.epochs * -(-len(windows) // profile.batch_size)
    rate = keras.optimizers.schedules.CosineDecay(profile.learning_rate, steps)
    model.compile(keras.optimizers.Adam(rate), "mse", jit_compile=False)
    history = model.fit(
        windows,
        windows,
        batch_size=profile.batch_size,
        epochs=profile.epochs,
        validation_data=None if validation is None else (validation, validation),
        validation_batch_size=4096,
        verbose=0,
        callbacks=[_Watcher(profile.epochs, progress)],
    ).history
    seen = history.get("val_loss")
    return AutoencoderRun(
        np.array(history["loss"]), None if seen is None else np.array(seen), len(windows)
    )


class _Watcher(keras.callbacks.Callback):
    """Moves the progress bar."""

    def __init__(self, epochs: int, progress: bool):
        super().__init__()
        self._bar = tqdm(total=epochs, unit="epoch", desc="training", disable=not progress)

    def on_epoch_end(self, epoch, logs=None):
        self._bar.update()
        self._bar.set_postfix(loss=f"{logs['loss']:.1f}")

    def on_train_end(self, logs=None):
        self._bar.close()
