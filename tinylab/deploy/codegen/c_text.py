"""C source text from Python values."""

import re
from collections.abc import Mapping

import numpy as np

C_TYPES = {
    name: f"{name}_t" for name in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64")
}
C_TYPES["float32"] = "float"


def identifier(name: str) -> str:
    """`name` as a lower-case C identifier.

    >>> identifier("KWS ref-model.v2")
    'kws_ref_model_v2'
    """
    cleaned = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower() or "model"
    return f"model_{cleaned}" if cleaned[0].isdigit() else cleaned


def initializer(value) -> str:
    """A value as a C initializer: numbers, symbols, and mappings as structures.

    >>> initializer({"shape": (49, 10, 1), "weights": "weights_0", "exact": None})
    '{.shape = {49, 10, 1}, .weights = weights_0, .exact = 0}'
    """
    if value is None:
        return "0"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f".{k} = {initializer(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        return "{" + ", ".join(map(initializer, value)) + "}"
    if isinstance(value, float):
        return _number(value)
    return str(value)


def array_definition(name: str, values: np.ndarray, *, c_type: str | None = None) -> str:
    """A constant array; two-dimensional values become an array of structures."""
    c_type = c_type or C_TYPES[values.dtype.name]
    if values.ndim == 2:
        rows = ["{" + ", ".join(map(str, row)) + "}" for row in values.tolist()]
        lines = [", ".join(rows[i : i + 2]) for i in range(0, len(rows), 2)]
    else:
        numbers = [_number(value) for value in values.ravel().tolist()]
        lines = [", ".join(numbers[i : i + 20]) for i in range(0, len(numbers), 20)]
    body = ",\n    ".join(lines)
    return f"static const {c_type} {name}[{len(values)}] = {{\n    {body},\n}};\n"


def _number(value: float) -> str:
    return f"{float(np.float32(value)).hex()}f" if isinstance(value, float) else str(value)


def comment(text: str) -> str:
    """Text that cannot end a C comment early, whatever a model file calls its tensors."""
    printable = re.sub(r"[^\x20-\x7e]", "?", text)
    return printable.replace("*/", "* /").replace("/*", "/ *")
