"""Search by Optuna: NSGA-II and TPE on the same problem, in this process or in many.

In: a function from a network to its costs. Out: what was evaluated. With a database (`storage_at`)
any number of processes, on any number of computers, work on one study; each tells the database that
it lives, and a trial whose worker does not is given to another one.
"""

import contextlib
import warnings
from collections.abc import Callable, Iterator

import optuna
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback

from tinylab.search.space import MOST_BLOCKS, Architecture, Space

__all__ = [
    "SAMPLERS",
    "ask_optuna",
    "heartbeats",
    "new_study",
    "storage_at",
    "trial_states",
    "work_on",
]

SAMPLERS = ("NSGA-II", "TPE")
DIRECTIONS = ("minimize", "minimize")
HEARTBEAT_s, GRACE_s, RETRIES = 1, 3, 2


def ask_optuna(
    costs: Callable[[Architecture], tuple[float, float]],
    space: Space,
    evaluations: int,
    seed: int,
    sampler: str = "TPE",
) -> list[tuple[float, float]]:
    """Evaluate networks that a sampler of Optuna proposes.

    Parameters
    ----------
    costs : callable
    space : Space
    evaluations, seed : int
    sampler : {"NSGA-II", "TPE"}
    """
    with _quiet():
        study = optuna.create_study(
            directions=DIRECTIONS, sampler=_sampler(sampler, seed, evaluations)
        )
        study.optimize(lambda trial: costs(_suggested(trial, space)), n_trials=evaluations)
    return [tuple(trial.values) for trial in study.trials]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without Optuna's progress and its notes on what is experimental."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)


def storage_at(url: str) -> RDBStorage:
    """A database for many workers, such as "sqlite:///study.db" or a PostgreSQL address."""
    with _quiet():
        return RDBStorage(
            url,
            heartbeat_interval=HEARTBEAT_s,
            grace_period=GRACE_s,
            heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(max_retry=RETRIES),
        )


def new_study(url: str, name: str) -> None:
    """Make a study that workers can join; an existing one of that name is an error."""
    with _quiet():
        optuna.create_study(study_name=name, storage=storage_at(url), directions=DIRECTIONS)


def trial_states(url: str, name: str) -> list[str]:
    """What became of each trial of a study, in order: "running", "complete" or "fail"."""
    study = optuna.load_study(study_name=name, storage=storage_at(url))
    return [trial.state.name.lower() for trial in study.get_trials(deepcopy=False)]


def heartbeats(url: str) -> int:
    """How many trials have told the database that their worker lives.

    A trial whose worker ends before it told so even once is never missed by anybody.
    """
    with storage_at(url).engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT COUNT(*) FROM trial_heartbeats").scalar_one())


def work_on(
    url: str,
    name: str,
    costs: Callable[[Architecture], tuple[float, float]],
    space: Space,
    evaluations: int,
    seed: int,
) -> int:
    """Work on a study until it has so many finished trials; how many this worker finished.

    Parameters
    ----------
    url, name : str
        Of the study, see `new_study`.
    costs, space
        As for `ask_optuna`.
    evaluations : int
        Of all workers together.
    seed : int
        Different for every worker: equal seeds propose equal networks.
    """
    with _quiet():
        study = optuna.load_study(
            study_name=name, storage=storage_at(url), sampler=_sampler("NSGA-II", seed, evaluations)
        )
        own = 0
        while _complete(study) < evaluations:
            study.optimize(lambda trial: costs(_suggested(trial, space)), n_trials=1)
            own += 1
    return own


def _complete(study: optuna.Study) -> int:
    done = (optuna.trial.TrialState.COMPLETE,)
    return len(study.get_trials(deepcopy=False, states=done))


def _sampler(name: str, seed: int, evaluations: int):
    if name not in SAMPLERS:
        raise ValueError(f"sampler must be one of {', '.join(SAMPLERS)}, not {name!r}")
    if name == "NSGA-II":
        # The default of 50 would be random search for a quarter of a short run.
        return optuna.samplers.NSGAIISampler(
            population_size=max(4, min(24, evaluations // 6)), seed=seed
        )
    with _quiet():
        return optuna.samplers.TPESampler(multivariate=True, seed=seed)


def _suggested(trial: optuna.Trial, space: Space) -> Architecture:
    """A network from a trial's choices; widths of blocks that are not there are not used."""
    stride = trial.suggest_categorical("stride", space.strides)
    depth = trial.suggest_int("depth", 1, MOST_BLOCKS)
    widths = [
        trial.suggest_categorical(f"width{layer}", space.widths) for layer in range(MOST_BLOCKS + 1)
    ]
    return Architecture(stride, tuple(widths[: depth + 1]))
