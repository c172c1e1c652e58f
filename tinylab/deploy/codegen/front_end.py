"""The tables of the C front end, which turns sound into the model's input.

In: the settings of the front end and the model's input. Out: a call of `nn_mfcc`, to be made before
all operators. The arithmetic is in `kernels/front_end/`; `tinylab.signal.mfcc` is what it must
equal.
"""

import numpy as np

from tinylab.deploy.codegen.port import Port
from tinylab.graph.lowering import Call, Constant
from tinylab.signal.mfcc import MfccConfig, dct_matrix, mel_matrix

INDEX = -1
"""Stands for the operator's index, which the front end has none of."""

_MAX_FFT, _MAX_MELS = 512, 128  # NN_MFCC_MAX_FFT and NN_MFCC_MAX_MELS in mfcc.h


def front_end_call(config: MfccConfig, features: Port) -> tuple[Call, Port]:
    """The call, and the program's new input: samples.

    Raises
    ------
    ValueError
        The front end does not make what the model takes, or its tables would not fit.
    """
    frames = features.elements // config.coefficients
    if features.dtype != "int8" or frames * config.coefficients != features.elements:
        raise ValueError(
            f"the model's input, {features.shape} {features.dtype}, cannot hold frames of "
            f"{config.coefficients} int8 coefficients"
        )
    length = config.fft_length
    if length & (length - 1) or not 8 <= length <= _MAX_FFT or config.mel_bins > _MAX_MELS:
        raise ValueError(
            f"fft_length must be a power of two up to {_MAX_FFT} and mel_bins at most {_MAX_MELS}"
        )
    samples = _samples(config, frames)
    constants, settings = _tables(config, features)
    parameters = {
        "samples": samples,
        "frame_length": config.frame_length,
        "frame_step": config.frame_step,
        "fft_length": length,
        "frames": frames,
        "mel_bins": config.mel_bins,
        "coefficients": config.coefficients,
        **settings,
        **{constant.name.removeprefix("mfcc_"): constant.symbol for constant in constants},
        "zero_point": features.zero_point,
    }
    call = Call(
        function="nn_mfcc",
        kernel="front_end/mfcc.c",
        structure="nn_front_end",
        parameters=parameters,
        inputs=(),
        output=features.tensor,
        constants=constants,
    )
    return call, Port(-1, (1, samples), "int16", 1.0, 0)


def _samples(config: MfccConfig, frames: int) -> int:
    """Whole seconds if they make the same frames, so that the peak is that of the whole clip."""
    least = (frames - 1) * config.frame_step + config.frame_length
    seconds = -(-least // config.sample_rate_Hz) * config.sample_rate_Hz
    return seconds if config.frame_count(seconds) == frames else least


def _tables(config: MfccConfig, features: Port) -> tuple[tuple[Constant, ...], dict]:
    filters = np.asarray(mel_matrix(config), np.float64)
    starts, sizes, weights = _sparse(filters)
    angles = 2 * np.pi * np.arange(config.fft_length // 2) / config.fft_length
    twiddles = np.stack([np.cos(angles), -np.sin(angles)], axis=1).ravel()
    to_stored = np.log(2) / features.scale
    transform = np.asarray(dct_matrix(config), np.float64).T * to_stored
    tables = {
        "window": _fixed(_hann(config.frame_length), 31, np.int32),
        "twiddles": _fixed(twiddles, 31, np.int32),
        "filter_start": starts,
        "filter_size": sizes,
        "filters": _fixed(weights, 16, np.uint16),
        "log2_table": _fixed(np.log2(1 + np.arange(129) / 128), 16, np.int32),
        "transform": _fixed(transform.ravel(), 20, np.int32),
    }
    constants = tuple(Constant(f"mfcc_{name}", values) for name, values in tables.items())
    settings = {
        "last_bin": min(int((starts + sizes).max()) - 1, config.fft_length // 2 - 1),
        "log_offset": round(config.log_offset * 2**40),
    }
    return constants, settings


def _hann(length: int) -> np.ndarray:
    """In double precision: `periodic_hann` has fewer bits than the table."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)


def _sparse(filters: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First bin and number of bins of each filter, and all weights in a row."""
    starts, sizes, weights = [], [], []
    for column in filters[:-1].T:
        heard = np.flatnonzero(column)
        start, end = (heard[0], heard[-1] + 1) if heard.size else (1, 1)
        starts.append(start)
        sizes.append(end - start)
        weights.append(column[start:end])
    return np.array(starts, np.int16), np.array(sizes, np.int16), np.concatenate(weights)


def _fixed(values: np.ndarray, bits: int, dtype) -> np.ndarray:
    limits = np.iinfo(dtype)
    scaled = np.rint(np.asarray(values, np.float64) * 2.0**bits)
    return np.clip(scaled, limits.min, limits.max).astype(dtype)
