"""unidirectional_sequence_lstm: a recurrent layer on bytes with 16-bit cells.

Hochreiter and Schmidhuber 1997, "Long short-term memory", with a forget gate. The integer
arithmetic is LiteRT's "8x8_16": gates have 12 bits behind the point, products of gates 15.
"""

from math import log2

import numpy as np

from tinylab.graph.core.curves_s16 import logistic_s16, tanh_s16
from tinylab.graph.core.fixed_point import Multiplier, requantize_twice
from tinylab.graph.lowering import Call, Constant, Reader, Target
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step

_GATES = ("input", "forget", "candidate", "shown")
_WEIGHTS, _RECURRENT, _BIAS, _LAST, _CELLS = 1, 5, 12, 18, 19
_LEFT_OUT = {"peephole weights": (9, 10, 11), "projection": (16, 17), "layer norm": range(20, 24)}
_GATE_SCALE = 2.0**-12


class Lstm:
    """Checked parameters of the layer."""

    def __init__(self, reader: Reader):
        self.reader = reader
        for name, positions in _LEFT_OUT.items():
            absent = all(reader.optional_tensor(position) is None for position in positions)
            reader.require(absent, f"{name} of an LSTM: convert it without")
        reader.require(not reader.option("time_major"), "time must be its second axis")
        reader.require(reader.option("fused_activation") == "tanh", "its activation must be tanh")
        source, self.output = reader.activation(), reader.output()
        reader.require(len(source.shape) == 3 and source.shape[0] == 1, "its batch must be 1")
        self.steps, self.inputs = source.shape[1:]
        self.source, self.last, self.cells = (
            reader.affine(tensor) for tensor in (source, *self._states())
        )
        self.units = reader.tensor(_LAST, "state").elements
        self.gates = [self._gate(number) for number in range(len(_GATES))]
        self._check_cells()
        scale = float(reader.option("hidden_scale", 0.0))
        reader.require(scale > 0, "it lacks the scale of its hidden values")
        self.hidden = reader.multiplier(2.0**-30 / scale)
        self.zero_point = reader.number("hidden_zero_point")
        same = reader.affine(self.output) == self.last
        reader.require(same and self.zero_point == self.last.zero_point, "its scales differ")

    def _states(self):
        last, cells = self.reader.tensor(_LAST, "state"), self.reader.tensor(_CELLS, "cells")
        sound = last.is_state and cells.is_state and last.elements == cells.elements
        sound = sound and (last.dtype, cells.dtype) == ("int8", "int16")
        self.reader.require(sound, "its state must be int8 with int16 cells")
        return last, cells

    def _check_cells(self) -> None:
        power = log2(self.cells.scale)
        self.power = round(power)
        sound = abs(power - self.power) < 1e-3 and -15 <= self.power <= -9
        self.reader.require(sound, f"its cells have the scale {self.cells.scale}")
        clip = float(self.reader.option("cell_clip", 0.0))
        self.reader.require(clip >= 0, f"its cells are cut at {clip}")
        self.clip = min(int(clip / self.cells.scale), 32767)

    def _gate(self, number: int) -> dict:
        reader = self.reader
        weights = reader.constant(_WEIGHTS + number, "weights", "int8")
        recurrent = reader.constant(_RECURRENT + number, "recurrent weights", "int8")
        fits = weights.shape == (self.units, self.inputs)
        fits = fits and recurrent.shape == (self.units, self.units)
        reader.require(fits, f"weights {weights.shape} and {recurrent.shape} do not fit")
        bias = reader.bias(self.units, _BIAS + number).astype(np.int64)
        bias = bias - self.source.zero_point * weights.sum(axis=1, dtype=np.int64)
        again = -self.last.zero_point * recurrent.sum(axis=1, dtype=np.int64)
        reader.require(np.abs(bias).max(initial=0) < 2**31, "its biases are too large")
        return {
            "weights": weights,
            "recurrent_weights": recurrent,
            "bias": bias.astype(np.int32),
            "recurrent_bias": again.astype(np.int32),
            "factor": self._factor(_WEIGHTS + number, self.source.scale),
            "recurrent_factor": self._factor(_RECURRENT + number, self.last.scale),
        }

    def _factor(self, position: int, scale: float) -> Multiplier:
        weights = self.reader.affine(self.reader.tensor(position, "weights"))
        self.reader.require(weights.zero_point == 0, "its weights must have the zero point 0")
        factor = self.reader.multiplier(weights.scale * scale / _GATE_SCALE)
        self.reader.require(factor.shift < 15, "its scales differ too much")
        return factor


