"""Bytes to notebooks: what is accepted, what is refused, and that nothing else can happen."""

import json
import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinylab.grading.intake.handin import Refused
from tinylab.grading.intake.parse import CELL_TYPES, parse_notebook
from tinylab.grading.one.assemble import assemble
from tinylab.grading.rules.assignment import identify


def dump(notebook) -> bytes:
    return json.dumps(notebook).encode()


def cell(source="x = 1", **more) -> dict:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], **more}


def notebook(*cells, **more) -> dict:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}


@pytest.mark.parametrize(
    ("data", "flags"),
    [
        (dump(notebook(cell())), ()),
        (b"\xef\xbb\xbf" + dump(notebook(cell())), ()),
        (json.dumps(notebook(cell())).encode("utf-16"), ("encoding",)),
        (json.dumps(notebook(cell("é")), ensure_ascii=False).encode("latin-1"), ("encoding",)),
        (dump(notebook(cell())) + b"\0\0\0", ("trailing_nul",)),
        (dump(notebook(cell(["x = 1\n", "y = 2"]))), ()),
        (dump(notebook(cell(execution_count=float("nan")))), ()),
        (dump(notebook(cell(None))), ("repaired",)),
        (dump(notebook(cell(7))), ("repaired",)),
        (dump(notebook(cell(metadata=None))), ("repaired",)),
        (dump(notebook(cell(cell_type="heading"))), ("repaired",)),
        (dump(notebook(cell(outputs=None))), ()),
        (dump(notebook("no cell")), ("repaired",)),
        (dump({"cells": [cell()]}), ("repaired",)),
        (dump(notebook(cell("x\u202e = 1"))), ("hidden_characters",)),
        (dump(notebook(cell("x = '\x1b[0m'"))), ("hidden_characters",)),
        (dump(notebook(cell("x" * 200_001))), ("long_cell",)),
        (dump(notebook(cell(n=10**30))), ()),
        (
            dump({"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": "x"}]}]}),
            ("old_format", "repaired"),
        ),
    ],
)
def test_accepted(data, flags, config):
    parsed, found = parse_notebook(data, config.intake)
    assert found == flags
    assert len(parsed["cells"]) == 1


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        (b"", "unreadable", "empty"),
        (b" \n\0", "unreadable", "empty"),
        (dump(notebook(cell()))[:-9], "unreadable", "no complete notebook"),
        (b"[]", "unreadable", "no notebook"),
        (b"3", "unreadable", "no notebook"),
        (b'"x"', "unreadable", "no notebook"),
        (b"<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n", "unreadable", "merge"),
        (dump(notebook(cell())).replace(b"x", b"\0"), "unreadable", "NUL"),
        (dump({"nbformat": 5, "cells": []}), "unreadable", "newer format"),
        (dump({"nbformat": 99, "cells": []}), "unreadable", "newer format"),
        (dump({"nbformat": 4, "cells": {}}), "unreadable", "no list of cells"),
        (b'{"nbformat": 4, "cells": [], "cells": []}', "unreadable", "repeated key"),
        (b"[" * 200_000 + b"]" * 200_000, "unreadable", "nested"),
        (b"[" * 200_000, "unreadable", "nested"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "unreadable", "nested"),
        (b"[" + b"[]," * 1_000_001 + b"1]", "limit", "far more lists"),
        (dump(notebook(*[cell()] * 1_001)), "limit", "1,000 cells"),
        (b"\xff\xfe\x00", "unreadable", "decoded"),
    ],
)
def test_refused(data, status, sentence, config):
    with pytest.raises(Refused, match=sentence) as refused:
        parse_notebook(data, config.intake)
    assert refused.value.status == status


def test_brackets_in_strings_do_not_count(config):
    text = "[" * 5_000 + '"\\' + "{" * 5_000
    parsed, _ = parse_notebook(dump(notebook(cell(text))), config.intake)
    assert parsed["cells"][0]["source"] == text


def test_strings_that_would_make_a_scanner_start_over_and_over(config):
    for data in (b'{"a": "' + b'\\"' * 2_000_000, b'"' * 2_000_001):  # hours, were it quadratic
        with pytest.raises(Refused):
            parse_notebook(data, config.intake)


def mutated(data: bytes, seed: int) -> bytes:
    """The bytes with pieces cut, doubled, moved or replaced."""
    rng, data = random.Random(seed), bytearray(data)
    for _ in range(rng.randrange(1, 6)):
        start = rng.randrange(len(data) or 1)
        end = min(len(data), start + rng.choice([1, 1, 2, 8, 100, 2000]))
        piece = bytes(data[start:end])
        data[start:end] = rng.choice(
            [
                b"",
                piece * 2,
                piece[::-1],
                bytes(rng.randrange(256) for _ in piece),
                b"null",
                b'"',
                b"{",
            ]
        )
    return bytes(data)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_a_damaged_notebook_is_refused_or_becomes_cells(seed, solved, config, assignments):
    try:
        parsed, _ = parse_notebook(mutated(dump(solved), seed), config.intake)
    except Refused as refused:
        assert refused.status in ("unreadable", "limit")
        assert str(refused).endswith(".")
        return
    _is_sound(parsed, assignments)


KEYS = st.sampled_from(
    [
        "cells",
        "metadata",
        "source",
        "id",
        "cell_type",
        "exercise",
        "tags",
        "nbformat",
        "outputs",
        "x",
    ]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from(
        ["code", "markdown", "weight_bytes", "def weight_bytes(:", "exercise-weight_bytes"]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.dictionaries(KEYS, JSON, max_size=6) | JSON, max_size=6), top=JSON)
def test_any_json_is_refused_or_becomes_cells(cells, top, config, assignments):
    for plain in (notebook(*cells), top, {**notebook(*cells), "nbformat": top}):
        try:
            parsed, _ = parse_notebook(dump(plain), replace(config.intake, cells=5))
        except Refused:
            continue
        _is_sound(parsed, assignments)


def _is_sound(parsed: dict, assignments: dict) -> None:
    """The shape that everything after the intake relies on."""
    for one in parsed["cells"]:
        assert set(one) == {"id", "cell_type", "metadata", "source"}
        assert one["cell_type"] in CELL_TYPES
        assert isinstance(one["source"], str) and isinstance(one["metadata"], dict)
    name = identify(parsed, assignments)
    assignment = assignments[name or "00_start_here"]
    found = assemble(parsed, assignment)
    assert set(found.answers) <= set(assignment.exercise_ids)
    assert found.matched or name is None
    "".join(found.answers.values()).encode("utf-8")  # no unpaired surrogate gets through
