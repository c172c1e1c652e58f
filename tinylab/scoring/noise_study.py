"""How much noise a keyword model tolerates: its accuracy at several signal-to-noise ratios."""

from dataclasses import dataclass

import numpy as np

from tinylab.scoring import classification
from tinylab.signal.mfcc import mfcc

__all__ = ["NoiseResults", "add_white_noise", "measure_noise"]

SNR_DB = (-10, -5, 0, 5, 10, 15, 20, 25, 30)


@dataclass(frozen=True)
class NoiseResults:
    """What `measure_noise` measured.

    Attributes
    ----------
    snr_dB : tuple of int
        Signal-to-noise ratios, rising.
    accuracy : float64 array (levels,)
    clips : int
        Clips answered at each level.
    example_label : str
        The word of the example clip.
    example_scores : float32 array (levels, classes)
        The model's scores for the example clip.
    labels : tuple of str
        Names of the classes.
    """

    snr_dB: tuple[int, ...]
    accuracy: np.ndarray
    clips: int
    example_label: str
    example_scores: np.ndarray
    labels: tuple[str, ...]


def add_white_noise(waveforms, snr_dB: float, rng: np.random.Generator) -> np.ndarray:
    """Mix Gaussian noise into waveforms (clips, samples), so that power ratios are `snr_dB`.

    Returns
    -------
    float32 array (clips, samples), in the units of the waveforms
    """
    waveforms = np.asarray(waveforms, dtype=np.float32)
    power = np.mean(waveforms**2, axis=-1, keepdims=True)
    deviation = np.sqrt(power * 10 ** (-snr_dB / 10))
    noise = rng.standard_normal(waveforms.shape, dtype=np.float32)
    return waveforms + deviation.astype(np.float32) * noise


def measure_noise(
    model, waveforms, answers, labels, *, example: int = 0, snr_dB=SNR_DB, seed: int = 0
) -> NoiseResults:
    """Measure a keyword model's accuracy at each signal-to-noise ratio.

    Parameters
    ----------
    model : object with `predict(features, verbose=0) -> scores`
        Takes features of shape (clips, 49, 10, 1).
    waveforms : int16 array (clips, 16000)
    answers : int array (clips,)
        The right class of each clip, an index into `labels`.
    labels : sequence of str
    example : int
        The clip whose scores are kept.
    snr_dB : sequence of int
        Levels, in rising order.
    seed : int
        Seed of the noise.
    """
    answers = np.asarray(answers)
    rng = np.random.default_rng(seed)
    noisy = [add_white_noise(waveforms, level, rng) for level in snr_dB]
    features = np.concatenate([mfcc(batch) for batch in noisy])[..., np.newaxis]
    scores = np.asarray(model.predict(features, verbose=0)).reshape(
        len(snr_dB), len(answers), len(labels)
    )
    return NoiseResults(
        snr_dB=tuple(snr_dB),
        accuracy=np.array([classification.accuracy(answers, level) for level in scores]),
        clips=len(answers),
        example_label=labels[answers[example]],
        example_scores=scores[:, example],
        labels=tuple(labels),
    )
