"""Exercises of 02_visual_wake_words/4_energy_latency: split, pipeline, patches."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import also_fixed, expect, expect_close, expect_number

__all__ = ["EXERCISES"]


def _split_costs(device_ms, bytes_across, server_ms, kbit_per_s):
    here = np.concatenate(([0.0], np.cumsum(device_ms)))
    there = np.concatenate((np.cumsum(server_ms[::-1])[::-1], [0.0]))
    return here, 8 * bytes_across / kbit_per_s, there


def prices_the_cut(answer, rng):
    """The latency of the best cut: device, then link, then server."""
    for _ in range(5):
        device, server, sizes = _operators(rng)
        rate = float(rng.uniform(300, 3000))
        here, link, there = _split_costs(device, sizes, server, rate)
        best = int((here + link + there).argmin())
        shifted = here[1:] + link[:-1] + there[1:]
        expect_close(
            _pair(answer(device, sizes, server, rate))[1],
            float((here + link + there)[best]),
            otherwise="a cut takes the device's operators before it, the link, and the server's"
            " after it.",
            likely={
                "a byte has 8 bits, and the link counts bits.": float(
                    (here + link / 8 + there).min()
                ),
                "1 kbit/s is one bit each millisecond: nothing to divide by 1000.": float(
                    (here + link / 1000 + there).min()
                ),
                "the server has to compute, too.": float((here + link).min()),
                "bytes_across[k] goes with the cut before operator k: yours is one off.": float(
                    shifted.min()
                ),
                "count all that the device does before the cut, not the last operator only.": float(
                    (np.concatenate(([0.0], device)) + link + there).min()
                ),
            },
        )


def finds_the_cut(answer, rng):
    """The number of operators that stay on the device."""
    for _ in range(5):
        device, server, sizes = _operators(rng)
        rate = float(rng.uniform(300, 3000))
        total = np.sum(_split_costs(device, sizes, server, rate), axis=0)
        expect_close(
            _pair(answer(device, sizes, server, rate))[0],
            float(total.argmin()),
            otherwise="return the cut of the lowest latency: the number of operators on the"
            " device.",
            likely={
                "cuts are counted from 0, nothing on the device.": float(total.argmin() + 1),
                "that is the cut of the fewest bytes, whatever it costs to get there.": float(
                    sizes.argmin()
                ),
                "that is the cut of the highest latency.": float(total.argmax()),
            },
        )


def goes_to_both_ends(answer, rng):
    """A link without limit sends the input; one that hardly moves sends nothing."""
    device, server, sizes = _operators(rng)
    fast = _pair(answer(device, sizes, server, 1e12))
    expect_close(
        fast[0],
        0.0,
        otherwise="over a link that costs nothing the fast server should do all: cut 0.",
    )
    slow = _pair(answer(device, sizes, server, 1e-3))
    expect_close(
        slow[0],
        float(len(device)),
        otherwise="over a link that hardly moves the device should do all: the last cut, which"
        " sends nothing.",
    )
    expect_close(
        slow[1], float(device.sum()), otherwise="all on the device takes the device's time."
    )


def _operators(rng):
    """A device, a server twenty times faster, and activations that shrink now and then."""
    count = int(rng.integers(5, 10))
    device = rng.uniform(2, 12, count)
    sizes = np.append(rng.integers(2000, 9000, count) / np.arange(1, count + 1), 0.0).round()
    return device, device / 20, sizes


def _pair(result) -> tuple[float, float]:
    expect(
        isinstance(result, (tuple, list)) and len(result) == 2,
        "return two things: the cut and its latency.",
    )
    return expect_number(result[0], "the cut"), expect_number(result[1], "the latency")


def paces_by_the_slowest(answer, rng):
    """Between two answers passes the time of the slowest stage."""
    for _ in range(5):
        stages = _stages(rng)
        period = np.max(stages, axis=0)
        expect_close(
            _triple(answer(*stages))[1],
            float(period.min()),
            otherwise="the period is the time of the slowest of the three stages, at the best cut.",
            likely={
                "the stages work at the same time, on different pictures: not their sum.": float(
                    np.sum(stages, axis=0).min()
                ),
                "the link is a stage as well, and may be the slowest.": float(
                    np.maximum(stages[0], stages[2]).min()
                ),
                "the slowest stage sets the pace, not the average one.": float(
                    np.mean(stages, axis=0).min()
                ),
            },
        )


def finds_the_fastest_cut(answer, rng):
    """The cut of the shortest period."""
    for _ in range(5):
        stages = _stages(rng)
        expect_close(
            _triple(answer(*stages))[0],
            float(np.max(stages, axis=0).argmin()),
            otherwise="return the cut whose slowest stage is quickest.",
            likely={
                "that is the cut of the lowest latency; the shortest period is asked for.": float(
                    np.sum(stages, axis=0).argmin()
                ),
                "without the link it would be this cut; with it, it is not.": float(
                    np.maximum(stages[0], stages[2]).argmin()
                ),
            },
        )


def answers_after_all_stages(answer, rng):
    """One picture passes through all three."""
    for _ in range(4):
        stages = _stages(rng)
        best = int(np.max(stages, axis=0).argmin())
        expect_close(
            _triple(answer(*stages))[2],
            float(np.sum(stages, axis=0)[best]),
            otherwise="a picture waits for all three stages, one after the other, at the cut you"
            " chose.",
            likely={
                "that is the lowest latency of all cuts: give the latency of your cut.": float(
                    np.sum(stages, axis=0).min()
                ),
                "crossing the link takes time, too.": float((stages[0] + stages[2])[best]),
                "a picture needs all stages, not the slowest alone.": float(
                    np.max(stages, axis=0)[best]
                ),
            },
        )


def _stages(rng):
    """Three stages at every cut, in which the link changes which cut is best."""
    count = int(rng.integers(6, 11))
    work = rng.uniform(3, 10, count)
    first = np.concatenate(([0.0], np.cumsum(work)))
    second = first[-1] - first
    link = rng.uniform(1, 6, count + 1)
    balanced = int(np.maximum(first, second).argmin())
    link[balanced] = first[-1] * rng.uniform(0.75, 0.9)  # the balanced cut sends the most
    link[-1] = 0.0
    return first, link, second * 1.0


def _triple(result) -> tuple[float, float, float]:
    expect(
        isinstance(result, (tuple, list)) and len(result) == 3,
        "return three things: the cut, the period and the latency.",
    )
    names = ("the cut", "the period", "the latency")
    return tuple(expect_number(value, name) for value, name in zip(result, names, strict=True))


def reaches_into_the_neighbours(answer, rng):
    """Away from the edges: stride, kernel and padding."""
    for kernel, stride in [(3, 1), (3, 2), (5, 1), (1, 2)]:
        pad, first = kernel // 2, int(rng.integers(8, 14))
        last = first + int(rng.integers(3, 9))
        top, bottom = first * stride - pad, (last - 1) * stride - pad + kernel
        got = _rows(answer(first, last, kernel, stride, pad, 200))
        expect_close(
            got,
            [top, bottom],
            otherwise="draw it for one output row: where does its kernel begin, where does it end,"
            " and what does the padding shift?",
            likely={
                "the halo is missing: a kernel looks beyond the patch.": [
                    first * stride,
                    last * stride,
                ],
                "with a stride of 2, output row r begins at input row 2 r.": [
                    first - pad,
                    last - 1 - pad + kernel,
                ],
                "the last output row is last - 1: the second number is not included.": [
                    top,
                    last * stride - pad + kernel,
                ],
                "the padding shifts the windows up: subtract pad_before.": [
                    top + pad,
                    bottom + pad,
                ],
                "both ends count up to, and do not include, the second: yours is one too small.": [
                    top,
                    bottom - 1,
                ],
            },
        )


def stops_at_the_edge(answer, rng):
    """What would lie outside the picture is padding, not input."""
    height = int(rng.integers(20, 60))
    expect_close(
        _rows(answer(0, 4, 3, 1, 1, height)),
        [0, 5],
        otherwise="there is no row -1 to read: padding is not input. The first row is 0.",
    )
    expect_close(
        _rows(answer(height - 4, height, 5, 1, 2, height)),
        [height - 6, height],
        otherwise=f"a picture of {height} rows ends at row {height}: cut off what lies beyond.",
    )
    expect_close(
        _rows(answer(0, height, 3, 1, 1, height)),
        [0, height],
        otherwise="all output rows read all input rows, and no more.",
    )


def _rows(result) -> np.ndarray:
    expect(
        isinstance(result, (tuple, list)) and len(result) == 2,
        "return two numbers: the first row, and the one after the last.",
    )
    return np.array([expect_number(row, "a row") for row in result])


EXERCISES = (
    Exercise(
        id="best_split",
        title="Where to cut between device and server",
        points=(
            Point("prices the cut", prices_the_cut),
            Point("finds the cut", also_fixed(finds_the_cut, 9)),
            Point("goes to both ends", goes_to_both_ends),
        ),
        forbidden=("tinylab.cost.split", "tinylab.cost.partition.split.split"),
    ),
    Exercise(
        id="fastest_cut",
        title="Two chips, one pipeline",
        points=(
            Point("paces by the slowest", paces_by_the_slowest),
            Point("finds the fastest cut", finds_the_fastest_cut),
            Point("answers after all stages", answers_after_all_stages),
        ),
        forbidden=("tinylab.cost.pipeline", "tinylab.cost.partition.two_chips.pipeline"),
    ),
    Exercise(
        id="input_rows",
        title="What a patch has to read",
        points=(
            Point("reaches into the neighbours", reaches_into_the_neighbours),
            Point("stops at the edge", stops_at_the_edge),
        ),
        forbidden=("tinylab.graph.memory.patches.input_span",),
    ),
)
