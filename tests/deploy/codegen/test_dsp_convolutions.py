"""The DSP kernels of convolutions at every edge of their blocks: places, channels, words.

Each case is a model of one layer. All that are asked for are compiled in one build.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from tests.deploy.codegen.together import Together
from tests.deploy.random_models import ModelBuilder
from tinylab.deploy.codegen import convert
from tinylab.deploy.codegen.program import CProgram
from tinylab.graph.operators.weighted import conv2d_dsp, depthwise_dsp


@dataclass(frozen=True, eq=False)
class Case:
    """A model, the kernel its layer must become, and what makes the choice fall on that kernel.

    `forced` are functions of the package and what stands in for them while the model is converted;
    `also` looks at the program.
    """

    name: str
    builder: ModelBuilder
    function: str
    forced: tuple[tuple[object, str, Callable], ...] = ()
    also: Callable[[CProgram], None] = lambda program: None

    def program(self) -> CProgram:
        with pytest.MonkeyPatch.context() as patch:
            for owner, name, function in self.forced:
                patch.setattr(owner, name, function)
            program = convert(self.builder.tflite(), kernels="dsp", name=self.name)
        assert [call.function for _, call in program.all_calls()] == [self.function]
        self.also(program)
        return program


SPARE = ((conv2d_dsp, "_place", lambda *_: "spare"),)
NO_SCRATCH = (
    (conv2d_dsp, "_place", lambda *_: ""),
    (conv2d_dsp, "_grows_too_much", lambda *_: True),
)
PLACE_BY_PLACE = ((depthwise_dsp, "_pays_place_by_place", lambda *_: True),)


def any_number_of_places() -> Iterator[Case]:
    for places in (2, 3, 4, 5, 7):
        builder = ModelBuilder((1, 1, places, 5), places).conv2d(6, (1, 1))
        yield Case(f"places_{places}", builder, "nn_conv2d_dsp", SPARE)


def any_window() -> Iterator[Case]:
    layers = (
        (1, 3, (3, 3)),
        (3, 8, (3, 3)),
        (4, 1, (1, 3)),
        (2, 4, (5, 1)),
        (12, 7, (1, 1)),
    )
    steps = (((1, 1), (1, 1)), ((2, 3), (1, 1)), ((1, 1), (2, 1)))
    for (channels, out, kernel), (stride, dilation) in itertools.product(layers, steps):
        builder = ModelBuilder((1, 8, 9, channels), out)
        builder.conv2d(out, kernel, stride, dilation=dilation, activation="relu6")
        name = named("window", channels, out, *kernel, *stride, *dilation)
        yield Case(name, builder, "nn_conv2d_dsp", SPARE)


def parts_only(convolution, scratch_bytes, target):
    """Memory for the kernel that works in parts, whatever the memory is, and for no other."""
    least = 36 * 4 + 32 * -(-convolution.output[2] // 2)
    return "spare" if scratch_bytes <= least else ""


def wide_windows() -> Iterator[Case]:
    """By each of the two kernels, whatever the memory is."""
    kernels = {
        "nn_conv2d_dsp": SPARE,
        "nn_conv2d_parts_dsp": ((conv2d_dsp, "_place", parts_only),),
    }
    layers = ((32, 5, (3, 2)), (19, 8, (3, 3)), (40, 7, (2, 2)))
    steps = (((1, 1), (1, 1)), ((2, 1), (1, 1)), ((1, 1), (2, 2)))
    for function, layer, step in itertools.product(kernels, layers, steps):
        (channels, out, kernel), (stride, dilation) = layer, step
        builder = ModelBuilder((1, 7, 6, channels), out)
        builder.conv2d(out, kernel, stride, dilation=dilation, activation="relu6")
        name = named("wide", function, channels, out, *kernel, *stride, *dilation)
        yield Case(name, builder, function, kernels[function])


def depthwise_3x3() -> Iterator[Case]:
    """By each of the two kernels, whatever the size and the memory are."""
    functions = ("nn_depthwise_3x3_dsp", "nn_depthwise_taps_dsp")
    sizes = ((4, 4), (5, 7), (9, 5), (8, 6))
    layers = ((4, "same"), (6, "valid"), (9, "same"))
    for function, size, stride, layer in itertools.product(functions, sizes, (1, 2), layers):
        channels, padding = layer
        height, width = (side + 2 * (padding == "valid") for side in size)
        builder = ModelBuilder((1, height, width, channels), height + width)
        builder.depthwise_conv2d((3, 3), (stride, stride), padding=padding, activation="relu")
        by_place = function == "nn_depthwise_taps_dsp"
        forced = (
            (depthwise_dsp, "_pays_place_by_place", lambda *_, by_place=by_place: by_place),
            (depthwise_dsp, "_has_room", lambda *_: True),
        )
        name = named("depthwise_3x3", function, *size, stride, channels, padding)
        yield Case(name, builder, function, forced)


def depthwise_of_any_window() -> Iterator[Case]:
    layers = (
        ((3, 1, 8), (3, 3), (1, 1), (1, 1)),
        ((1, 6, 5), (3, 3), (1, 1), (1, 1)),
        ((9, 7, 7), (5, 5), (2, 1), (1, 1)),
        ((8, 9, 4), (2, 2), (1, 3), (1, 1)),
        ((8, 9, 6), (3, 3), (1, 1), (2, 3)),
        ((12, 1, 16), (7, 1), (1, 1), (1, 1)),
    )
    for layer, padding in itertools.product(layers, ("same", "valid")):
        (height, width, channels), kernel, stride, dilation = layer
        more = 6 * (padding == "valid")
        shape = (height + more, width + more, channels)
        builder = ModelBuilder((1, *shape), sum(shape))
        options = {"dilation": dilation, "padding": padding, "activation": "relu6"}
        builder.depthwise_conv2d(kernel, stride, **options)
        name = named("depthwise", *shape, *kernel, *stride, *dilation, padding)
        yield Case(name, builder, "nn_depthwise_taps_dsp", PLACE_BY_PLACE)


def depthwise_of_few_channels() -> Iterator[Case]:
    """Of fewer than four, a conv2d with zeros is faster, or needs no memory."""
    for shape, multiplier, dilation, has_room, function in (
        ((5, 5, 3), 1, (1, 1), True, "nn_depthwise_conv2d_dsp"),
        ((6, 9, 5), 2, (1, 1), True, "nn_depthwise_conv2d_dsp"),
        ((7, 6, 3), 1, (1, 1), False, "nn_conv2d_dsp"),
        ((9, 6, 2), 3, (1, 1), True, "nn_conv2d_dsp"),
        ((8, 9, 3), 1, (2, 1), True, "nn_conv2d_dsp"),
        ((8, 8, 1), 5, (1, 2), True, "nn_conv2d_dsp"),
    ):
        builder = ModelBuilder((1, *shape), multiplier)
        options = {"multiplier": multiplier, "dilation": dilation, "activation": "relu"}
        builder.depthwise_conv2d((3, 3), **options)
        room = (depthwise_dsp, "_has_room", lambda *_, has_room=has_room: has_room)
        name = named("few_channels", *shape, multiplier, *dilation, has_room)
        yield Case(name, builder, function, (*SPARE, room))


def many_taps() -> Iterator[Case]:
    """Of more than 27, offsets lie in scratch memory."""

    def offsets_in_scratch(program):
        assert program.calls[0][0].scratch_bytes == 4 * 36 + 6

    builder = ModelBuilder((1, 12, 9, 6), 1).depthwise_conv2d((7, 5), (2, 1), padding="same")
    yield Case("many_taps", builder, "nn_depthwise_taps_dsp", also=offsets_in_scratch)


def convolutions_without_scratch() -> Iterator[Case]:
    def takes_no_memory(program):
        assert program.arena_bytes == program.report().live_bytes

    layers = (
        ((6, 7, 3), (3, 3), (1, 1), (1, 1)),  # a window fits the stack
        ((20, 1, 5), (4, 1), (3, 1), (1, 1)),  # and its values lie one behind the other
        ((1, 19, 4), (1, 5), (1, 2), (1, 1)),
        ((7, 6, 9), (3, 3), (2, 1), (1, 1)),  # row by row
        ((7, 6, 30), (2, 3), (1, 1), (1, 1)),  # a row in parts
        ((9, 8, 5), (3, 3), (1, 1), (2, 2)),
    )
    outs = ((8, "same"), (5, "valid"), (2, "same"))
    for (shape, kernel, stride, dilation), (out, padding) in itertools.product(layers, outs):
        builder = ModelBuilder((1, *shape), sum(shape) + out)
        options = {"dilation": dilation, "padding": padding, "activation": "relu6"}
        builder.conv2d(out, kernel, stride, **options)
        name = named("direct", *shape, *kernel, *stride, *dilation, out, padding)
        yield Case(name, builder, "nn_conv2d_direct_dsp", NO_SCRATCH, takes_no_memory)


def memory_borrowed_from_both_ends() -> Iterator[Case]:
    """The peak has no spare memory: the windows lie in the output, then in the input."""

    def lends(program):
        assert program.arena_bytes == program.report().live_bytes == 2 * 256 * 8
        assert re.search(r"nn_conv2d_dsp\(.*, 0\);", program.sources[f"{program.name}.c"])

    for shape in ((16, 16), (1, 256)):
        builder = ModelBuilder((1, *shape, 8), 1).conv2d(8, (min(shape[0], 3), 3))
        yield Case(named("borrowed", *shape), builder, "nn_conv2d_dsp", also=lends)


def windows_in_parts() -> Iterator[Case]:
    """Four windows of 5 x 5 x 16 take 3 kB, which no end can lend."""

    def is_small(program):
        report = program.report()
        assert report.arena_bytes <= 1.05 * report.live_bytes

    for channels, (out, stride) in itertools.product((16, 17), ((8, (1, 1)), (17, (2, 2)))):
        builder = ModelBuilder((1, 16, 15, channels), channels)
        builder.conv2d(out, (5, 5), stride, activation="relu")
        yield Case(named("parts", channels, out), builder, "nn_conv2d_parts_dsp", also=is_small)


def named(*parts) -> str:
    """A name that C takes, too."""
    return "_".join(str(part) for part in parts)


GROUPS = (
    any_number_of_places,
    any_window,
    wide_windows,
    depthwise_3x3,
    depthwise_of_any_window,
    depthwise_of_few_channels,
    many_taps,
    convolutions_without_scratch,
    memory_borrowed_from_both_ends,
    windows_in_parts,
)
CASES = {case.name: case for group in GROUPS for case in group()}


@pytest.fixture(scope="module")
def programs(request) -> dict[str, CProgram]:
    """Of the cases that were asked for: `pytest -k` compiles no others."""
    asked = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    names = {params["case"].name for params in asked if isinstance(params.get("case"), Case)}
    return {name: case.program() for name, case in CASES.items() if name in names}


@pytest.fixture(scope="module")
def together(programs, tmp_path_factory) -> Together:
    return Together(programs.values(), tmp_path_factory.mktemp("together"))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_host_chip_and_litert_agree(case, programs, together, reference, examples):
    program = programs[case.name]
    x = examples(program.graph, 5)
    right = reference(case.builder.tflite(), x)
    found = together.on_this_computer(program, x)
    np.testing.assert_array_equal(found.reshape(right.shape), right)
    on_chip = together.on_the_chip(program, x[:2])
    np.testing.assert_array_equal(on_chip.reshape(right[:2].shape), right[:2])


def test_no_case_is_lost():
    """Two of one name would be one."""
    assert len(CASES) == sum(len(list(group())) for group in GROUPS) == 129


def test_an_input_that_is_read_again_lends_nothing(model_builder, reference, examples):
    builder = model_builder((1, 16, 16, 8), 2)
    source = builder.last
    builder.conv2d(8, (3, 3)).add(builder.last, source)
    content = builder.tflite()
    program = convert(content, kernels="dsp")
    assert not any(call.finds_scratch for _, call in program.all_calls())
    x = examples(program.graph, 3)
    right = reference(content, x)
    np.testing.assert_array_equal(program.predict_quantized(x).reshape(right.shape), right)


def test_lent_memory_is_never_in_use():
    """By a walk through all places: what is lent is neither read nor written any more."""
    rng, lends = np.random.default_rng(0), 0
    for _ in range(400):
        height, width, channels, out = (int(rng.integers(1, 20)) for _ in range(4))
        stride, pad, scratch = (
            int(rng.integers(1, 3)),
            int(rng.integers(0, 3)),
            int(rng.integers(8, 900)),
        )
        convolution = SimpleNamespace(
            input=(height, width, channels),
            output=(-(-height // stride), -(-width // stride), out),
            window=SimpleNamespace(
                stride_height=stride, pad_top=pad, stride_width=stride, pad_left=pad
            ),
        )
        if not conv2d_dsp._can_borrow(convolution, scratch):
            continue
        lends += 1
        places, size = convolution.output[0] * convolution.output[1], np.prod(convolution.output)
        for first in range(0, places, 4):
            start = min(first, places - 4)
            y, x = divmod(start, convolution.output[1])
            read = ((y * stride - pad) * width if height > 1 else x * stride - pad) * channels
            assert read >= scratch or (start + 4) * out <= ((size - scratch) & ~3)
    assert lends > 50
