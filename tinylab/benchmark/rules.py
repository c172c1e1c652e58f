"""The five benchmarks of MLPerf Tiny: their inputs, targets and how often they infer.

Source: Banbury et al., "MLPerf Tiny Benchmark" (2021); MLPerf Tiny Rules v1.2 (targets); the
runner's test scripts, github.com/mlcommons/tiny, benchmark/runner (counts of inferences).
"""

from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["TASKS", "Task", "recognise"]


@dataclass(frozen=True)
class Task:
    """One benchmark.

    Attributes
    ----------
    id : str
        "kws", "vww", "ic", "ad" or "sww".
    title : str
    folder : str
        Of its data set in the runner's layout.
    input_shape : tuple of int
        Of one example, without axes of length 1.
    outputs : tuple of int
        How many numbers the model may answer with.
    metric : str
        "accuracy", "AUC", or "events" (false accepts and misses of a wake word).
    target : float
        What the closed division asks for: a share 0 to 1, or the most events of each kind.
    file_dtype : str
        Of the numbers in its `.bin` files, as numpy writes it; "" where there are none.
    file_shape : tuple of int
        Of the example in a `.bin` file; for anomaly detection of the whole spectrogram.
    inferences, warm_up : int
        Of one performance window of the runner.
    application : str
        The application of this workbook that it belongs to; "" for none.
    """

    id: str
    title: str
    folder: str
    input_shape: tuple[int, ...]
    outputs: tuple[int, ...]
    metric: str
    target: float
    file_dtype: str
    file_shape: tuple[int, ...]
    inferences: int
    warm_up: int
    application: str = ""

    @property
    def target_text(self) -> str:
        """The target in words."""
        if self.metric == "accuracy":
            return f"top-1 accuracy of at least {self.target:.0%}"
        if self.metric == "AUC":
            return f"AUC of at least {self.target:g}"
        return f"at most {self.target:g} false accepts and {self.target:g} misses"


_ALL = (
    Task(
        "kws",
        "keyword spotting",
        "kws01",
        (49, 10),
        (12,),
        "accuracy",
        0.90,
        "int8",
        (49, 10),
        70,
        10,
        "keyword_spotting",
    ),
    Task(
        "vww",
        "visual wake words",
        "vww01",
        (96, 96, 3),
        (2, 1),
        "accuracy",
        0.80,
        "uint8",
        (96, 96, 3),
        20,
        5,
        "visual_wake_words",
    ),
    Task(
        "ic",
        "image classification",
        "ic01",
        (32, 32, 3),
        (10,),
        "accuracy",
        0.85,
        "uint8",
        (32, 32, 3),
        20,
        5,
    ),
    Task(
        "ad",
        "anomaly detection",
        "ad01",
        (640,),
        (640,),
        "AUC",
        0.85,
        "<f4",
        (200, 128),
        1500,
        10,
        "anomaly_detection",
    ),
    Task("sww", "streaming wake word", "sww01", (30, 40), (3,), "events", 8, "", (), 70, 10),
)

TASKS = MappingProxyType({task.id: task for task in _ALL})
"""The benchmarks by id."""


def recognise(input_shape: tuple[int, ...], outputs: int, name: str | None = None) -> Task:
    """Which benchmark a model is for.

    Parameters
    ----------
    input_shape : tuple of int
        Of the model's input, its batch axis included.
    outputs : int
        Numbers that it answers with.
    name : str, optional
        The benchmark's id, to insist on it.

    Raises
    ------
    ValueError
        An unknown id, or a shape that is not that benchmark's, or no benchmark's.
    """
    shape = tuple(size for size in input_shape[1:] if size != 1)
    if name is not None and name not in TASKS:
        raise ValueError(f"there is no benchmark {name!r}; there are: {', '.join(TASKS)}")
    wanted = _ALL if name is None else (TASKS[name],)
    for task in wanted:
        if shape == task.input_shape and outputs in task.outputs:
            return task
    known = "; ".join(
        f"{task.id} {' x '.join(map(str, task.input_shape))} to"
        f" {' or '.join(map(str, task.outputs))}"
        for task in wanted
    )
    raise ValueError(
        f"the model turns {' x '.join(map(str, shape)) or 'one number'} into {outputs} numbers,"
        f" which is not {'that benchmark' if name else 'a benchmark of MLPerf Tiny'} ({known})"
    )
