"""Random access to an Ogg Opus file: any piece of it, without what comes before.

`soundfile` reads such files too, but its copy of the Opus library takes twice as long and looks for
every piece anew. Here the packets of the whole file are found first; a piece is then decoded by a
decoder of its own that starts just before it. Formats: RFC 7845 (file) and RFC 6716 (packets).
"""

import ctypes
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile

from tinylab.data.noise import SAMPLE_RATE

try:
    from opuslib_next import Decoder
    from opuslib_next.api import c_float_pointer
    from opuslib_next.api.decoder import libopus_decode_float
except ImportError:  # no wheel for this machine
    Decoder = None

__all__ = ["OpusFile"]

_FRAME = SAMPLE_RATE // 50  # every packet that libsndfile writes is one frame of 20 ms
_FRAMES_AT_ONCE = 6  # the longest packet allowed is 120 ms
_FULL_SCALE = 32767  # as libsndfile makes integers of Opus's floats


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
        sound = self._decode(first, last)[offset : offset + length]
        return np.rint(sound * _FULL_SCALE).clip(-32768, 32767).astype(np.int16)

    def _decode(self, first: int, last: int) -> np.ndarray:
        """Frames `first` to `last`, without the last one, as float32."""
        sound, done = np.empty((last - first) * _FRAME, np.float32), 0
        decoder = self._fresh_decoder()
        for packet in _joined(self._frames(first, last)):
            place = ctypes.cast(sound.ctypes.data + 4 * done, c_float_pointer)
            room = len(sound) - done
            # Not the binding's own function, which turns each sample into a Python number.
            count = libopus_decode_float(decoder.decoder_state, packet, len(packet), place, room, 0)
            if count < 0:
                raise ValueError(f"{self._path} is damaged; restore it")
            done += count
        if done < len(sound):
            raise ValueError(f"{self._path} has packets that are not 20 ms; restore it")
        return sound

    def _fresh_decoder(self) -> "Decoder":
        """The thread's decoder, which has forgotten what it heard: quicker than making one."""
        if not hasattr(self._own, "decoder"):
            self._own.decoder = Decoder(SAMPLE_RATE, 1)
        self._own.decoder.reset_state()
        return self._own.decoder

    def _frames(self, first: int, last: int) -> list[bytes]:
        bounds = self._ends[first : last + 1]
        return [self._body[a:b] for a, b in pairwise(bounds)]


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


def _joined(frames: list[bytes]) -> Iterator[bytes]:
    """The same frames in few packets (RFC 6716, 3.2.5): each call of the library costs a little.

    Frames can share a packet if they share the first byte, which names mode and bandwidth.
    """
    place = 0
    while place < len(frames):
        kind = frames[place][0]
        group = frames[place : place + _FRAMES_AT_ONCE]
        same = next((i for i, frame in enumerate(group) if frame[0] != kind), len(group))
        group = [frame[1:] for frame in group[:same]]
        sizes = b"".join(_size(len(frame)) for frame in group[:-1])
        yield bytes((kind | 3, 0x80 | len(group))) + sizes + b"".join(group)
        place += same


def _size(count: int) -> bytes:
    """A frame's length as packets state it (RFC 6716, 3.2.1)."""
    if count < 252:
        return bytes((count,))
    first = 252 + count % 4
    return bytes((first, (count - first) // 4))
