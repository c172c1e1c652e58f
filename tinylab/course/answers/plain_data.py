"""Plain values as bytes and back: what an answer takes and returns, in a check and in grading.

A check cell judges what came through here, and a grader's sandbox sends it through here, so that
both see the same. It uses nothing but numpy and the standard library, because a sandbox loads it by
itself. A value is None, bool, int, float, str, list, tuple, dict, a numpy array or a numpy scalar;
named tuples, masked arrays and the like become these, extended precision becomes float64, and a
student's own types are refused. It is written as JSON of tagged lists, never as an object, never
pickled; `decode` trusts nothing and raises `NotPlain` for whatever is not exactly the format.

    ["n"]  ["b", true]  ["i", "-12"]  ["f", "0x1.8p+1"]  ["s", "text"]
    ["l", [values]]  ["t", [values]]  ["d", [[key, value], ...]]
    ["a", "<f4", [2, 3], "base64"]  ["g", "<f4", "base64"]
"""

import base64
import binascii
import json
import math
import re

import numpy as np

__all__ = ["LIMIT_BYTES", "NotPlain", "decode", "encode"]

LIMIT_BYTES = 2_000_000
DEPTH = 16  # nesting that plain data of an exercise never reaches
VALUES = 200_000
DIGITS = 1_000
KNOWN = ("numpy", "collections")  # whose types hold what the types they are made of hold
PLAIN = (bool, int, float, str, list, tuple, dict, np.ndarray, type(None))
DTYPE = re.compile(r"\|b1|\|[iu]1|<[iu][248]|<f[248]|<c(8|16)|<U[1-9][0-9]{0,3}")


class NotPlain(ValueError):
    """Why a value cannot cross, in a sentence a learner can act on."""


def encode(value, limit: int) -> bytes:
    """The value as bytes.

    Parameters
    ----------
    value : plain data
        As said above; objects that numpy can read (a pandas Series, a tensor) become arrays.
    limit : int
        The most bytes there may be.

    Raises
    ------
    NotPlain
        For any other type, for too much nesting, and beyond the limit.
    """
    written = json.dumps(_Writer(limit).write(value, 0), separators=(",", ":")).encode()
    if len(written) > limit:
        raise NotPlain(f"the result is larger than {limit} bytes.")
    return written


