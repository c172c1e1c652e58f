"""Exercises of notebooks/source/02_visual_wake_words/4_energy_latency.py."""

import numpy as np

from tinylab.course.exercise import Exercise, Point
from tinylab.course.judging import expect, expect_array, expect_close, expect_number

__all__ = ["EXERCISES"]


def measures_in_bits(answer, rng):
    """Minus the sum of p log2 p, over the classes of each row."""
    for classes in (2, 3, 5):
        p = rng.dirichlet(np.ones(classes), size=6)
        bits = -(p * np.log(p)).sum(axis=1) / np.log(2)
        expect_close(
            expect_array(answer(p), shape=(6,)),
            bits,
            otherwise="the entropy of a row is minus the sum of p * log2(p) over its classes.",
            likely={
                "that is in nats: bits take the logarithm to base 2.": bits * np.log(2),
                "the sign is missing: the logarithm of a probability is negative.": -bits,
                "divide by nothing: one bit is one bit, however many classes there are.": (
                    bits / np.log2(classes)
                ),
                "weigh each logarithm by its probability.": -np.log2(p).sum(axis=1),
                "that is the surprise of the likeliest class alone; sum over all classes.": (
                    -np.log2(p.max(axis=1))
                ),
            },
        )


def knows_certainty(answer, rng):
    """A probability of zero adds nothing; equal probabilities are worst."""
    certain = np.zeros((3, 4))
    certain[np.arange(3), rng.integers(0, 4, 3)] = 1.0
    got = np.asarray(answer(certain), dtype=float)
    expect(
        got.shape == (3,) and bool(np.all(np.isfinite(got))),
        "a probability of 0 gave NaN or infinity: 0 * log(0) counts as 0.",
    )
    expect_close(got, np.zeros(3), otherwise="a certain answer has no entropy.", atol=1e-6)
    expect_close(
        expect_array(answer(np.full((2, 4), 0.25)), shape=(2,)),
        np.full(2, 2.0),
        otherwise="four equal probabilities make 2 bits.",
    )


def takes_the_first_sure_exit(answer, rng):
    """The first exit whose entropy is below the threshold."""
    for exits in (2, 3, 5):
        entropies = rng.uniform(0.05, 0.95, (40, exits))
        threshold = float(rng.uniform(0.4, 0.7))
        sure = entropies < threshold
        sure[:, -1] = True
        surest = entropies.argmin(axis=1)
        places = np.where(entropies < threshold, np.arange(exits), -1).max(axis=1)
        last = np.where(places < 0, exits - 1, places)
        unsure = entropies > threshold
        unsure[:, -1] = True
        forgets = (entropies < threshold).argmax(axis=1)
        expect_close(
            expect_array(answer(entropies, threshold), shape=(40,)),
            sure.argmax(axis=1),
            otherwise="each example leaves at the first exit whose entropy is below the threshold.",
            likely={
                "who is sure nowhere has to go to the last exit; argmax of only False is 0.": forgets,
                "that is the surest exit; but who has left cannot look at the later ones.": surest,
                "that is the last sure exit: leave at the first.": last,
                "low entropy is sure: leave below the threshold, not above.": unsure.argmax(axis=1),
            },
        )


def knows_who_never_leaves(answer, rng):
    """Below threshold 0 nobody is; above all entropies everybody leaves at once."""
    entropies = rng.uniform(0, 1, (12, 4))
    expect_close(
        expect_array(answer(entropies, 0.0), shape=(12,)),
        np.full(12, 3),
        otherwise="at threshold 0 nobody is sure, so all go to the last exit.",
    )
    expect_close(
        expect_array(answer(entropies, 2.0), shape=(12,)),
        np.zeros(12),
        otherwise="when all are sure, all leave at the first exit, number 0.",
    )


