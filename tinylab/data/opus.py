"""Random access to an Ogg Opus file: any piece of it, without what comes before.

`soundfile` reads such files too, but its copy of the Opus library takes twice as long and looks for
every piece anew. Here the packets of the whole file are found first; a piece is then decoded by a
decoder of its own that starts just before it. Formats: RFC 7845 (file) and RFC 6716 (packets).
"""

import ctypes
from collections.abc import Iterator, Sequence
from ctypes import c_char_p, c_int, c_int32, c_void_p
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import soundfile

from tinylab.data.noise import SAMPLE_RATE

try:
    from opuslib_next.api import libopus
    from opuslib_next.api.multistream_decoder import get_size
except ImportError:  # no wheel for this machine
    libopus = None

__all__ = ["OpusFile"]

_FRAME = SAMPLE_RATE // 50  # every packet that libsndfile writes is one frame of 20 ms
_FRAMES_AT_ONCE = 6  # the longest packet allowed is 120 ms
_PIECES_AT_ONCE = 8


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
        self._path = path
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
        nothing of what was before. After a moment of silence that makes a difference of some -50
        dB.
        """
        return self.read_all([(start, length, lead)])[0]

    def read_all(self, pieces: Sequence[tuple[int, int, int]]) -> list[np.ndarray]:
        """Some pieces (start, length, lead), as `read` gives each.

        Quicker than one by one, and other threads can go on: eight at a time are decoded in one
        call.
        """
        if libopus is None:
            return [
                soundfile.read(self._path, length, start, dtype="int16")[0]
                for start, length, _ in pieces
            ]
        decoded = {}
        by_length = iter(sorted(set(pieces), key=lambda piece: piece[1]))
        while group := list(islice(by_length, _PIECES_AT_ONCE)):
            decoded.update(zip(group, self._decode(group), strict=True))
        return [decoded[piece] for piece in pieces]

    def _decode(self, pieces: list[tuple[int, int, int]]) -> list[np.ndarray]:
        spans = [self._span(*piece) for piece in pieces]
        streams = [self._frames(first, last) for first, last, _ in spans]
        longest = max(len(frames) for frames in streams)
        sounds = np.empty((longest * _FRAME, len(pieces)), np.int16)
        decoder, address = _fresh_decoder(len(pieces)), sounds.ctypes.data
        for packet, frames in _together(streams):
            samples = frames * _FRAME
            if _decode_packet(decoder, packet, len(packet), address, samples, 0) != samples:
                raise ValueError(f"{self._path} is damaged; restore it")
            address += samples * sounds.strides[0]
        return [
            sound[offset : offset + length].copy()
            for sound, (*_, offset), (_, length, _) in zip(sounds.T, spans, pieces, strict=True)
        ]

    def _span(self, start: int, length: int, lead: int) -> tuple[int, int, int]:
        """First frame to decode, the one after the last, and where in these the piece begins."""
        start += self._skip
        first = max(start // _FRAME - lead, 0)
        last = -(-(start + length) // _FRAME)
        if last >= len(self._ends):
            raise ValueError(f"{self._path} ends too early; restore it")
        return first, last, start - first * _FRAME

    def _frames(self, first: int, last: int) -> list[bytes]:
        bounds = self._ends[first : last + 1]
        return [self._body[a:b] for a, b in pairwise(bounds)]


def _packets(file: bytes) -> tuple[bytes, np.ndarray]:
    """The packets of all pages, one after another, and where each ends.

    Raises `IndexError` where a page ends after the file.
    """
    bodies, lacings, position = [], [], 0
    while position < len(file):
        segments = file[position + 27 : position + 27 + file[position + 26]]
        body = position + 27 + len(segments)
        position = body + sum(segments)
        bodies.append(file[body:position])
        lacings.append(segments)
    if position > len(file):
        raise IndexError(position)
    lacing = np.frombuffer(b"".join(lacings), np.uint8)
    return b"".join(bodies), np.cumsum(lacing, dtype=np.int64)[lacing < 255]


if libopus is not None:
    # Not the binding's own function, which turns each sample into a Python number.
    _decode_packet = ctypes.CFUNCTYPE(c_int, c_void_p, c_char_p, c_int32, c_void_p, c_int, c_int)(
        ("opus_multistream_decode", libopus)
    )


def _fresh_decoder(streams: int) -> ctypes.Array:
    """A decoder of so many channels that has heard nothing."""
    state = _unused_state(streams)
    return ctypes.create_string_buffer(state, len(state))


@lru_cache(maxsize=_PIECES_AT_ONCE)
def _unused_state(streams: int) -> bytes:
    """What such a decoder's memory holds at first.

    A decoder is one piece of memory that may be copied (opus_multistream.h), which takes much less
    time than to make one.
    """
    memory = ctypes.create_string_buffer(get_size(streams, 0))
    channels = bytes(range(streams))
    if libopus.opus_multistream_decoder_init(memory, SAMPLE_RATE, streams, streams, 0, channels):
        raise RuntimeError(f"libopus cannot decode {streams} streams at once")
    return memory.raw


def _together(streams: list[list[bytes]]) -> Iterator[tuple[bytes, int]]:
    """Packets that hold all streams side by side, and how many frames of each.

    As in surround sound (RFC 7845, 3): one packet of each stream, all but the last one delimited.
    Frames can share a packet if they share the first byte, which names mode and bandwidth. A stream
    that has ended goes on with lost frames.
    """
    position, longest = 0, max(len(frames) for frames in streams)
    while position < longest:
        count = min(_FRAMES_AT_ONCE, longest - position)
        groups = [frames[position : position + count] for frames in streams]
        if any(frame[0] != group[0][0] for group in groups for frame in group):
            count, groups = 1, [group[:1] for group in groups]
        kinds = [
            (group or frames[-1:])[0][0] for group, frames in zip(groups, streams, strict=True)
        ]
        contents = [[f[1:] for f in group] + [b""] * (count - len(group)) for group in groups]
        packets = [_packet(*stream, delimited=True) for stream in zip(kinds, contents, strict=True)]
        packets[-1] = _packet(kinds[-1], contents[-1], delimited=False)
        yield b"".join(packets), count
        position += count


def _packet(kind: int, frames: list[bytes], *, delimited: bool) -> bytes:
    """Frames without their first byte in one packet, its length given or not (RFC 6716, 3.2.5)."""
    sizes = [_size(len(frame)) for frame in (frames if delimited else frames[:-1])]
    return b"".join([bytes((kind | 3, 0x80 | len(frames))), *sizes, *frames])


def _size(count: int) -> bytes:
    """A frame's length as packets state it (RFC 6716, 3.2.1)."""
    if count < 252:
        return bytes((count,))
    first = 252 + count % 4
    return bytes((first, (count - first) // 4))