class _Writer:
    """Turns values into tagged lists, counting what it writes."""

    def __init__(self, limit: int):
        self.left, self.limit = limit, limit

    def write(self, value, depth: int) -> list:
        self._spend(4)
        if depth > DEPTH:
            raise NotPlain(f"the result is nested more than {DEPTH} deep.")
        if value is None:
            return ["n"]
        value = _of_plain_type(value)
        kind = type(value)
        if kind is bool:
            return ["b", value]
        if kind is int:
            return ["i", _digits(value)]
        if kind is float:
            return ["f", value.hex()]
        if kind is str:
            return ["s", self._text(value)]
        if kind in (list, tuple):
            return ["l" if kind is list else "t", [self.write(v, depth + 1) for v in value]]
        if kind is dict:
            pairs = [[self.write(v, depth + 1) for v in pair] for pair in value.items()]
            return ["d", pairs]
        return self._array(value, kind)

    def _array(self, value, kind) -> list:
        if kind is not np.ndarray and kind not in np.sctypeDict.values():
            if not hasattr(kind, "__array__"):
                raise NotPlain(
                    f"objects of type {kind.__name__} cannot be graded; return numbers, text, "
                    "lists, tuples, dicts or numpy arrays."
                )
            value = np.asarray(value)
            kind = np.ndarray
        array = np.asarray(value)
        self._spend(array.nbytes * 4 // 3)
        wide = {"f": "<f8", "c": "<c16"}.get(array.dtype.kind)
        if wide and array.dtype.itemsize > np.dtype(wide).itemsize:
            array = array.astype(wide)  # extended precision has another size on every machine
        # ascontiguousarray makes an array of no dimension one of one; reshape undoes that.
        little = array.dtype.newbyteorder("<")
        array = np.ascontiguousarray(array, dtype=little).reshape(array.shape)
        if not DTYPE.fullmatch(array.dtype.str):
            raise NotPlain(f"an array of type {array.dtype} cannot be graded; use numbers.")
        data = base64.b64encode(array.tobytes()).decode()
        if kind is np.ndarray:
            return ["a", array.dtype.str, list(array.shape), data]
        return ["g", array.dtype.str, data]

    def _text(self, value: str) -> str:
        self._spend(len(value))
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NotPlain("the text holds half a surrogate pair.") from None
        return value

    def _spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise NotPlain(f"the result is larger than {self.limit} bytes.")


def _of_plain_type(value):
    """The value as the built-in type that its own type is made of, by that type's own methods."""
    kind = type(value)
    if kind in PLAIN or isinstance(value, np.generic):
        return value
    known = kind.__module__.partition(".")[0] in KNOWN or hasattr(kind, "_fields")
    if not known and isinstance(value, (*PLAIN[:-1], complex)):
        raise NotPlain(f"{kind.__name__} is a type of its own; return plain data.")
    if isinstance(value, np.ndarray):
        return np.ndarray.view(value, np.ndarray)
    if isinstance(value, (int, float)):
        return int.__pos__(value) if isinstance(value, int) else float.__pos__(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (list, tuple)):
        base = list if isinstance(value, list) else tuple
        return base(base.__iter__(value))
    if isinstance(value, dict):
        return dict(dict.items(value))
    return value


def _digits(value: int) -> str:
    if value.bit_length() > DIGITS * 3.3:
        raise NotPlain(f"an integer has more than {DIGITS} digits.")
    return str(value)


def decode(data: bytes, limit: int):
    """The value that `encode` wrote; a NotPlain for anything else."""
    if len(data) > limit:
        raise NotPlain(f"the result is larger than {limit} bytes.")
    try:
        tagged = json.loads(data, object_pairs_hook=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotPlain("the reply is not in the format of a result.") from None
    return _Reader().read(tagged, 0)


def _refuse(_):
    raise ValueError("not part of the format")


class _Reader:
    """Turns tagged lists into values; every tag has one shape and all else is refused."""

    def __init__(self):
        self.left = VALUES
        self.readers = {
            "n": self._none,
            "b": self._bool,
            "i": self._int,
            "f": self._float,
            "s": self._str,
            "l": self._list,
            "t": self._tuple,
            "d": self._dict,
            "a": self._array,
            "g": self._scalar,
        }

    def read(self, tagged, depth: int):
        self.left -= 1
        _require(self.left >= 0 and depth <= DEPTH)
        _require(type(tagged) is list and tagged and type(tagged[0]) is str)
        _require(tagged[0] in self.readers)
        return self.readers[tagged[0]](depth, *_exactly(tagged))

    def _none(self, depth):
        return None

    def _bool(self, depth, value):
        _require(type(value) is bool)
        return value

    def _int(self, depth, text):
        _require(type(text) is str and len(text) <= DIGITS + 2)
        _require(re.fullmatch(r"-?[0-9]+", text) is not None)
        return int(text)

    def _float(self, depth, text):
        _require(type(text) is str and len(text) <= 32)
        _require(re.fullmatch(r"nan|-?inf|-?0x[01]\.[0-9a-f]+p[+-][0-9]+", text) is not None)
        try:
            return float.fromhex(text)
        except (ValueError, OverflowError):
            raise NotPlain("the reply holds a number that is none.") from None

    def _str(self, depth, text):
        _require(type(text) is str)
        return text

    def _list(self, depth, values):
        _require(type(values) is list)
        return [self.read(value, depth + 1) for value in values]

    def _tuple(self, depth, values):
        return tuple(self._list(depth, values))

    def _dict(self, depth, pairs):
        _require(type(pairs) is list)
        entries = {}
        for pair in pairs:
            _require(type(pair) is list and len(pair) == 2)
            key, value = self._list(depth, pair)
            _require(type(key) in (str, int, float, bool, type(None)) and key not in entries)
            entries[key] = value
        return entries

    def _array(self, depth, dtype, shape, data):
        _require(type(shape) is list and len(shape) <= 8)
        _require(all(type(n) is int and 0 <= n <= 10**9 for n in shape))
        flat = _flat(dtype, data)
        _require(flat.size == math.prod(shape))
        return flat.reshape(shape)

    def _scalar(self, depth, dtype, data):
        flat = _flat(dtype, data)
        _require(flat.size == 1)
        return flat[0]


def _exactly(tagged: list) -> list:
    """What follows the tag, if it is as many as the tag needs."""
    wanted = {"n": 0, "a": 3, "g": 2}.get(tagged[0], 1)
    _require(len(tagged) == wanted + 1)
    return tagged[1:]


def _flat(dtype, data) -> np.ndarray:
    """Raw bytes as a writable array of one dimension."""
    _require(type(dtype) is str and DTYPE.fullmatch(dtype) is not None and type(data) is str)
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise NotPlain("the reply holds an array that is none.") from None
    kind = np.dtype(dtype)
    _require(len(raw) % kind.itemsize == 0)
    if kind.kind == "b":
        _require(set(raw) <= {0, 1})
    if kind.kind == "U":
        points = np.frombuffer(raw, "<u4")
        _require(bool(np.all((points < 0x110000) & ((points < 0xD800) | (points > 0xDFFF)))))
    return np.frombuffer(raw, kind).copy()


def _require(condition: bool) -> None:
    if not condition:
        raise NotPlain("the reply is not in the format of a result.")
