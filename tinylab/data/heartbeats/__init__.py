"""Heartbeats: patients in, recordings with labelled beats out, and windows of what a device sees.

`load` gives the built-in patients, new ones made from a seed, or those of the MIT-BIH Arrhythmia
Database; `beat_inputs` cuts them into the inputs of a network.
"""

from tinylab.data.heartbeats.inputs import Beats, beat_inputs, for_network
from tinylab.data.heartbeats.library import HIDDEN_SEED, load
from tinylab.data.heartbeats.recording import CLASSES, SAMPLE_RATE, Recording

__all__ = [
    "CLASSES",
    "HIDDEN_SEED",
    "SAMPLE_RATE",
    "Beats",
    "Recording",
    "beat_inputs",
    "for_network",
    "load",
]
