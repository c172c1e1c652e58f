"""What federated learning measured, as plain numbers for the explorer and the work folder."""

from dataclasses import dataclass

__all__ = ["FederatedResults", "FederatedRow"]


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
