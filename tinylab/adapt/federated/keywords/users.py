"""A hundred users of one keyword device, each with words of their own that it does not know yet.

The model below the head is frozen, so the sounds are turned into its 64 features once; all the
learning is then in a head of 64 x 30 weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.adapt.dense_training import Weights
from tinylab.adapt.federated.keywords.vocabularies import balanced_vocabularies
from tinylab.adapt.federated.networks import Head
from tinylab.adapt.federated.settings import require_whole
from tinylab.adapt.federated.stacked import ClientData
from tinylab.data.speech import FEW_SHOT_WORDS, OTHER_WORDS, load_recordings
from tinylab.data.word_bank import read_bank
from tinylab.signal.mfcc import mfcc

__all__ = [
    "NEW_WORDS",
    "FeatureBank",
    "Setting",
    "UserPlan",
    "draw_users",
    "feature_bank",
    "settle",
]

NEW_WORDS = (*FEW_SHOT_WORDS, *OTHER_WORDS)
"""The words that the factory model calls "unknown"."""

ROOMS = 2  # every recording may be heard in two rooms


@dataclass(frozen=True, eq=False)
class UserPlan:
    """Who said what.

    Parameters
    ----------
    speakers : tuple of str
    vocabularies : float64 array (users, words)
        Shares of `NEW_WORDS`.
    recordings, rooms, labels : int arrays (users, most clips)
        Of the train split's bank; the first `counts[k]` of row k count.
    counts : int array (users,)
    """

    speakers: tuple[str, ...]
    vocabularies: np.ndarray
    recordings: np.ndarray
    rooms: np.ndarray
    labels: np.ndarray
    counts: np.ndarray


def draw_users(
    alpha: float,
    *,
    users: int = 100,
    clips: int = 40,
    seed: int = 0,
    unlike_sizes: bool = False,
) -> UserPlan:
    """Draw speakers, their vocabularies, and what each has said.

    Parameters
    ----------
    alpha : float
        See `balanced_vocabularies`.
    users : int
        Of the train split's speakers.
    clips : int
        Of each user. A word that is said more often than there are recordings comes again, in
        another room first.
    seed : int
    unlike_sizes : bool
        Numbers of clips from a lognormal distribution (8 to 6 times `clips`) instead.

    Raises
    ------
    ValueError
        More users than there are speakers who say every word, or a setting that means nothing.
    """
    require_whole("clips", clips, 1)
    require_whole("seed", seed, 0)
    rng, bank = np.random.default_rng([seed, 3]), read_bank("train")
    where = {word: np.flatnonzero(bank.words == word) for word in NEW_WORDS}
    complete = sorted(set.intersection(*(set(bank.speakers[at]) for at in where.values())))
    require_whole("users", users, 1)
    if users > len(complete):
        raise ValueError(f"there are {len(complete)} speakers, so {users} users are too many")
    who = [complete[k] for k in rng.permutation(len(complete))[:users]]
    counts = np.full(users, clips)
    if unlike_sizes:
        drawn = np.round(clips * rng.lognormal(-0.5, 1.0, users))
        counts = np.clip(drawn, 8, 6 * clips).astype(int)
    shares = balanced_vocabularies(alpha, users, len(NEW_WORDS), rng)
    table = np.zeros((3, users, counts.max()), np.int64)
    for k, speaker in enumerate(who):
        said = rng.multinomial(counts[k], shares[k] / shares[k].sum())
        takes = [at[bank.speakers[at] == speaker] for at in where.values()]
        table[:, k, : counts[k]] = rng.permutation(_rows(said, takes), axis=1)
    return UserPlan(tuple(who), shares, table[0], table[1], table[2], counts)


def _rows(said: np.ndarray, takes: Sequence[np.ndarray]) -> np.ndarray:
    """(recording, room, label) of every clip of a user, as columns."""
    rows = []
    for word, times in enumerate(said.tolist()):
        pairs = [(take, room) for room in range(ROOMS) for take in takes[word].tolist()]
        rows += [(*pairs[i % len(pairs)], word) for i in range(times)]
    return np.array(rows, np.int64).T


@dataclass(frozen=True, eq=False)
class FeatureBank:
    """The frozen model's 64 features of recordings, standardised by the validation voices.

    Parameters
    ----------
    train : float32 array (rooms, recordings, 64)
        NaN where it was not asked for.
    validation, test : tuple of (float32 array (clips, 64), int array (clips,))
        Features and labels, voices that no user has.
    """

    train: np.ndarray
    validation: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]


def feature_bank(model, plans: Sequence[UserPlan] | None = None) -> FeatureBank:
    """Play recordings to a keyword model and keep what its last hidden layer says.

    Parameters
    ----------
    model : keras.Model
        MFCC in, softmax out; the input of its last layer is taken.
    plans : sequence of UserPlan, optional
        Only the recordings that these users need; all by default (about half a minute).
    """
    import keras

    body = keras.Model(model.inputs[0], model.layers[-1].input)

    def features(split: str, recordings: np.ndarray, seed: int) -> np.ndarray:
        clips = load_recordings(recordings.tolist(), split, seed=seed)
        return body.predict(mfcc(clips.waveforms)[..., np.newaxis], batch_size=256, verbose=0)

    held_out = {}
    for split in ("validation", "test"):
        at = np.flatnonzero(np.isin(read_bank(split).words, NEW_WORDS))
        labels = np.array([NEW_WORDS.index(word) for word in read_bank(split).words[at]])
        held_out[split] = (features(split, at, 0), labels)
    mean = held_out["validation"][0].mean(axis=0)
    deviation = held_out["validation"][0].std(axis=0) + 1e-3

    def standard(values: np.ndarray) -> np.ndarray:
        return ((values - mean) / deviation).astype(np.float32)

    needed = _needed(plans)
    train = np.full((*needed.shape, len(mean)), np.nan, np.float32)
    for room in range(ROOMS):
        at = np.flatnonzero(needed[room])
        if len(at):
            train[room, at] = standard(features("train", at, room))
    return FeatureBank(train, *((standard(values), labels) for values, labels in held_out.values()))


def _needed(plans: Sequence[UserPlan] | None) -> np.ndarray:
    """Which recordings are wanted in which room, bool (rooms, recordings)."""
    bank = read_bank("train")
    if plans is None:
        return np.tile(np.isin(bank.words, NEW_WORDS), (ROOMS, 1))
    needed = np.zeros((ROOMS, len(bank)), bool)
    for plan in plans:
        real = np.arange(plan.labels.shape[1]) < plan.counts[:, None]
        needed[plan.rooms[real], plan.recordings[real]] = True
    return needed


@dataclass(frozen=True, eq=False)
class Setting:
    """Users with features of what they said, and clips of other voices to measure with.

    Parameters
    ----------
    network : Head
    start : tuple of arrays
        The head before any learning.
    data : ClientData
    vocabularies : float64 array (users, words)
    x, y : arrays (clips, 64), (clips,)
        To measure with.
    """

    network: Head
    start: Weights
    data: ClientData
    vocabularies: np.ndarray
    x: np.ndarray
    y: np.ndarray


def settle(plan: UserPlan, features: FeatureBank, split: str = "test") -> Setting:
    """Give every user the features of what it said.

    Parameters
    ----------
    plan : UserPlan
    features : FeatureBank
    split : {"test", "validation"}
        Whose voices to measure with.

    Raises
    ------
    ValueError
        The bank of features lacks some of the recordings.
    """
    if split not in ("test", "validation"):
        raise ValueError(f'measure with "test" or "validation", not {split!r}')
    x = features.train[plan.rooms, plan.recordings]
    real = np.arange(plan.labels.shape[1]) < plan.counts[:, None]
    if np.isnan(x[real]).any():
        raise ValueError("these features were made for other users: pass their plan, too")
    data = ClientData(plan.speakers, np.where(real[..., None], x, 0), plan.labels, plan.counts)
    head = Head()
    start = head.start(x.shape[-1], len(NEW_WORDS))
    return Setting(head, start, data, plan.vocabularies, *getattr(features, split))
