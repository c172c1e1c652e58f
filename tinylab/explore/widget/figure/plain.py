"""A Plotly figure as plain data for the browser: numbers without NaN, arrays as binary buffers."""

from datetime import date
from math import isfinite
from typing import Any

import numpy as np
import plotly.graph_objects as go

__all__ = ["plain_figure"]

# What the browser has arrays for; 64-bit integers, which it cannot draw, become int32 or float64.
BINARY = {"float64", "float32", "int32", "int16", "int8", "uint32", "uint16", "uint8"}
# Below this many numbers the JSON text is shorter than a buffer with its header.
SMALLEST_BUFFER = 16


def plain_figure(figure: go.Figure) -> dict:
    """Traces and layout of `figure` as dicts, lists, numbers, strings and buffers.

    Returns
    -------
    dict
        "data" and "layout"; an array in it is ``{"dtype", "shape", "bytes"}``. What is not finite
        is None: JSON knows no NaN, and Plotly leaves a gap for None.
    """
    return {
        "data": [plain(trace.to_plotly_json()) for trace in figure.data],
        "layout": plain(figure.layout.to_plotly_json()),
    }


def plain(value: Any) -> Any:
    """One value of a figure, as the browser can take it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value.isoformat() if isinstance(value, date) else value


def _array(array: np.ndarray) -> Any:
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8:
        # Not by np.abs: the smallest int64 is its own absolute value.
        limits = np.iinfo(np.int32)
        fits = array.size and limits.min <= array.min() and array.max() <= limits.max
        array = array.astype(np.int32 if fits else np.float64)
    if array.dtype == np.float16:
        array = array.astype(np.float32)
    whole = array.dtype.kind != "f" or bool(np.isfinite(array).all())
    if array.dtype.name in BINARY and whole and array.size >= SMALLEST_BUFFER and array.ndim < 3:
        data = np.ascontiguousarray(array)
        return {"dtype": data.dtype.name, "shape": list(data.shape), "bytes": data.tobytes()}
    return plain(array.tolist())
