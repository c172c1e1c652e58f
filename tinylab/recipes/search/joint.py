"""Every network of the keyword space compressed and with exits, counted; choices measured afresh.

The trained super-network in, `keywords_joint.npz` out. What the levers choose is measured a second
time, on test clips that had no part in the choice, and some slices once more as int8 programs.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from tinylab import cost
from tinylab.data.augment import LIGHT
from tinylab.deploy import litert
from tinylab.recipes.keyword_features import Examples, examples
from tinylab.recipes.search.kept import kept
from tinylab.search.joint.costs import joint_costs
from tinylab.search.joint.levers import Lever, Limits, choose_levers, cycles_on
from tinylab.search.joint.results import (
    FreshRow,
    JointResults,
    JointSubject,
    ProgramRow,
    write_joint,
)
from tinylab.search.joint.settings import COMPRESSIONS, THRESHOLDS, Compression
from tinylab.search.space import Architecture
from tinylab.search.super_network.compressed import (
    as_model,
    compress_kernel,
    count_answers,
    count_exits,
)
from tinylab.search.super_network.network import SuperNetwork, slice_scores

__all__ = ["FRESH_CLIPS", "PROGRAMS", "measure_joint"]

FRESH_CLIPS = 100
FLOORS = (0.70, 0.75, 0.80, 0.85, 0.89)
FLASH_BYTES = (6_000, 10_000, 16_000, None)
PERIOD_s = 10.0
PROGRAMS = tuple(
    (one, compression)
    for one in (
        Architecture(2, (64,) * 5),
        Architecture(2, (32, 64, 32, 64)),
        Architecture(3, (64, 64, 32)),
        Architecture(4, (32, 64, 64, 64, 64)),
    )
    for compression in (Compression(8, 1.0), Compression(4, 1.0), Compression(4, 0.7))
)
"""Slices that also become int8 programs; 4-bit weights lie on the grid of 8 bits there."""


def measure_joint(
    folder: str | Path,
    network: SuperNetwork,
    clips: dict,
    *,
    fresh_clips: int = FRESH_CLIPS,
    programs: Sequence[tuple[Architecture, Compression]] = PROGRAMS,
) -> JointResults:
    """Count every slice with every compression and exit, and write `keywords_joint.npz`.

    Parameters
    ----------
    folder : path
        Where each part is kept; what is there already is not made again.
    network : SuperNetwork
        Trained.
    clips : dict of str to Examples
        "calibration" and "validation".
    fresh_clips : int
        Of each class, on which the choices are measured a second time.
    programs : sequence of (Architecture, Compression)
        Slices that become int8 programs as well.
    """
    folder, calibration, validation = Path(folder), clips["calibration"].x, clips["validation"]

    def counted(compression: Compression) -> dict:
        pair = count_answers(
            network, compression, THRESHOLDS, calibration, validation.x, validation.y
        )
        return {"pair": pair, "cpu_s": 0.0}

    parts = [
        kept(folder / f"joint-{one.bits}-{one.kept}.pkl", lambda: counted(one))
        for one in tqdm(COMPRESSIONS, desc="compressions")
    ]
    right, early = (np.array([part["pair"][side] for part in parts]) for side in (0, 1))
    space = network.space
    subject = JointSubject(space.strides, space.widths, COMPRESSIONS, THRESHOLDS, len(validation.y))
    results = JointResults(subject, right, early)
    fresh = kept(
        folder / "fresh.pkl", lambda: examples("test", fresh_clips, augmentation=LIGHT, workers=1)
    )
    subject = dataclasses.replace(
        subject,
        fresh_examples=len(fresh.y),
        fresh=tuple(_fresh_rows(results, network, calibration, fresh)),
        programs=tuple(_program_rows(results, network, calibration, validation, programs)),
        cpu_s=round(sum(part["cpu_s"] for part in parts), 1),
    )
    results = JointResults(subject, right, early)
    write_joint(folder / "keywords_joint.npz", results)
    return results


def _choices(results: JointResults) -> list[Lever]:
    """What the levers reach on the default board, each alone and all, for several limits."""
    costs = joint_costs(results)
    cycles = cycles_on(results, costs, cost.DEFAULT_BOARD)
    features = cost.front_end_cycles("keyword_spotting")
    device = cost.Device(period_s=PERIOD_s, features_cycles=features)
    chosen: dict[tuple, Lever] = {}
    for limits in (Limits(floor, flash) for floor in FLOORS for flash in FLASH_BYTES):
        for one in choose_levers(results, costs, cycles, device, limits).values():
            if one is not None:
                what = (one.architecture, one.compression, one.exit_after, str(one.threshold))
                chosen.setdefault(what, one)
    return list(chosen.values())


def _fresh_rows(
    results: JointResults, network: SuperNetwork, calibration: np.ndarray, fresh: Examples
) -> Iterator[FreshRow]:
    """Each choice on clips that nothing was chosen with, one by one."""
    for one in tqdm(_choices(results), desc="fresh"):
        with network.changed_kernels(compress_kernel(one.compression)):
            widths = one.architecture.widths
            depths = [*([one.exit_after] if one.exit_after else []), one.architecture.depth]
            slices = [
                Architecture(one.architecture.stride, widths[: depth + 1]) for depth in depths
            ]
            said = [slice_scores(network, each, calibration, fresh.x) for each in slices]
        right = count_exits(said, fresh.y, [one.threshold])[-1 if one.exit_after else 0][0]
        yield FreshRow(
            one.architecture.stride,
            widths,
            one.compression.bits,
            one.compression.kept,
            one.exit_after,
            one.threshold if one.exit_after else 0.0,
            round(one.accuracy, 5),
            round(right / len(fresh.y), 5),
        )


def _program_rows(
    results: JointResults,
    network: SuperNetwork,
    calibration: np.ndarray,
    validation: Examples,
    programs: Sequence[tuple[Architecture, Compression]],
) -> Iterator[ProgramRow]:
    """Some slices converted to int8 and run by LiteRT, on the clips of the table."""
    exits, subject = results.exits, results.subject
    for one, compression in tqdm(programs, desc="programs"):
        with network.changed_kernels(compress_kernel(compression)):
            model = as_model(network, one, calibration)
        program = litert.convert(model, "int8", representative_dataset=calibration)
        right = litert.LiteRTModel(program).predict(validation.x).argmax(axis=1) == validation.y
        number = results.space.architectures.index(one)
        column = int(np.flatnonzero((exits.network == number) & (exits.after == 0))[0])
        table = results.accuracy[subject.compressions.index(compression), column]
        yield ProgramRow(
            one.stride,
            one.widths,
            compression.bits,
            compression.kept,
            round(float(table), 5),
            round(float(right.mean()), 5),
        )
