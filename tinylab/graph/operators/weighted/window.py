"""Sliding windows: patches of an image for the numpy references, and shapes of what comes out."""

import numpy as np

from tinylab.graph.lowering import Reader
from tinylab.graph.operators.step import Step


def windows(step: Step, x: np.ndarray, size: tuple[int, int], fill=0) -> np.ndarray:
    """Patches of an image.

    Parameters
    ----------
    step : Step
        Whose stride, dilation and padding are used.
    x : ndarray, shape (1, height, width, channels)
    size : tuple of int
        Height and width of the window.
    fill : number
        Stands for what lies outside.

    Returns
    -------
    ndarray, shape (rows, columns, height, width, channels)
    """
    _, rows, columns, _ = step.result().shape
    strides = step.option("stride_h"), step.option("stride_w")
    dilations = step.option("dilation_h_factor", 1), step.option("dilation_w_factor", 1)
    sides = tuple(zip(x.shape[1:3], (rows, columns), size, strides, dilations, strict=True))
    pads, at = [], []
    for extent, count, length, stride, dilation in sides:
        missing = max((count - 1) * stride + (length - 1) * dilation + 1 - extent, 0)
        pads.append((missing // 2, missing - missing // 2))
        at.append(np.arange(count)[:, None] * stride + np.arange(length) * dilation)
    padded = np.pad(x[0], (*pads, (0, 0)), constant_values=fill)
    return padded[at[0][:, None, :, None], at[1][None, :, None, :]]


def slid_shape(reader: Reader, size: tuple[int, int], channels: int) -> tuple[int, ...]:
    """The shape of the output of a window that slides over the operator's first input."""
    height, width, _ = reader.image(reader.tensor(0))
    return 1, reader.slid("h", size[0], height), reader.slid("w", size[1], width), channels
