"""Random access to an Ogg Opus file: any piece of it, without what comes before.

`soundfile` reads such files too, but its copy of the Opus library takes twice as long and looks for
every piece anew. Here the packets of the whole file are found first; a piece is then decoded by a
decoder of its own that starts just before it. Formats: RFC 7845 (file) and RFC 6716 (packets).
"""

import ctypes
import threading
from collections.abc import Iterator
from ctypes import c_int16
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile

from tinylab.data.noise import SAMPLE_RATE

try:
    from opuslib_next import Decoder
    from opuslib_next.api.decoder import libopus_decode, libopus_get_size
except ImportError:  # no wheel for this machine
    Decoder = None

__all__ = ["OpusFile"]

_FRAME = SAMPLE_RATE // 50  # every packet that libsndfile writes is one frame of 20 ms
_FRAMES_AT_ONCE = 6  # the longest packet allowed is 120 ms


class OpusFile:
    """A file of one channel at 16 kHz, as libsndfile writes it.

    Parameters
    ----------
    path : Path
        The file; it is read at once and held in memory, still encoded.

    Raises
    ------
    ValueError
        If it is no such file.
    """

    def __init__(self, path: Path):
        self._path, self._own = path, threading.local()
        try:
            self._body, ends = _packets(path.read_bytes())
        except IndexError:
            raise ValueError(f"{path} is cut short or no Ogg file; restore it") from None
        head = self._body[: ends[0]] if len(ends) > 1 else b""
        if head[:8] != b"OpusHead" or head[9] != 1:
            raise ValueError(f"{path} is not an Opus file of one channel; restore it")
        self._skip = int.from_bytes(head[10:12], "little") * SAMPLE_RATE // 48000
        self._ends = ends[1:].tolist()  # of the tags, then of each frame

    def read(self, start: int, length: int, lead: int = 1) -> np.ndarray:
        """`length` samples from `start` on, shape (length,) int16.

        The decoder starts `lead` packets of 20 ms before the one with the first sample, and knows
        nothing of what was before. After a moment of silence that makes a difference of some -50 dB.
        """
        if Decoder is None:
            return soundfile.read(self._path, length, start, dtype="int16")[0]
        start += self._skip
        first = max(start // _FRAME - lead, 0)
        last = -(-(start + length) // _FRAME)
        if last >= len(self._ends):
            raise ValueError(f"{self._path} ends too early; restore it")
        offset = start - first * _FRAME
        return self._decode(first, last)[offset : offset + length]

    def _decode(self, first: int, last: int) -> np.ndarray:
        """Frames `first` to `last`, without the last one, as int16."""
        sound = np.empty((last - first) * _FRAME, np.int16)
        state, place = self._fresh_state(), sound.ctypes.data
        for packet, frames in _joined(self._body, self._ends[first : last + 1]):
            room, samples = c_int16.from_address(place), frames * _FRAME
            # Not the binding's own function, which turns each sample into a Python number.
            if libopus_decode(state, packet, len(packet), room, samples, 0) != samples:
                raise ValueError(f"{self._path} is damaged; restore it")
            place += sound.itemsize * samples
        return sound

    def _fresh_state(self) -> "ctypes.pointer":
        """The state of the thread's decoder, which has forgotten what it heard.

        It is one piece of memory that may be copied (opus.h), which takes less time than the
        library's own reset.
        """
        own = self._own
        if not hasattr(own, "decoder"):
            own.decoder = Decoder(SAMPLE_RATE, 1)
            address = ctypes.addressof(own.decoder.decoder_state.contents)
            own.memory = (ctypes.c_char * libopus_get_size(1)).from_address(address)
            own.unused = own.memory.raw
        own.memory.raw = own.unused
        return own.decoder.decoder_state


def _packets(file: bytes) -> tuple[bytes, np.ndarray]:
    """The packets of all pages, one after another, and where each ends.

    Raises `IndexError` where a page ends after the file.
    """
    bodies, lacings, place = [], [], 0
    while place < len(file):
        segments = file[place + 27 : place + 27 + file[place + 26]]
        body = place + 27 + len(segments)
        place = body + sum(segments)
        bodies.append(file[body:place])
        lacings.append(segments)
    if place > len(file):
        raise IndexError(place)
    lacing = np.frombuffer(b"".join(lacings), np.uint8)
    return b"".join(bodies), np.cumsum(lacing, dtype=np.int64)[lacing < 255]


def _joined(body: bytes, ends: list[int]) -> Iterator[tuple[bytes, int]]:
    """The frames between `ends` in few packets (RFC 6716, 3.2.5), and how many frames in each.

    Each call of the library costs a little. Frames can share a packet if they share the first byte,
    which names mode and bandwidth.
    """
    frames = [body[begin:end] for begin, end in pairwise(ends)]
    place = 0
    while place < len(frames):
        kind = frames[place][0]
        group = frames[place : place + _FRAMES_AT_ONCE]
        same = next((i for i, frame in enumerate(group) if frame[0] != kind), len(group))
        group = [frame[1:] for frame in group[:same]]
        sizes = [_size(len(frame)) for frame in group[:-1]]
        yield b"".join([bytes((kind | 3, 0x80 | same)), *sizes, *group]), same
        place += same


def _size(count: int) -> bytes:
    """A frame's length as packets state it (RFC 6716, 3.2.1)."""
    if count < 252:
        return bytes((count,))
    first = 252 + count % 4
    return bytes((first, (count - first) // 4))
