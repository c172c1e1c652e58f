"""Pictures as they are kept, uint8, into what a network takes, float32 in 0..1."""

import numpy as np

__all__ = ["inputs"]


def inputs(pictures: np.ndarray) -> np.ndarray:
    """Pictures as a network takes them: uint8 becomes float32 in 0..1, others plain float32."""
    pictures = np.asarray(pictures)
    values = pictures.astype(np.float32)
    if pictures.dtype == np.uint8:
        values /= 255  # in the copy: a second one would double the memory
    return values
