"""All parts in one file. It takes half an hour of one core; an interrupted run goes on."""

import dataclasses
import json
from functools import partial
from pathlib import Path

from tinylab import paths
from tinylab.files import replacing
from tinylab.recipes.security import parts
from tinylab.recipes.security.workbench import PROFILES, SecurityProfile, Workbench
from tinylab.security import results

__all__ = ["measure_security"]


def measure_security(
    profile: str | SecurityProfile = "quick",
    *,
    seed: int = 0,
    directory: str | Path | None = None,
    progress: bool = True,
) -> results.SecurityResults:
    """Measure all parts, and write `keyword_spotting_security.json`.

    Parameters
    ----------
    profile : {"quick", "full"} or SecurityProfile
        "full" is what is bundled: three seeds of attacks and defences, five of theft and
        membership, eight of faults.
    seed : int
        Of the examples.
    directory : path, optional
        Default: a folder of the learner's work.
    progress : bool
    """
    chosen = PROFILES.get(profile) if isinstance(profile, str) else profile
    if chosen is None:
        raise ValueError(f"profile must be one of {tuple(PROFILES)}, got {profile!r}")
    folder = Path(directory) if directory is not None else paths.work_dir() / "security"
    folder.mkdir(parents=True, exist_ok=True)
    bench = Workbench(chosen, seed, folder, progress)
    measured = results.SecurityResults(
        model=bench.name,
        clips=len(bench.test.y),
        attacks=_seeds(bench, parts.attacks, results.AttackRow, chosen.seeds),
        defences=_seeds(bench, parts.defences, results.DefenceRow, chosen.seeds),
        protections=(
            *bench.part(
                "random_faults", results.ProtectionRow, partial(parts.random_faults, bench)
            ),
            *_seeds(bench, parts.chosen_faults, results.ProtectionRow, chosen.seeds),
        ),
        thefts=_seeds(bench, parts.thefts, results.TheftRow, chosen.theft_seeds),
        members=_seeds(bench, parts.members, results.MembershipRow, chosen.theft_seeds),
    )
    with replacing(folder / results.FILE) as temporary:
        text = json.dumps(dataclasses.asdict(measured))
        temporary.write_text(text + "\n", encoding="utf-8")
    return measured


def _seeds(bench: Workbench, measure, kind: type, count: int) -> tuple:
    """The rows of a part, over its seeds."""
    rows: list = []
    for number in range(count):
        name = f"{measure.__name__}_{number}"
        rows += bench.part(name, kind, partial(measure, bench, number))
    return tuple(rows)
