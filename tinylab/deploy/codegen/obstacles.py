"""Everything that keeps a model from becoming C, in one list, with what to do about it."""

from collections import Counter

from tinylab.graph import Graph, UnsupportedOperatorError
from tinylab.graph.lowering import Reader, Target
from tinylab.graph.operators import check_shapes, find_operator

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


def check_supported(graph: Graph, rounding: str) -> None:
    """Raise UnsupportedOperatorError with all obstacles, if there are any."""
    kinds: Counter = Counter()
    reasons: list[str] = []
    for index, op in enumerate(graph.ops):
        operator = find_operator(op.kind)
        if operator is None or operator.lower is None:
            kinds[op.kind] += 1
            continue
        reader = Reader(graph, index)
        try:
            check_shapes(reader, operator)
            operator.lower(reader, Target(rounding))
        except UnsupportedOperatorError as error:
            reasons.append(str(error))
        except (
            AttributeError,
            IndexError,
            KeyError,
            TypeError,
            ValueError,
            OverflowError,
        ) as error:
            reasons.append(f"operator {index}, {op.kind}: it does not fit its tensors ({error})")
    sentences = [_kind_reason(kind, count) for kind, count in kinds.items()]
    sentences += [*reasons[:_LISTED_REASONS], *_rest(len(reasons) - _LISTED_REASONS)]
    if sentences:
        raise UnsupportedOperatorError(f"{graph.name} cannot become C: {'; '.join(sentences)}")


def _kind_reason(kind: str, count: int) -> str:
    name = _LONG_NAMES.get(kind, kind)
    advice = _ADVICE.get(kind.split(":")[0], _GENERAL)
    return f"{count} x {name} is not supported ({advice})"


def _rest(count: int) -> list[str]:
    return [f"and {count} more"] if count > 0 else []
