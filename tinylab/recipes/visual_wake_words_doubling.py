"""Deeper, wider, sharper, or a share of each: four ways to double the work of a MobileNetV1.

In: the built-in pictures. Out: a table that the notebook's explorer looks up. It takes half an
hour, so the table that `tinylab train vww-doubling` wrote is bundled.

Each network gets the learning rate that serves it best on the validation pictures, of a grid that
goes on while the best lies at its end, and is then trained with several seeds. The test scenes
choose nothing.

Source of the question: Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks" (2019), section 3.3: depth, width and resolution times alpha, beta and gamma, with
alpha beta^2 gamma^2 about 2.
"""

import dataclasses
from pathlib import Path

from tqdm.auto import tqdm

from tinylab.models.networks.doubling_results import BASE, DoublingResults, DoublingRow
from tinylab.models.repeats import begun, write_study
from tinylab.models.training import TrainingProfile
from tinylab.models.tuning import tried
from tinylab.recipes.visual_wake_words_scaling import PROFILE, RATES, Splits, figures_of

__all__ = ["NETWORKS", "SEEDS", "measure_doubling"]

# Depth, width, resolution. Maps of odd size are rounded up where they are halved and blocks are
# whole, so the counted work differs from alpha beta^2 gamma^2: the multipliers are those at which
# all four take 2.09 to 2.12 times the multiply-accumulates of the base. The base is smaller than
# the pictures, so that a sharper one shows more of them and not the same, enlarged.
NETWORKS = {
    BASE: (1.0, 0.25, 64),
    "deeper": (25 / 13, 0.25, 64),
    "wider": (1.0, 0.375, 64),
    "sharper": (1.0, 0.25, 88),
    "all three": (14 / 13, 0.2734375, 80),
}
SEEDS = (0, 1, 2, 3, 4)


def measure_doubling(
    splits: Splits | None = None,
    *,
    networks=NETWORKS,
    rates=RATES,
    seeds=SEEDS,
    profile: TrainingProfile = PROFILE,
    path: str | Path | None = None,
    progress: bool = True,
) -> DoublingResults:
    """Tune and train every network, all on the same pictures for as long, and measure them.

    Parameters
    ----------
    splits : Splits, optional
        Without it, 4,000 of the built-in training pictures and all others.
    networks : mapping of str to (depth, width, resolution)
    rates : sequence of float
        Learning rates that are tried with the first seed; `tinylab.models.tuning.tried` goes on
        beyond them, for each network, while its best is the first or the last.
    seeds : sequence of int
    profile : TrainingProfile
        Its learning rate is replaced.
    path : path, optional
        Where the table is written as JSON after each training; what it already holds is not trained
        again.
    progress : bool

    Returns
    -------
    DoublingResults
        Accuracy and area under the ROC curve on the test scenes.

    Raises
    ------
    ValueError
        If there is a file that holds another study, or none.
    """
    splits = splits or Splits.load(4000)
    path = Path(path) if path is not None else None
    empty = DoublingResults((), *splits.sizes, profile.epochs)
    before = begun(path, empty) if path else empty
    rows = list(before.rows)

    def results() -> DoublingResults:
        return dataclasses.replace(before, rows=tuple(rows))

    bar = tqdm(disable=not progress, unit="training")

    def measured(way: str, rate: float, seed: int) -> DoublingRow:
        bar.update()
        for row in rows:
            if (row.way, row.learning_rate, row.seed) == (way, rate, seed):
                return row
        depth = round(networks[way][0], 4)
        figures = figures_of(networks[way], rate, seed, splits, profile)
        rows.append(DoublingRow(way=way, depth=depth, seed=seed, **figures))
        if path:
            write_study(results(), path)
        return rows[-1]

    first, *others = seeds
    for way in networks:
        tried(
            "learning rate", rates, lambda rate, way=way: measured(way, rate, first).validation_auc
        )
    # Seed by seed: whoever stops early has all ways alike.
    for seed in others:
        for way in networks:
            measured(way, results().chosen(way)[0].learning_rate, seed)
    bar.close()
    return results()
