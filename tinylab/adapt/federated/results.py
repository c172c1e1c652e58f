"""What federated learning measured, as plain numbers for the explorer and the work folder."""

import json
from dataclasses import dataclass

import numpy as np

from tinylab.cache import read_results
from tinylab.models.checkpoints import REFERENCE

__all__ = ["FederatedResults", "FederatedRow", "MachineStudy", "bundled_machine_study"]


@dataclass(frozen=True)
class FederatedRow:
    """One way of learning through its rounds.

    Parameters
    ----------
    method : str
        "FedAvg", "FedProx", "alone" (each client keeps its own model) or "together" (all examples
        on one computer).
    mu : float
        Of FedProx; 0 for the others.
    auc : tuple of tuple of float
        `auc[round][client]`: on the test recordings of that client; round 0 is before the first.
    sent_bytes : int
        In one round, to and from all clients.
    """

    method: str
    mu: float
    auc: tuple[tuple[float, ...], ...]
    sent_bytes: int

    def mean(self, number: int) -> float:
        """Mean AUC over the clients after a round."""
        return sum(self.auc[number]) / len(self.auc[number])

    def worst(self, number: int) -> float:
        """AUC of the client that is served worst."""
        return min(self.auc[number])


@dataclass(frozen=True)
class FederatedResults:
    """Rows and the names of the clients."""

    clients: tuple[str, ...]
    rows: tuple[FederatedRow, ...]

    @property
    def mus(self) -> tuple[float, ...]:
        """Pulls of FedProx that were measured, rising."""
        return tuple(sorted(row.mu for row in self.rows if row.method == "FedProx"))

    @property
    def rounds(self) -> int:
        """How many rounds there were."""
        return len(self.rows[0].auc) - 1

    def row(self, method: str, mu: float = 0.0) -> FederatedRow:
        """Look a row up; KeyError if it was not measured."""
        for row in self.rows:
            if (row.method, row.mu) == (method, mu):
                return row
        raise KeyError(f"{method!r} with mu {mu} was not measured")


@dataclass(frozen=True)
class MachineStudy:
    """The same comparison with several draws of the recordings that the devices learn from.

    Attributes
    ----------
    runs : tuple of FederatedResults
        One a draw, all judged on the same test recordings.
    learned_from : int
        Recordings of each machine that its device learned from.
    test_recordings : int
        Of all machines together.
    rates : dict of str to float
        The learning rate of each method, chosen on the validation recordings with other draws.
    mu : float
        The pull of FedProx, chosen in the same way.
    """

    runs: tuple[FederatedResults, ...]
    learned_from: int
    test_recordings: int
    rates: dict[str, float]
    mu: float

    def finals(self) -> dict[str, tuple[float, ...]]:
        """Mean AUC over the machines after the last round: a value a draw for each method."""
        return {
            row.method: tuple(run.row(row.method, row.mu).mean(run.rounds) for run in self.runs)
            for row in self.runs[0].rows
            if row.method != "FedProx" or row.mu == self.mu
        }

    def average(self) -> FederatedResults:
        """The mean over the draws, for the explorer."""
        rows = []
        for row in self.runs[0].rows:
            tables = np.array([run.row(row.method, row.mu).auc for run in self.runs])
            mean = tuple(map(tuple, tables.mean(axis=0).tolist()))
            rows.append(FederatedRow(row.method, row.mu, mean, row.sent_bytes))
        return FederatedResults(self.runs[0].clients, tuple(rows))


def bundled_machine_study() -> MachineStudy:
    """The study that came with the workbook; `tinylab train ad-federated` repeats it."""
    path = REFERENCE / "anomaly_detection_federated.json"
    return read_results(json.loads(path.read_text(encoding="utf-8")), MachineStudy)
