"""The ledger: one row a stage, so that a learner sees what each step bought.

In: what a stage reached (accuracy, bytes, MACs, time, energy), and which stage it was made from.
Out: a table in which a figure stands beside its change since that stage, wherever the two count the
same thing: one test set, as many examples, one quantity, one board. Rows are kept as JSON in the
learner's work folder, so all notebooks of an application write into one ledger.
"""

import json
import re
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from tinylab import paths
from tinylab.data.own.chosen import own_set
from tinylab.files import changing, keep_aside, read_text, replacing

__all__ = ["Ledger", "LedgerRow"]

BYTES = ("weight_bytes", "file_bytes", "flash_bytes", "ram_bytes")
KINDS = ("measured", "published", "datasheet", "modelled")
RAM_OF = ("inference", "training step")
SCORES = {"anomaly_detection": "AUC", "heartbeat": "macro F1"}  # others: accuracy


@dataclass(frozen=True)
class LedgerRow:
    """What a stage reached; None where it was not found out.

    Attributes
    ----------
    stage : str
        "train", "compress", "adapt", or a stage with a variant: "compress, 4 bits".
    made_from : str
        The stage whose model this one started from; changes are counted from its row.
    accuracy : float
        In 0..1; for anomaly detection the AUC, for heartbeats the macro F1.
    quantity, test_set : str
        What exactly was counted where it is not the plain accuracy (or AUC), and on which examples:
        "own words", "test clips, 60 a class".
    examples : int
        How many examples that was.
    weight_bytes, file_bytes, flash_bytes : int
        Bytes of the weights alone, of the whole file that is stored, and of the program on a chip,
        code and weights.
    ram_bytes : int
        Bytes of memory, of what `ram_of` says: "inference" or "training step".
    macs, instructions : int
        Multiply-accumulates of an inference; instructions, counted on an emulated chip.
    latency_ms, energy_uJ : float
        Of one inference on `board`.
    board, kind : str
        The board, and where its figures come from: measured, published, datasheet or modelled.
    """

    stage: str
    made_from: str | None = None
    accuracy: float | None = None
    quantity: str | None = None
    test_set: str | None = None
    examples: int | None = None
    weight_bytes: int | None = None
    file_bytes: int | None = None
    flash_bytes: int | None = None
    ram_bytes: int | None = None
    ram_of: str = "inference"
    macs: int | None = None
    instructions: int | None = None
    latency_ms: float | None = None
    energy_uJ: float | None = None
    board: str | None = None
    kind: str | None = None

    def __post_init__(self):
        if not isinstance(self.stage, str) or not self.stage.strip():
            raise ValueError("stage must be a name such as 'compress'.")
        if self.accuracy is not None and not 0 <= self.accuracy <= 1:
            raise ValueError(f"accuracy must lie in 0..1, not {self.accuracy}.")
        for name in (*BYTES, "examples", "macs", "instructions", "latency_ms", "energy_uJ"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < float("inf"):
                raise ValueError(f"{name} must be a finite number >= 0, not {value}.")
        if self.kind is not None and self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {self.kind!r}.")
        if (self.latency_ms, self.energy_uJ) != (None, None) and not (self.board and self.kind):
            raise ValueError("a latency or an energy needs board=... and kind=... beside it.")
        if self.ram_of not in RAM_OF:
            raise ValueError(f"ram_of must be one of {', '.join(RAM_OF)}, not {self.ram_of!r}.")
        if self.made_from == self.stage:
            raise ValueError(f"{self.stage!r} cannot be made from itself; name the stage before.")

    @property
    def tested_on(self) -> str:
        """What the accuracy counts, in words: "own words, 640 test clips"."""
        examples = None if self.examples is None else f"{self.examples:,}"
        where = " ".join(part for part in (examples, self.test_set) if part)
        return ", ".join(part for part in (self.quantity, where) if part)

    def compares_with(self, parent: "LedgerRow", figure: str) -> bool:
        """Whether a figure of this row and the parent's count the same thing."""
        if figure == "accuracy":
            mine, theirs = ((r.quantity, r.test_set, r.examples) for r in (self, parent))
            return mine == theirs and None not in (self.test_set, self.examples)
        if figure == "ram_bytes":
            return self.ram_of == parent.ram_of
        if figure in ("latency_ms", "energy_uJ"):
            return (self.board, self.kind) == (parent.board, parent.kind)
        return True


class Ledger:
    """The rows of one application, kept in the work folder.

    Parameters
    ----------
    application : str
        "keyword_spotting", "visual_wake_words" or "anomaly_detection"; any identifier will do. The
        rows of a set of your own (`tinylab.data.use`) make a ledger of their own.
    """

    def __init__(self, application: str):
        if not str(application).isidentifier():
            raise ValueError(
                f"application must be a name like 'keyword_spotting', not {application!r}."
            )
        own = own_set(application)
        self.application = own.key if own else application
        self._score = SCORES.get(application, "accuracy")
        self._tested_on = f" of {own.title}" if own else ""

    @property
    def path(self) -> Path:
        """Where the rows are kept."""
        return paths.work_dir() / f"ledger_{self.application}.json"

    @property
    def rows(self) -> tuple[LedgerRow, ...]:
        """The rows in the order in which their stages were first recorded."""
        rows, whole = self._read()
        if not whole:
            warnings.warn(
                f"The ledger of {self.application} is damaged, or of another version of tinylab:"
                f" {len(rows)} of its rows can be read. The file is left as it is.",
                stacklevel=2,
            )
        return rows

    def _read(self) -> tuple[tuple[LedgerRow, ...], bool]:
        """The rows that can be read, and whether they are all that the file holds."""
        try:
            text = read_text(self.path)
            stored = [] if text is None else json.loads(text)["rows"]
            rows = tuple(row for row in map(_as_row, stored) if row is not None)
            return rows, len(rows) == len(stored)
        except (ValueError, TypeError, KeyError):
            return (), False

    def record(self, stage: str, **figures) -> "Ledger":
        """Add or replace the row of a stage (figures: see `LedgerRow`), and return the ledger."""
        unknown = set(figures) - {field.name for field in fields(LedgerRow)}
        if unknown:
            raise TypeError(f"the ledger has no column {', '.join(sorted(unknown))}.")
        if self._tested_on and figures.get("test_set"):
            test_set = figures["test_set"].removeprefix("rendered ") + self._tested_on
            figures = figures | {"test_set": test_set}
        row = LedgerRow(stage=stage, **{name: _plain(value) for name, value in figures.items()})
        with changing(self.path):
            readable, whole = self._read()
            if not whole:
                warnings.warn(
                    f"The ledger of {self.application} is damaged, or of another version of"
                    f" tinylab: it goes on with the {len(readable)} rows that can be read, and the"
                    f" old file is kept as {keep_aside(self.path).name}.",
                    stacklevel=2,
                )
            rows = {old.stage: old for old in readable} | {stage: row}
            text = json.dumps({"rows": list(map(asdict, rows.values()))}, indent=1, allow_nan=False)
            with replacing(self.path) as temporary:
                temporary.write_text(text, encoding="utf-8")
        return self

    def table(self):
        """The ledger as a pandas DataFrame of text, one row a stage."""
        import pandas as pd

        rows = {row.stage: row for row in self.rows}
        columns = _columns(self._score)
        cells = [
            {"stage": row.stage, "made from": row.made_from or "", "tested on": row.tested_on}
            | {name: _cell(row, rows.get(row.made_from), *how) for name, how in columns.items()}
            | {"RAM of a": row.ram_of if row.ram_bytes is not None else "", "on": _origin(row)}
            for row in rows.values()
        ]
        score, *others = columns
        order = ["stage", "made from", score, "tested on", *others, "RAM of a", "on"]
        return pd.DataFrame(cells, columns=order)

    def __repr__(self) -> str:
        stages = ", ".join(row.stage for row in self.rows) or "empty"
        return f"Ledger of {self.application}: {stages}"

    def _repr_html_(self) -> str:
        table = self.table()
        if table.empty:
            return f"<p>The ledger of {self.application} is empty.</p>"
        filled = table.loc[:, (table != "").any()].map(_unbroken)
        return filled.to_html(escape=True, index=False, border=0, justify="left")


def _unbroken(text: object) -> object:
    """The same text, with its units on the line of their numbers."""
    return re.sub(r"(?<=\d) (?=\S)", "\N{NO-BREAK SPACE}", text) if isinstance(text, str) else text


def _as_row(stored: object) -> LedgerRow | None:
    """A row as it was kept; None where it is none."""
    try:
        return LedgerRow(**stored)
    except (ValueError, TypeError):
        return None


def _columns(score: str) -> dict[str, tuple[str, Callable, bool]]:
    """Heading -> (figure of the row, how to write it, whether the change is a ratio)."""
    if score == "accuracy":
        columns = {"accuracy": ("accuracy", lambda value: f"{100 * value:.1f} %", False)}
    else:
        columns = {score: ("accuracy", lambda value: f"{value:.3f}", False)}
    return columns | {
        "weights": ("weight_bytes", lambda value: f"{value / 1000:,.1f} kB", True),
        "file": ("file_bytes", lambda value: f"{value / 1000:,.1f} kB", True),
        "flash": ("flash_bytes", lambda value: f"{value / 1000:,.1f} kB", True),
        "RAM": ("ram_bytes", lambda value: f"{value / 1000:,.1f} kB", True),
        "MACs": ("macs", lambda value: f"{value / 1000:,.0f} k", True),
        "instructions": ("instructions", lambda value: f"{value / 1000:,.0f} k", True),
        "latency": ("latency_ms", lambda value: f"{value:,.3g} ms", True),
        "energy": ("energy_uJ", lambda value: f"{value:,.4g} uJ", True),
    }


def _cell(
    row: LedgerRow, parent: LedgerRow | None, figure: str, write: Callable, ratio: bool
) -> str:
    """A figure, with its change since the parent where both count the same: "12.4 kB (-75 %)"."""
    value, old = getattr(row, figure), getattr(parent, figure, None)
    if value is None:
        return ""
    if old is None or not row.compares_with(parent, figure):
        return write(value)
    if not ratio:
        points = f"{100 * (value - old):+.1f}" if "%" in write(value) else f"{value - old:+.3f}"
        return f"{write(value)} ({points})"
    return f"{write(value)} ({100 * (value - old) / old:+.0f} %)" if old else write(value)


def _origin(row: LedgerRow) -> str:
    """The board and the kind of its figures."""
    return ", ".join(part for part in (row.board, row.kind) if part)


def _plain(value):
    """A numpy number as the Python one, which JSON can hold."""
    return value.item() if hasattr(value, "item") else value
