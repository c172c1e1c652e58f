"""Attacks on the sound itself: through the front end, in steps of a 16-bit sample.

In: waveforms and a model of their features. Out: waveforms that sound the same and are heard as
other words. Nothing here crosses a room: loudspeaker, air and microphone would change it.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tinylab.compress.distillation import logits_of
from tinylab.security.inputs import STEP_SHARE
from tinylab.signal.device_input import INPUT_HIGH, INPUT_LOW
from tinylab.signal.mfcc import KWS, dct_matrix, mel_matrix, periodic_hann

__all__ = ["differentiable_mfcc", "pgd_waveforms", "waveform_gradient"]

FULL_SCALE = 32768
TINY = 1e-9  # keeps the magnitude of an empty frame differentiable


def differentiable_mfcc(waveforms: tf.Tensor) -> tf.Tensor:
    """MLPerf Tiny's features of `tinylab.signal.mfcc`, as TensorFlow computes gradients through.

    Parameters
    ----------
    waveforms : float32 tensor (n, samples)

    Returns
    -------
    float32 tensor (n, frames, coefficients, 1)
    """
    peak = tf.reduce_max(waveforms, axis=1, keepdims=True)
    sound = waveforms / tf.where(peak > 0, peak, tf.ones_like(peak))
    frames = tf.signal.frame(sound, KWS.frame_length, KWS.frame_step)
    spectrum = tf.signal.rfft(frames * periodic_hann(KWS.frame_length), [KWS.fft_length])
    magnitude = tf.sqrt(tf.math.real(spectrum) ** 2 + tf.math.imag(spectrum) ** 2 + TINY**2)
    level = tf.math.log(magnitude @ mel_matrix() + KWS.log_offset)
    return (level @ dct_matrix())[..., tf.newaxis]


def waveform_gradient(model: keras.Model) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The gradient of a classifier's loss by each sample of a waveform."""
    logits = logits_of(model)

    @tf.function(reduce_retracing=True)
    def gradient(x, y):
        with tf.GradientTape() as tape:
            tape.watch(x)
            features = tf.clip_by_value(differentiable_mfcc(x), INPUT_LOW, INPUT_HIGH)
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits(features))
        return tape.gradient(loss, x)

    return lambda x, y: gradient(tf.constant(x, tf.float32), tf.constant(y, tf.int64)).numpy()


def pgd_waveforms(
    gradient: Callable[[np.ndarray, np.ndarray], np.ndarray],
    waveforms: np.ndarray,
    labels: np.ndarray,
    steps_of_sample: int,
    *,
    steps: int = 10,
    seed: int = 0,
) -> np.ndarray:
    """PGD on 16-bit samples.

    Parameters
    ----------
    gradient : callable
        Of `waveform_gradient`.
    waveforms : int16 array (n, samples)
    labels : int array (n,)
    steps_of_sample : int
        Largest change of a sample, of 32,768.
    steps, seed : int

    Returns
    -------
    int16 array (n, samples)
    """
    if steps_of_sample < 1:
        raise ValueError(f"a 16-bit sample changes by 1 or more, not {steps_of_sample}")
    clean = waveforms.astype(np.float32) / FULL_SCALE
    epsilon = steps_of_sample / FULL_SCALE
    rng = np.random.default_rng(seed)
    moved = np.clip(clean + rng.uniform(-epsilon, epsilon, clean.shape), -1, 1)
    for _ in range(steps):
        further = moved + STEP_SHARE * epsilon / steps * np.sign(gradient(moved, labels))
        moved = np.clip(np.clip(further, clean - epsilon, clean + epsilon), -1, 1)
    return np.clip(np.round(moved * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
