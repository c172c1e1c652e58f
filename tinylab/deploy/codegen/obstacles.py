"""Everything that keeps a model from becoming C, in one list, with what to do about it."""

import re
from collections import Counter

from tinylab.deploy.codegen.port import make_ports
from tinylab.graph import Graph, UnsupportedOperatorError
from tinylab.graph.lowering import Reader, Target
from tinylab.graph.operators import Operator, check_shapes, find_operator

_LONG_NAMES = {
    "unidirectional_sequence_lstm": "LSTM",
    "bidirectional_sequence_lstm": "bidirectional LSTM",
    "unidirectional_sequence_rnn": "RNN",
}
_ADVICE = {
    "conv3d": "use Conv2D over the last axes, or Conv1D",
    "bidirectional_sequence_lstm": "use a one-way LSTM",
    "unidirectional_sequence_rnn": "convert with unrolled cells (unroll=True)",
    "while": "convert recurrent layers with unroll=True",
    "if": "take the branch out of the model",
    "fft": "compute the spectrum before the model",
    "rfft2d": "compute the spectrum before the model",
    "custom": "build it of TensorFlow Lite's own operators",
    "div": "multiply by the reciprocal",
    "log_softmax": "leave it out: the order of the classes is the same without",
    "gather": "take the elements out with a slice",
    "mirror_pad": "pad with zeros",
}
_GENERAL = "take it out, or compute it before or after the model"
_LISTED_REASONS = 6
_MISFITS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def check_supported(graph: Graph, rounding: str) -> None:
    """Raise UnsupportedOperatorError with all obstacles, if there are any."""
    kinds: Counter = Counter()
    reasons: list[tuple[int, str, str]] = []
    for index, op in enumerate(graph.ops):
        operator = find_operator(op.kind)
        if operator is None or operator.lower is None:
            kinds[op.kind] += 1
        else:
            reason = _reason(graph, index, operator, rounding)
            reasons += [(index, op.kind, reason)] if reason else []
    sentences = [_kind_reason(kind, count) for kind, count in kinds.items()]
    grouped = _grouped(reasons)
    sentences += [*grouped[:_LISTED_REASONS], *_rest(len(grouped) - _LISTED_REASONS)]
    sentences += _ends(graph)
    if sentences:
        raise UnsupportedOperatorError(f"{graph.name} cannot become C: {'; '.join(sentences)}")


def _reason(graph: Graph, index: int, operator: Operator, rounding: str) -> str:
    """Why an operator of a known kind cannot become C; empty if it can."""
    reader = Reader(graph, index)
    try:
        check_shapes(reader, operator)
        operator.lower(reader, Target(rounding))
    except UnsupportedOperatorError as error:
        return str(error).removeprefix(f"operator {index}, {operator.kind}: ")
    except _MISFITS as error:
        return f"it does not fit its tensors ({error})"
    return ""


def _grouped(reasons: list[tuple[int, str, str]]) -> list[str]:
    """One sentence for all operators of a kind with the same reason, whatever their tensors."""
    groups: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for index, kind, reason in reasons:
        key = kind, re.sub(r"'[^']*'", "a tensor", reason)
        groups.setdefault(key, []).append((index, reason))
    sentences = []
    for (kind, general), members in groups.items():
        index, reason = members[0]
        kind = _LONG_NAMES.get(kind, kind)
        if len(members) == 1:
            sentences.append(f"operator {index}, {kind}: {reason}")
        else:
            sentences.append(f"{len(members)} x {kind} (operator {index} and others): {general}")
    return sentences


def _ends(graph: Graph) -> list[str]:
    """What is wrong with the model's inputs and outputs."""
    try:
        make_ports(graph)
    except ValueError as error:
        return [str(error)]
    return []


def _kind_reason(kind: str, count: int) -> str:
    name = _LONG_NAMES.get(kind, kind)
    advice = _ADVICE.get(kind.split(":")[0], _GENERAL)
    return f"{count} x {name} is not supported ({advice})"


def _rest(count: int) -> list[str]:
    return [f"and {count} more"] if count > 0 else []
