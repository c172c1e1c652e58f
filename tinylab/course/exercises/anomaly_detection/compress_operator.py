"""Exercise on an operator of one's own in notebooks/source/03_anomaly_detection/2_compress.py."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import also_fixed, expect, expect_array

__all__ = ["EXERCISES"]

_STORED = np.arange(-128, 128)


def _scales(rng) -> dict:
    """Two ends with zero points far from zero; no answer lies beyond the output's range."""
    return {
        "x_scale": float(rng.uniform(0.02, 0.06)),
        "x_zero_point": int(rng.integers(5, 60)),
        "y_scale": float(rng.uniform(0.012, 0.02)),
        "y_zero_point": int(rng.integers(-40, -20)),
    }


def _steps(case: dict, stored: np.ndarray = _STORED) -> np.ndarray:
    """The right answers, in steps of the output, before they are rounded."""
    real = case["x_scale"] * (stored - case["x_zero_point"])
    return np.tanh(real) / case["y_scale"] + case["y_zero_point"]


def _table(answer, case: dict) -> np.ndarray:
    table = expect_array(answer(**case), shape=(256,), name="the table")
    expect(
        bool(np.all(table == np.rint(table))),
        "the table holds numbers with a fraction: round them, a byte has none.",
    )
    return table.astype(np.int64)


def _is(table: np.ndarray, steps: np.ndarray) -> bool:
    """Equal, where a half may go either way."""
    return bool(np.all(np.abs(table - np.clip(steps, -128, 127)) <= 0.501))


def answers_every_stored_value(answer, rng):
    """All 256 stored values, with ends of different scales and zero points."""
    for _ in range(3):
        case = _scales(rng)
        table, right = _table(answer, case), _steps(case)
        mistakes = {
            "the first entry answers the stored value -128, the last one 127.": np.roll(right, 128),
            "subtract the input's zero point before the scale.": _steps(case | {"x_zero_point": 0}),
            "add the output's zero point after rounding.": right - case["y_zero_point"],
            "the function is of the real number, not of the stored one.": (
                np.tanh(_STORED - case["x_zero_point"]) * case["x_scale"] / case["y_scale"]
                + case["y_zero_point"]
            ),
            "divide by the output's scale, not by the input's.": (
                np.tanh(case["x_scale"] * (_STORED - case["x_zero_point"])) / case["x_scale"]
                + case["y_zero_point"]
            ),
        }
        for sentence, steps in mistakes.items():
            expect(_is(table, right) or not _is(table, steps), sentence)
        cut = np.clip(np.trunc(right - case["y_zero_point"]) + case["y_zero_point"], -128, 127)
        expect(
            _is(table, right) or not np.all(np.abs(table - cut) <= 1e-9),
            "round to the nearest step; a cast to int8 cuts the fraction off.",
        )
        expect(
            _is(table, right),
            "the table is not that of the formula: to a real number, through the function, and"
            " back to steps of the output.",
        )


def stays_within_a_byte(answer, rng):
    """An output whose range is smaller than the function's."""
    case = _scales(rng) | {"y_scale": 0.004}
    table = _table(answer, case)
    expect(
        bool(table.min() >= -128 and table.max() <= 127) and _is(table, _steps(case)),
        "answers beyond the output's range must stay at -128 or 127: clip before the cast.",
    )


def works_as_an_operator(answer, rng):
    """A graph with the learner's operator in it, evaluated by the compiler's own reference."""
    from tinylab.graph import Graph, Op, Quantization, Tensor
    from tinylab.graph.evaluate import evaluate_ops
    from tinylab.graph.operators import trial_operators
    from tinylab.graph.operators.elementwise.functions.table import table_operator

    case = _scales(rng)
    entries = _table(answer, case).astype(np.int8)

    def end(name: str) -> Tensor:
        scale = np.array([case[f"{name}_scale"]], np.float32)
        zero_point = np.array([case[f"{name}_zero_point"]], np.int32)
        return Tensor(name, (1, 50), "int8", Quantization(scale, zero_point))

    op = Op("learners_tanh", (0,), (1,))
    graph = Graph("own", (end("x"), end("y")), (op,), (0,), (1,))
    stored = rng.integers(-128, 128, (1, 50)).astype(np.int8)
    with trial_operators(table_operator("learners_tanh", lambda _: entries, np.tanh)):
        outputs = evaluate_ops(graph, {0: stored})[1]
    expect(
        _is(outputs.astype(np.int64), _steps(case, stored.astype(np.int64))),
        "in a graph, the operator with this table gives other values than the function.",
    )


EXERCISES = (
    Exercise(
        id="tanh_table",
        title="An operator of one's own: 256 answers",
        points=(
            Point("answers every stored value", also_fixed(answers_every_stored_value, 2)),
            Point("stays within a byte", also_fixed(stays_within_a_byte, 3)),
            Point("works as an operator", works_as_an_operator),
        ),
        forbidden=("tinylab.graph.operators.elementwise.functions.table.real_table",),
    ),
)
