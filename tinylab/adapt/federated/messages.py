"""What server and clients say to each other in a round, and what the server does not believe."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tinylab.adapt.dense_training import Weights
from tinylab.adapt.federated.settings import require_number, require_whole

__all__ = [
    "Dropout",
    "LocalRecipe",
    "Replies",
    "Task",
    "Update",
    "accept",
    "to_vector",
    "to_weights",
]


_MOST_EXAMPLES = 2**53  # float64 counts so far


class Dropout(Exception):
    """Raise it in a trainer to say that this client leaves the round; other errors are faults."""


@dataclass(frozen=True)
class LocalRecipe:
    """How a client trains: plain gradient descent, so that a pull of mu means mu.

    Parameters
    ----------
    epochs : int
        Passes over the client's own examples in a round.
    batch_size : int
    learning_rate : float
    """

    epochs: int = 5
    batch_size: int = 10
    learning_rate: float = 0.1

    def __post_init__(self) -> None:
        require_whole("epochs", self.epochs, 1)
        require_whole("batch_size", self.batch_size, 1)
        require_number("learning_rate", self.learning_rate, 0)


@dataclass(frozen=True, eq=False)
class Task:
    """What the server asks of the clients that it drew.

    Parameters
    ----------
    weights : float32 array (size,)
        Of the common model.
    seed, round : int
        A client's batches come from `default_rng([seed, round, client])`, whoever trains beside it.
    recipe : LocalRecipe or None
        None where the clients' trainer has a recipe of its own.
    mu : float
        Pull towards the common weights: mu times the distance is added to the gradient.
    corrections : float32 array (drawn, size), optional
        Added to each client's gradient (SCAFFOLD).
    """

    weights: np.ndarray
    seed: int
    round: int
    recipe: LocalRecipe | None = None
    mu: float = 0.0
    corrections: np.ndarray | None = None

    @property
    def sent_bytes(self) -> int:
        """Down to each client, as float32."""
        return 4 * self.weights.size * (1 if self.corrections is None else 2)


@dataclass(frozen=True, eq=False)
class Update:
    """What a client sends back.

    Parameters
    ----------
    client : str
    change : float32 array (size,)
        Its weights after training minus those that it was sent.
    examples : int
        It was trained on.
    steps : int
        Of gradient descent.
    sent_bytes : int
        On the way up.
    """

    client: str
    change: np.ndarray
    examples: int
    steps: int
    sent_bytes: int


@dataclass(frozen=True, eq=False)
class Replies:
    """The updates that came back, and who left the round and why."""

    updates: Sequence[Update]
    dropouts: dict[str, str] = field(default_factory=dict)


def accept(updates: Sequence[Update], size: int) -> tuple[list[Update], dict[str, str]]:
    """Keep the updates that can be averaged; the others by name, with the reason.

    Parameters
    ----------
    updates : sequence of Update
    size : int
        Numbers in the common model.

    Returns
    -------
    tuple
        Sound updates in the order of the clients' names given, and the refused: {client: reason}.
    """
    sound: dict[str, Update] = {}
    refused: dict[str, str] = {}
    for update in updates:
        reason = _fault(update, size)
        if reason is None and update.client in sound:
            reason = "sent a second update in one round"
        if reason is None:
            sound[update.client] = update
        else:
            refused[update.client] = reason
    return list(sound.values()), refused


def _fault(update: Update, size: int) -> str | None:
    """Why an update cannot be averaged, or None."""
    try:
        change = np.asarray(update.change)
    except ValueError:
        return "sent rows of unlike lengths"
    if change.shape != (size,):
        return f"sent numbers of shape {change.shape}, not ({size},)"
    if change.dtype.kind not in "iuf":
        return f"sent {change.dtype} instead of real numbers"
    with np.errstate(over="ignore"):
        if not np.isfinite(change.astype(np.float32, copy=False)).all():
            return "sent numbers that are not finite in float32"
    counted = isinstance(update.examples, (int, np.integer)) and update.examples is not True
    if not counted or not 1 <= update.examples < _MOST_EXAMPLES:
        return f"says that it trained on {update.examples!r:.20} examples"
    return None


def to_vector(weights: Weights) -> np.ndarray:
    """All numbers of a model in one row: float32 (size,)."""
    return np.concatenate([np.asarray(value, np.float32).ravel() for value in weights])


def to_weights(vector: np.ndarray, like: Weights) -> Weights:
    """Cut a row of numbers, or one for each client, into arrays of the shapes of `like`.

    Parameters
    ----------
    vector : array (..., size)
    like : tuple of arrays

    Raises
    ------
    ValueError
        The row is longer or shorter than the arrays.
    """
    size = sum(value.size for value in like)
    if vector.shape[-1] != size:
        raise ValueError(f"{vector.shape[-1]} numbers do not fill a model of {size}")
    ends = np.cumsum([value.size for value in like])[:-1]
    parts = np.split(vector, ends, axis=-1)
    lead = vector.shape[:-1]
    return tuple(part.reshape(lead + value.shape) for part, value in zip(parts, like, strict=True))
