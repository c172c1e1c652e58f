"""Signed images: chains of hashes under a tree of hashes, as the boot loader checks them.

A key signs once; a tree holds eight. The public half is the root of the tree, 32 bytes, and says
nothing of the secret half. The principle is that of LM-OTS and LMS (RFC 8554), the format our own.
"""

import hashlib
import struct
from dataclasses import dataclass

__all__ = ["HEIGHT", "SigningKey", "image_overhead", "version_of"]

MAGIC = 0x57464C54  # "TLFW"
HEIGHT = 3
CHAINS, LONGEST = 67, 15
HEADER = struct.Struct("<4I")


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _walk(value: bytes, chain: int, first: int, last: int) -> bytes:
    for step in range(first, last):
        value = _hash(bytes([chain, step]), value)
    return value


def _digits(digest: bytes) -> list[int]:
    """64 digits of four bits, and three of their checksum, so that none can be raised alone."""
    digits = [half for byte in digest for half in (byte >> 4, byte & 15)]
    total = sum(LONGEST - digit for digit in digits)
    return [*digits, total >> 8 & 15, total >> 4 & 15, total & 15]


@dataclass(frozen=True)
class SigningKey:
    """The maker's secret: 32 bytes from which all chains follow.

    Attributes
    ----------
    secret : bytes
        Never on a device.
    """

    secret: bytes

    def __post_init__(self):
        if len(self.secret) != 32:
            raise ValueError(f"a secret has 32 bytes, not {len(self.secret)}")

    @property
    def root(self) -> bytes:
        """The public half, 32 bytes, which the boot loader holds."""
        return self._levels()[-1][0]

    def signed(self, payload: bytes, version: int, key: int) -> bytes:
        """An image that boot loaders with this key's root accept.

        Parameters
        ----------
        payload : bytes
            The firmware: here, a model.
        version : int
            Above 0; a device never goes back to a lower one.
        key : int
            Which of the eight keys to use. One that signs twice gives its secret away, so count.

        Raises
        ------
        ValueError
            A key or a version that there is not.
        """
        if not 0 <= key < 2**HEIGHT:
            raise ValueError(f"there are keys 0 to {2**HEIGHT - 1}, not {key}")
        if not 0 < version < 2**32:
            raise ValueError(f"a version is a number above 0, not {version}")
        header = HEADER.pack(MAGIC, version, len(payload), key)
        digits = _digits(_hash(header, payload))
        chains = [
            _walk(self._start(key, chain), chain, 0, digit) for chain, digit in enumerate(digits)
        ]
        siblings, number = [], key
        for level in self._levels()[:-1]:
            siblings.append(level[number ^ 1])
            number >>= 1
        return b"".join([header, *siblings, *chains, payload])

    def _start(self, key: int, chain: int) -> bytes:
        return _hash(self.secret, bytes([key, chain]))

    def _levels(self) -> list[list[bytes]]:
        """The tree from its leaves to its root."""
        levels = [[self._leaf(key) for key in range(2**HEIGHT)]]
        while len(levels[-1]) > 1:
            below = levels[-1]
            levels.append([_hash(*below[i : i + 2]) for i in range(0, len(below), 2)])
        return levels

    def _leaf(self, key: int) -> bytes:
        ends = [_walk(self._start(key, chain), chain, 0, LONGEST) for chain in range(CHAINS)]
        return _hash(*ends)


def image_overhead() -> int:
    """Bytes of an image beside its payload."""
    return HEADER.size + 32 * (HEIGHT + CHAINS)


def version_of(image: bytes) -> int:
    """The version that an image states, whether or not it may."""
    return HEADER.unpack_from(image)[1]
