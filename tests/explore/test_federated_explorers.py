"""The explorers of federated keyword users show the bundled runs, and sentences follow verdicts."""

import numpy as np
import pytest

from tinylab.adapt.federated.keywords.runs import measured_epsilons, measured_runs
from tinylab.adapt.federated.traffic import participation
from tinylab.scoring.verdicts import compare


@pytest.fixture(scope="module")
def runs():
    return measured_runs()


def values(runs, group, name, alpha, number=30):
    return np.array([run.all_words[number] for run in runs.pick(group, name, alpha)])


@pytest.mark.parametrize(
    ("group", "chosen", "base"),
    [
        ("methods", "FedAvgM", "FedAvg"),
        ("stragglers", "90% slow, partial work", "90% slow, dropped"),
        ("sizes", "all alike", "by examples"),
    ],
)
def test_methods_shows_two_ways_all_seeds_and_a_paired_verdict(make, runs, group, chosen, base):
    explorer = make("federated_methods").set(alpha=0.03, chosen=chosen, number=10)
    curves = np.array([run.all_words for run in runs.pick(group, chosen, 0.03)])
    np.testing.assert_allclose(explorer.figure.data[3].y, 100 * curves.mean(axis=0))
    assert max(explorer.figure.data[2].y) == pytest.approx(100 * curves.max())
    verdict = compare(curves[:, 10], values(runs, group, base, 0.03, 10))
    assert verdict.sentence(chosen[0].upper() + chosen[1:], base) in explorer.text
    assert set(explorer.figure.data[7].y) == set(runs.names(group))
    assert (len(explorer.figure.data[5].y) == 0) == (group == "sizes")


def test_methods_says_what_unlike_vocabularies_take_from_all(make, runs):
    explorer = make("federated_methods").set(alpha=0.03, chosen="FedAvgM")
    lost = [
        100 * (runs.last("methods", n, 1000).mean() - runs.last("methods", n, 0.03).mean())
        for n in ("FedAvg", "together")
    ]
    sentence = f"since vocabularies were alike: FedAvg {lost[0]:.1f} and together {lost[1]:.1f}."
    assert explorer.text.endswith(sentence)
    assert "Points lost" not in explorer.set(alpha=1000).text
    alike = dict(zip(explorer.figure.data[8].y, explorer.figure.data[8].x))
    assert alike["FedAvg"] == pytest.approx(100 * runs.last("methods", "FedAvg", 1000).mean())


def test_personal_shows_own_words_after_tuning_against_common_and_alone(make, runs):
    explorer = make("federated_personal").set(alpha=0.03, chosen=5)
    own, common = (
        runs.last("personal", f"FedAvg, {epochs} epochs", 0.03, "own_words") for epochs in (5, 0)
    )
    alone = runs.last("methods", "alone", 0.03, "own_words")
    assert f"own words {own.mean():.1%}" in explorer.text
    assert compare(own, common).sentence("Tuned", "the common model") in explorer.text
    assert explorer.text.endswith(compare(own, alone).sentence("Tuned", "alone"))
    assert explorer.figure.data[2].y[0] == pytest.approx(100 * alone.mean())
    untuned = explorer.set(chosen=0)
    assert untuned.text.endswith(compare(common, alone).sentence("Common", "alone"))


def test_cost_is_rounds_times_participations(make, runs):
    explorer = make("federated_cost").set(name="4 bits", target=0.55, feedback=True)
    picked = runs.pick("compression", "4 bits, feedback", 0.1)
    curve = np.mean([run.all_words for run in picked], axis=0)
    rounds = int(np.argmax(curve >= 0.55))
    one = participation(7800, round(picked[0].up_bytes), "ble_nrf52840")
    total = explorer.result.joules("4 bits")
    assert total == pytest.approx(0.2 * rounds * one.energy_uJ / 1e6)
    unreached = explorer.set(name="sign", target=0.6, feedback=False)
    assert "not reached in 30 rounds" in unreached.text and not unreached.figure.data[-1].x


def test_poison_compares_with_the_mean_under_the_same_attack(make, runs):
    explorer = make("federated_poison").set(attack="5 send x -5", rule="norm clipping")
    ours, mean = (
        runs.last("poison", f"5 send x -5 | {rule}", 0.1) for rule in ("norm clipping", "mean")
    )
    assert compare(ours, mean).sentence("This rule", "the mean") in explorer.text
    assert explorer.figure.data[1].y[-1] == pytest.approx(100 * ours.mean())


def test_privacy_reads_the_accountants_table(make, runs):
    explorer = make("federated_privacy").set(crowd="240 users, share 0.2", noise=1.0)
    row = next(r for r in measured_epsilons() if (r.share, r.noise, r.rounds) == (0.2, 1.0, 30))
    assert 5.3 < row.epsilon < 5.4
    assert explorer.figure.data[-1].x[0] == row.epsilon
    assert "promises nothing" in explorer.text


def test_the_bundled_runs_are_paired(runs):
    seeds = {}
    for run in runs.runs:
        seeds.setdefault(run.group, {}).setdefault((run.name, run.alpha), []).append(run.seed)
    for group, settings in seeds.items():
        assert all(measured == [0, 1, 2, 3, 4] for measured in settings.values()), group
    with pytest.raises(KeyError, match="was not measured"):
        runs.pick("methods", "FedAvg", 0.7)
