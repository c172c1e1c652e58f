"""Wrong answers to the exercises of `visual_wake_words_train`: the mistakes learners make."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


def _slide(padded, kernel, rows, columns):
    return sum(
        kernel[i, j] * padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)
    )


@wrong_answer("depthwise_conv2d", says="the border is missing")
def forgets_the_border(picture, kernel):
    rows, columns, _ = picture.shape
    return _slide(picture, kernel, rows - 2, columns - 2)


@wrong_answer("depthwise_conv2d", says="channels were added up")
def adds_the_channels(picture, kernel):
    rows, columns, _ = picture.shape
    padded = np.pad(picture, ((1, 1), (1, 1), (0, 0)))
    return _slide(padded, kernel, rows, columns).sum(axis=-1)


@wrong_answer("depthwise_conv2d", says="not turned round")
def turns_the_kernel(picture, kernel):
    rows, columns, _ = picture.shape
    padded = np.pad(picture, ((1, 1), (1, 1), (0, 0)))
    return _slide(padded, kernel[::-1, ::-1], rows, columns)


@wrong_answer("depthwise_conv2d", says="not the edge repeated")
def repeats_the_edge(picture, kernel):
    rows, columns, _ = picture.shape
    padded = np.pad(picture, ((1, 1), (1, 1), (0, 0)), mode="edge")
    return _slide(padded, kernel, rows, columns)


@wrong_answer("scaled_macs", says="counts twice")
def scales_the_rows_only(rows, inputs, outputs, width, resolution):
    inputs, outputs = inputs * width, outputs * width
    return rows * (rows * resolution) * (9 * inputs + inputs * outputs)


@wrong_answer("scaled_macs", says="as well as for the outputs")
def scales_the_outputs_only(rows, inputs, outputs, width, resolution):
    return (rows * resolution) ** 2 * (9 * inputs + inputs * outputs * width)


@wrong_answer("scaled_macs", says="depthwise part has no outputs")
def squares_everything(rows, inputs, outputs, width, resolution):
    return rows**2 * (9 * inputs + inputs * outputs) * width**2 * resolution**2


@wrong_answer("focal_loss", says="keeps the easy examples")
def weighs_with_p(p, gamma):
    return -(p**gamma) * np.log(p)


@wrong_answer("focal_loss", says="the minus is missing")
def forgets_the_minus(p, gamma):
    return (1 - p) ** gamma * np.log(p)


@wrong_answer("focal_loss", says="natural logarithm")
def takes_the_wrong_logarithm(p, gamma):
    return -((1 - p) ** gamma) * np.log10(p)


@wrong_answer("focal_loss", says="do not multiply")
def multiplies_by_gamma(p, gamma):
    return -gamma * (1 - p) * np.log(p)


@wrong_answer("grad_cam_map", says="cut off below 0")
def keeps_what_speaks_against(maps, gradients):
    heat = (maps * gradients.mean(axis=(0, 1))).sum(axis=-1)
    return heat / heat.max()


@wrong_answer("grad_cam_map", says="so that it becomes 1")
def does_not_scale(maps, gradients):
    return np.maximum((maps * gradients.mean(axis=(0, 1))).sum(axis=-1), 0)


@wrong_answer("grad_cam_map", says="one weight a channel")
def weighs_each_position(maps, gradients):
    heat = np.maximum((maps * gradients).sum(axis=-1), 0)
    return heat / heat.max()


@wrong_answer("grad_cam_map", says="do not divide by it")
def divides_by_nothing(maps, gradients):
    heat = np.maximum((maps * gradients.mean(axis=(0, 1))).sum(axis=-1), 0)
    with np.errstate(invalid="ignore"):
        return heat / heat.max()


@wrong_answer("pair_order", says="wrong way round")
def compares_the_wrong_way(labels, scores):
    positive, negative = scores[labels == 1], scores[labels == 0]
    higher = (positive[:, None] < negative[None]).mean()
    return higher + 0.5 * (positive[:, None] == negative[None]).mean()


@wrong_answer("pair_order", says="ties count half")
def loses_the_ties(labels, scores):
    positive, negative = scores[labels == 1], scores[labels == 0]
    return (positive[:, None] > negative[None]).mean()


@wrong_answer("pair_order", says="divide by the number of pairs")
def counts_pairs(labels, scores):
    positive, negative = scores[labels == 1], scores[labels == 0]
    return float((positive[:, None] > negative[None]).sum())


@wrong_answer("pair_order", says="needs no threshold")
def gives_an_accuracy(labels, scores):
    return ((scores > 0.5) == labels).mean()


@wrong_answer("precision_in_use", says="only where half the pictures")
def ignores_the_prevalence(recall, false_alarm_rate, prevalence):
    return recall / (recall + false_alarm_rate)


@wrong_answer("precision_in_use", says="weigh them with 1 - prevalence")
def weighs_the_hits_only(recall, false_alarm_rate, prevalence):
    hits = recall * prevalence
    return hits / (hits + false_alarm_rate)


@wrong_answer("precision_in_use", says="share of wake-ups")
def counts_the_wake_ups(recall, false_alarm_rate, prevalence):
    return recall * prevalence + false_alarm_rate * (1 - prevalence)
