"""Wrong answers to the exercises of `anomaly_detection_train`: the mistakes learners make."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


@wrong_answer("outer_race_Hz", says="that is the inner ring")
def takes_the_inner_ring(shaft_Hz, balls, ball_mm, pitch_mm, contact_angle_deg):
    ratio = ball_mm / pitch_mm * np.cos(np.radians(contact_angle_deg))
    return balls / 2 * (1 + ratio) * shaft_Hz


@wrong_answer("outer_race_Hz", says="divide the number of balls by 2")
def counts_all_balls(shaft_Hz, balls, ball_mm, pitch_mm, contact_angle_deg):
    ratio = ball_mm / pitch_mm * np.cos(np.radians(contact_angle_deg))
    return balls * (1 - ratio) * shaft_Hz


@wrong_answer("outer_race_Hz", says="np.cos wants radians")
def forgets_radians(shaft_Hz, balls, ball_mm, pitch_mm, contact_angle_deg):
    return balls / 2 * (1 - ball_mm / pitch_mm * np.cos(contact_angle_deg)) * shaft_Hz


@wrong_answer("outer_race_Hz", says="shaft's turns a second")
def forgets_the_shaft(shaft_Hz, balls, ball_mm, pitch_mm, contact_angle_deg):
    ratio = ball_mm / pitch_mm * np.cos(np.radians(contact_angle_deg))
    return balls / 2 * (1 - ratio)


@wrong_answer("power_to_dB", says="20 * log10 is for amplitudes")
def takes_twenty(power, floor=1e-12):
    return 20 * np.log10(np.maximum(power, floor))


@wrong_answer("power_to_dB", says="base 10")
def takes_the_natural_logarithm(power, floor=1e-12):
    return 10 * np.log(np.maximum(power, floor))


@wrong_answer("power_to_dB", says="the logarithm of zero is infinite")
def forgets_the_floor(power, floor=1e-12):
    return 10 * np.log10(power)


@wrong_answer("power_to_dB", says="it is not added")
def adds_the_floor(power, floor=1e-12):
    return 10 * np.log10(power + floor)


@wrong_answer("stack_windows", says="do not overlap")
def cuts_into_pieces(features, frames):
    count = len(features) // frames
    return features[: count * frames].reshape(count, -1)


@wrong_answer("stack_windows", says="not band by band")
def goes_band_by_band(features, frames):
    count = len(features) - frames + 1
    return np.array([features[i : i + frames].T.ravel() for i in range(count)])


@wrong_answer("stack_windows", says="windows of")
def forgets_the_last(features, frames):
    count = len(features) - frames
    return np.array([features[i : i + frames].ravel() for i in range(count)])


@wrong_answer("stack_windows", says="oldest frame comes first")
def starts_with_the_newest(features, frames):
    count = len(features) - frames + 1
    return np.array([features[i : i + frames][::-1].ravel() for i in range(count)])


@wrong_answer("anomaly_score", says="square them before the mean")
def lets_errors_cancel(windows, copies):
    return np.mean(windows - copies)


@wrong_answer("anomaly_score", says="do not take the root")
def takes_the_root(windows, copies):
    return np.sqrt(np.mean((windows - copies) ** 2))


@wrong_answer("anomaly_score", says="not their sum")
def adds_up(windows, copies):
    return np.mean(np.sum((windows - copies) ** 2, axis=1))


@wrong_answer("anomaly_score", says="not the largest")
def takes_the_worst_window(windows, copies):
    return np.max(np.mean((windows - copies) ** 2, axis=1))


@wrong_answer("auc_by_pairs", says="the faulty one should score higher")
def is_upside_down(healthy_scores, faulty_scores):
    return np.mean(healthy_scores[:, np.newaxis] > faulty_scores[np.newaxis, :])


@wrong_answer("auc_by_pairs", says="divide by the number of pairs")
def only_counts(healthy_scores, faulty_scores):
    return float(np.sum(faulty_scores[:, np.newaxis] > healthy_scores[np.newaxis, :]))


@wrong_answer("auc_by_pairs", says="ties count half")
def ignores_ties(healthy_scores, faulty_scores):
    return np.mean(faulty_scores[:, np.newaxis] > healthy_scores[np.newaxis, :])


@wrong_answer("auc_by_pairs", says="a threshold is not needed")
def picks_a_threshold(healthy_scores, faulty_scores):
    return np.mean(faulty_scores > healthy_scores.mean())


@wrong_answer("cost_per_check", says="prices are swapped")
def swaps_the_prices(healthy_scores, faulty_scores, threshold, prevalence, alarm_cost, miss_cost):
    alarmed, missed = np.mean(healthy_scores > threshold), np.mean(faulty_scores <= threshold)
    return prevalence * missed * alarm_cost + (1 - prevalence) * alarmed * miss_cost


@wrong_answer("cost_per_check", says="the prevalence is missing")
def forgets_how_rare_faults_are(
    healthy_scores, faulty_scores, threshold, prevalence, alarm_cost, miss_cost
):
    alarmed, missed = np.mean(healthy_scores > threshold), np.mean(faulty_scores <= threshold)
    return missed * miss_cost + alarmed * alarm_cost


@wrong_answer("cost_per_check", says="1 - prevalence")
def weighs_only_misses(healthy_scores, faulty_scores, threshold, prevalence, alarm_cost, miss_cost):
    alarmed, missed = np.mean(healthy_scores > threshold), np.mean(faulty_scores <= threshold)
    return prevalence * missed * miss_cost + alarmed * alarm_cost


@wrong_answer("cost_per_check", says="one that equals it raises none")
def alarms_at_the_threshold(
    healthy_scores, faulty_scores, threshold, prevalence, alarm_cost, miss_cost
):
    alarmed, missed = np.mean(healthy_scores >= threshold), np.mean(faulty_scores < threshold)
    return prevalence * missed * miss_cost + (1 - prevalence) * alarmed * alarm_cost