def _shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    return ((*reader.tensor(0).shape[:-1], reader.tensor(_LAST, "state").elements),)


def _macs(inputs, output) -> int:
    return output[1] * 4 * output[2] * (inputs[0][2] + output[2])


def _saturated(x: np.ndarray) -> np.ndarray:
    return np.clip(x, -(2**15), 2**15 - 1)


def _opened(gate: dict, x: np.ndarray, last: np.ndarray) -> np.ndarray:
    """What a gate sees, with 12 bits behind the point."""
    new = requantize_twice(gate["weights"] @ x + gate["bias"], [gate["factor"]])
    sums = gate["recurrent_weights"] @ last + gate["recurrent_bias"]
    return _saturated(_saturated(new) + requantize_twice(sums, [gate["recurrent_factor"]]))


def _divided(x: np.ndarray, times: int) -> np.ndarray:
    """round(x / 2**times), halves away from zero."""
    size = (np.abs(x) + (1 << times >> 1)) >> times
    return np.where(x < 0, -size, size)


def _reference(step: Step) -> np.ndarray:
    layer, rows = Lstm(step), []
    last, cells = (step.inputs[i].ravel().astype(np.int64) for i in (_LAST, _CELLS))
    for x in step.inputs[0][0].astype(np.int64):
        seen = [_opened(gate, x, last) for gate in layer.gates]
        new, forget, shown = (logistic_s16(seen[i]) for i in (0, 1, 3))
        added = _divided(new * tanh_s16(seen[2], 3), 30 + layer.power)
        cells = _saturated(_divided(forget * cells, 15) + added)
        if layer.clip:
            cells = np.clip(cells, -layer.clip, layer.clip)
        product = shown * tanh_s16(cells, 15 + layer.power)
        last = np.clip(requantize_twice(product, [layer.hidden]) + layer.zero_point, -128, 127)
        rows.append(last)
    for position, values in ((_LAST, last), (_CELLS, cells)):
        tensor = step.tensor(position)
        step.state[step.op.inputs[position]] = values.astype(tensor.dtype).reshape(tensor.shape)
    return np.array(rows, np.int8)


def _lower(reader: Reader, target: Target) -> Call:
    layer, constants = Lstm(reader), []
    gates: dict[str, dict] = {}
    for name, gate in zip(_GATES, layer.gates, strict=True):
        gates[name] = {}
        for field, value in gate.items():
            if isinstance(value, np.ndarray):
                constants.append(Constant(f"{name}_{field}_{reader.index}", value.ravel()))
                gates[name][field] = constants[-1].symbol
            else:
                gates[name][field] = value.fields()
    return Call(
        function="nn_lstm_s8",
        kernel="lstm.c",
        structure="nn_lstm",
        parameters={
            "steps": layer.steps,
            "inputs": layer.inputs,
            "units": layer.units,
            **gates,
            "candidate_shift": 30 + layer.power,
            "cell_bits": 15 + layer.power,
            "cell_clip": layer.clip,
            "hidden": layer.hidden.fields(),
            "output": reader.limits(layer.output, "none"),
        },
        inputs=tuple(reader.op.inputs[i] for i in (0, _LAST, _CELLS)),
        output=reader.op.outputs[0],
        constants=tuple(constants),
    )


OPERATOR = Operator(
    kind="unidirectional_sequence_lstm",
    shapes=_shapes,
    macs=_macs,
    parameters=(_WEIGHTS, _BIAS),
    reference=_reference,
    lower=_lower,
    options="UnidirectionalSequenceLSTMOptions",
    version=3,
    has_state=True,
)
