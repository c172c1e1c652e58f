"""Wrong answers to the exercises on split, pipeline and patches: the mistakes learners make."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


def _costs(device_ms, bytes_across, server_ms, kbit_per_s):
    here = np.concatenate(([0.0], np.cumsum(device_ms)))
    there = np.sum(server_ms) - np.concatenate(([0.0], np.cumsum(server_ms)))
    return here, 8 * np.asarray(bytes_across) / kbit_per_s, there


def _lowest(total):
    return int(np.argmin(total)), float(np.min(total))


@wrong_answer("best_split", says="a byte has 8 bits")
def takes_bytes_for_bits(device_ms, bytes_across, server_ms, kbit_per_s):
    here, link, there = _costs(device_ms, bytes_across, server_ms, kbit_per_s)
    return _lowest(here + link / 8 + there)


@wrong_answer("best_split", says="the server has to compute, too")
def forgets_the_server(device_ms, bytes_across, server_ms, kbit_per_s):
    here, link, _ = _costs(device_ms, bytes_across, server_ms, kbit_per_s)
    return _lowest(here + link)


@wrong_answer("best_split", says="nothing to divide by 1000")
def answers_in_kilo_milliseconds(device_ms, bytes_across, server_ms, kbit_per_s):
    here, link, there = _costs(device_ms, bytes_across, server_ms, kbit_per_s)
    return _lowest(here + link / 1000 + there)


@wrong_answer("best_split", says="yours is one off")
def shifts_the_cut(device_ms, bytes_across, server_ms, kbit_per_s):
    here, link, there = _costs(device_ms, bytes_across, server_ms, kbit_per_s)
    return _lowest(here[1:] + link[:-1] + there[1:])


@wrong_answer("fastest_cut", says="not their sum")
def adds_up_the_stages(first_ms, link_ms, second_ms):
    total = first_ms + link_ms + second_ms
    return int(total.argmin()), float(total.min()), float(total.min())


@wrong_answer("fastest_cut", says="the link is a stage as well")
def forgets_the_link(first_ms, link_ms, second_ms):
    period = np.maximum(first_ms, second_ms)
    cut = int(period.argmin())
    return cut, float(period[cut]), float((first_ms + link_ms + second_ms)[cut])


@wrong_answer("fastest_cut", says="not the slowest alone")
def answers_at_once(first_ms, link_ms, second_ms):
    period = np.maximum(np.maximum(first_ms, link_ms), second_ms)
    cut = int(period.argmin())
    return cut, float(period[cut]), float(period[cut])


@wrong_answer("input_rows", says="the halo is missing")
def forgets_the_halo(first, last, kernel, stride, pad_before, height):
    return max(first * stride, 0), min(last * stride, height)


@wrong_answer("input_rows", says="the second number is not included")
def counts_one_row_too_many(first, last, kernel, stride, pad_before, height):
    return max(first * stride - pad_before, 0), min(last * stride - pad_before + kernel, height)


@wrong_answer("input_rows", says="there is no row -1")
def reads_outside(first, last, kernel, stride, pad_before, height):
    return first * stride - pad_before, (last - 1) * stride - pad_before + kernel


@wrong_answer("input_rows", says="input row 2 r")
def forgets_the_stride(first, last, kernel, stride, pad_before, height):
    return max(first - pad_before, 0), min(last - 1 - pad_before + kernel, height)
