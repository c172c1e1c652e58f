"""The accountant's table that the federated notebook shows; needs dp-accounting and numpy only.

The workbook's environment does not have dp-accounting, so the table is bundled. To make it anew:

    .venv-flower/bin/python -m tinylab.recipes.federated.epsilons
"""

import dataclasses
import json
from pathlib import Path

from tinylab.adapt.federated.privacy import EpsilonRow, epsilon
from tinylab.files import replacing
from tinylab.paths import PROJECT

__all__ = ["NOISES", "ROUNDS", "SHARES", "measure_epsilons"]

SHARES = (0.1, 0.2)
NOISES = (0.5, 1.0, 2.0)
ROUNDS = 30
BUNDLED = PROJECT / "tinylab" / "adapt" / "federated" / "keywords" / "measured" / "epsilons.json"


def measure_epsilons(path: str | Path = BUNDLED, delta: float = 1e-3) -> tuple[EpsilonRow, ...]:
    """Privacy spent by the private runs of `tinylab.recipes.federated.experiments`, by rounds.

    Parameters
    ----------
    path : path
        Written when everything is done.
    delta : float
    """
    rows = tuple(
        EpsilonRow(share, noise, rounds, delta, round(epsilon(share, noise, rounds, delta), 4))
        for share in SHARES
        for noise in NOISES
        for rounds in (1, 10, ROUNDS, 100)
    )
    with replacing(Path(path)) as temporary:
        stored = {"rows": [dataclasses.asdict(row) for row in rows]}
        temporary.write_text(json.dumps(stored, indent=0) + "\n", encoding="utf-8")
    return rows


if __name__ == "__main__":
    measure_epsilons()