def _bins(confidence, correct, bins):
    """Confidence, accuracy and count of every bin that is not empty."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    filled = np.unique(place)
    sure = np.array([confidence[place == one].mean() for one in filled])
    right = np.array([correct[place == one].mean() for one in filled])
    return sure, right, np.array([(place == one).sum() for one in filled])


def averages_the_gaps(answer, rng):
    """The gap of each bin, weighed by how many examples are in it."""
    for bins in (5, 10):
        confidence = np.concatenate([rng.uniform(0.5, 0.79, 60), rng.uniform(0.81, 0.99, 340)])
        correct = rng.uniform(size=400) < np.where(confidence > 0.8, 0.72, 0.78)
        sure, right, counts = _bins(confidence, correct, bins)
        gaps = np.abs(sure - right)
        expect_close(
            expect_number(answer(confidence, correct, bins)),
            float(gaps @ counts / 400),
            otherwise="average |confidence - accuracy| over the bins, weighed by their examples.",
            likely={
                "weigh each bin by its examples: the plain mean lets a bin of two count like one of"
                " two hundred.": float(gaps.mean()),
                "gaps above and below cancel: take each bin's magnitude before you average.": abs(
                    float((sure - right) @ counts / 400)
                ),
                "that is the largest gap (the maximum calibration error), not the average.": float(
                    gaps.max()
                ),
                "divide the counts by the number of examples.": float(gaps @ counts),
            },
        )


def fills_the_last_bin(answer, rng):
    """A confidence of exactly 1 has a place; empty bins add nothing."""
    confidence, correct = np.array([1.0, 1.0, 1.0, 1.0]), np.array([True, True, True, False])
    got = np.asarray(answer(confidence, correct, 10), dtype=float)
    expect(
        got.shape == () and bool(np.isfinite(got)),
        "an empty bin gave NaN: the mean of nothing. Leave empty bins out.",
    )
    expect_close(
        float(got),
        0.25,
        otherwise="four answers of confidence 1, one of them wrong: the error is 0.25. The last bin"
        " includes 1.",
    )
    share = float(rng.uniform(0.55, 0.95))
    expect_close(
        expect_number(answer(np.full(20, share), np.arange(20) < 10, 10)),
        abs(share - 0.5),
        otherwise="with all examples in one bin the error is that bin's gap.",
    )


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
            otherwise="a cut takes the device's operators before it, the link, and the server's after it.",
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
                "all that the device does before the cut counts, not the last operator alone.": float(
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
            otherwise="return the cut of the lowest latency: the number of operators on the device.",
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
        fast[0], 0.0, otherwise="over a link that costs nothing the fast server should do all: cut 0."
    )
    slow = _pair(answer(device, sizes, server, 1e-3))
    expect_close(
        slow[0],
        float(len(device)),
        otherwise="over a link that hardly moves the device should do all: the last cut, which sends"
        " nothing.",
    )
    expect_close(slow[1], float(device.sum()), otherwise="all on the device takes the device's time.")


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
            otherwise="a picture waits for all three stages, one after the other, at the cut you chose.",
            likely={
                "that is the latency of another cut, the lowest of all: give that of your cut.": float(
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
    return tuple(expect_number(one, name) for one, name in zip(result, names, strict=True))


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
            otherwise="output row r reads input rows r * stride - pad_before and the kernel - 1 after it.",
            likely={
                "the halo is missing: a kernel looks beyond the patch.": [first * stride, last * stride],
                "with a stride of 2, output row r begins at input row 2 r.": [first - pad, last - 1 - pad + kernel],
                "the last output row is last - 1: the second number is not included.": [
                    top, last * stride - pad + kernel,
                ],
                "the padding shifts the windows up: subtract pad_before.": [top + pad, bottom + pad],
                "both ends count up to, and do not include, the second: yours is one too small.": [
                    top, bottom - 1,
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
    return np.array([expect_number(one, "a row") for one in result])


EXERCISES = (
    Exercise(
        id="prediction_entropy",
        title="How unsure is a prediction?",
        points=(
            Point("measures in bits", measures_in_bits),
            Point("knows certainty", knows_certainty),
        ),
        forbidden=("tinylab.cost.entropy_bits", "tinylab.cost.early_exit.entropy_bits"),
    ),
    Exercise(
        id="leave_at",
        title="Who leaves by which exit",
        points=(
            Point("takes the first sure exit", takes_the_first_sure_exit),
            Point("knows who never leaves", knows_who_never_leaves),
        ),
        forbidden=("tinylab.cost.exit_taken", "tinylab.cost.early_exit.exit_taken"),
    ),
    Exercise(
        id="calibration_error",
        title="As sure as it is right?",
        points=(
            Point("averages the gaps", averages_the_gaps),
            Point("fills the last bin", fills_the_last_bin),
        ),
        forbidden=(
            "tinylab.models.calibration.reliability",
            "tinylab.models.calibration.expected_calibration_error",
        ),
    ),
    Exercise(
        id="best_split",
        title="Where to cut between device and server",
        points=(
            Point("prices the cut", prices_the_cut),
            Point("finds the cut", finds_the_cut),
            Point("goes to both ends", goes_to_both_ends),
        ),
        forbidden=("tinylab.cost.split", "tinylab.cost.split.split"),
    ),
    Exercise(
        id="fastest_cut",
        title="Two chips, one pipeline",
        points=(
            Point("paces by the slowest", paces_by_the_slowest),
            Point("finds the fastest cut", finds_the_fastest_cut),
            Point("answers after all stages", answers_after_all_stages),
        ),
        forbidden=("tinylab.cost.pipeline", "tinylab.cost.pipeline.pipeline"),
    ),
    Exercise(
        id="input_rows",
        title="What a patch has to read",
        points=(
            Point("reaches into the neighbours", reaches_into_the_neighbours),
            Point("stops at the edge", stops_at_the_edge),
        ),
        forbidden=("tinylab.graph.patches.input_span",),
    ),
)
