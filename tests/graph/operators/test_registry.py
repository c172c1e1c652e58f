"""Records of one's own that hold for a while."""

import numpy as np
import pytest

from tests.graph.operators.bundle import Bundle, litert
from tinylab.deploy.codegen import convert
from tinylab.graph.operators import find_operator, operator_kinds, trial_operators
from tinylab.graph.operators.elementwise.functions.table import real_table, table_operator


def _graph():
    bundle = Bundle()
    x = bundle.input((1, 40), scale=0.03)
    bundle.op("tanh", [x], (1, 40), scale=1 / 128, zero_point=0)
    return bundle.graph(), bundle.examples()


def test_a_hidden_kind_is_refused_by_name():
    graph, _ = _graph()
    with trial_operators(without=["tanh"]):
        assert find_operator("tanh") is None and "tanh" not in operator_kinds()
        with pytest.raises(ValueError, match="tanh"):
            convert(graph)
    assert find_operator("tanh").kind == "tanh"
    convert(graph)


def test_an_own_record_becomes_c():
    graph, x = _graph()
    calls = []

    def table(reader):
        calls.append(reader.op.kind)
        return real_table(np.tanh)(reader)

    with trial_operators(without=["tanh"]), trial_operators(table_operator("tanh", table, np.tanh)):
        program = convert(graph)
    assert "tanh" in calls
    (right,) = litert(graph, x)
    np.testing.assert_array_equal(program.predict_quantized(x[0]).reshape(right.shape), right)


def test_a_new_kind_is_known_inside_only():
    with pytest.raises(KeyError, match="inside"):
        with trial_operators(table_operator("softsign", real_table(np.tanh), np.tanh)):
            assert "softsign" in operator_kinds()
            raise KeyError("inside")
    assert find_operator("softsign") is None


@pytest.mark.parametrize(
    ("operators", "without", "error", "message"),
    [
        (("tanh",), (), TypeError, "Operator"),
        ((), ("softsing",), ValueError, "softsing"),
        ((find_operator("tanh"),), "tanh", ValueError, "twice"),
    ],
)
def test_mistakes_are_one_sentence(operators, without, error, message):
    before = operator_kinds()
    with pytest.raises(error, match=message):
        with trial_operators(*operators, without=without):
            pass
    assert operator_kinds() == before
