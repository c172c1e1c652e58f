"""The ledger: one row a stage, so that a learner sees what each step bought.

In: what a stage reached (accuracy, bytes, MACs, time, energy). Out: a table in which every figure
stands beside its difference to the row before. Rows are kept as JSON in the learner's work folder,
so all notebooks of an application write into one ledger.
"""

import json
import os
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from tinylab import paths
from tinylab.files import replacing

__all__ = ["Ledger", "LedgerRow"]

KINDS = ("measured", "published", "datasheet", "modelled")
SCORES = {"anomaly_detection": "AUC"}  # the other applications are judged by accuracy


@dataclass(frozen=True)
class LedgerRow:
    """What a stage reached; None where it was not found out.

    Attributes
    ----------
    stage : str
        "train", "compress", "adapt", or a stage with a variant: "compress, 4 bits".
    accuracy : float
        In 0..1; for anomaly detection the AUC.
    flash_bytes, ram_bytes, macs : int
        Bytes of the stored model, bytes of memory while it runs, multiply-accumulates an inference.
    instructions : int
        Executed for one inference, counted on an emulated chip.
    latency_ms, energy_uJ : float
        Of one inference on `board`.
    board, kind : str
        The board, and where its figures come from: measured, published, datasheet or modelled.
    """

    stage: str
    accuracy: float | None = None
    flash_bytes: int | None = None
    ram_bytes: int | None = None
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
        for name in ("flash_bytes", "ram_bytes", "macs", "instructions", "latency_ms", "energy_uJ"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < float("inf"):
                raise ValueError(f"{name} must be a finite number >= 0, not {value}.")
        if self.kind is not None and self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {self.kind!r}.")
        if (self.latency_ms, self.energy_uJ) != (None, None) and not (self.board and self.kind):
            raise ValueError("a latency or an energy needs board=... and kind=... beside it.")


class Ledger:
    """The rows of one application, kept in the work folder.

    Parameters
    ----------
    application : str
        "keyword_spotting", "visual_wake_words" or "anomaly_detection"; any identifier will do.
    """

    def __init__(self, application: str):
        if not str(application).isidentifier():
            raise ValueError(
                f"application must be a name like 'keyword_spotting', not {application!r}."
            )
        self.application = application

    @property
    def path(self) -> Path:
        """Where the rows are kept."""
        return paths.work_dir() / f"ledger_{self.application}.json"

    @property
    def rows(self) -> tuple[LedgerRow, ...]:
        """The rows in the order in which their stages were first recorded."""
        if not self.path.is_file():
            return ()
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            return tuple(LedgerRow(**row) for row in stored["rows"])
        except (ValueError, TypeError, KeyError):
            backup = self.path.with_suffix(".json.bak")
            os.replace(self.path, backup)
            warnings.warn(
                f"The ledger of {self.application} was damaged and starts anew; "
                f"the old file is kept as {backup.name}.",
                stacklevel=2,
            )
            return ()

    def record(self, stage: str, **figures) -> "Ledger":
        """Add or replace the row of a stage (figures: see `LedgerRow`), and return the ledger."""
        unknown = set(figures) - {field.name for field in fields(LedgerRow)}
        if unknown:
            raise TypeError(f"the ledger has no column {', '.join(sorted(unknown))}.")
        row = LedgerRow(stage=stage, **{name: _plain(value) for name, value in figures.items()})
        rows = list(self.rows)
        same = [index for index, old in enumerate(rows) if old.stage == stage]
        if same:
            rows[same[0]] = row
        else:
            rows.append(row)
        with replacing(self.path) as temporary:
            text = json.dumps({"rows": [asdict(row) for row in rows]}, indent=1, allow_nan=False)
            temporary.write_text(text, encoding="utf-8")
        return self

    def table(self):
        """The ledger as a pandas DataFrame of text, one row a stage."""
        import pandas as pd

        rows = self.rows
        before = (LedgerRow(stage="nothing"), *rows)
        columns = _columns(SCORES.get(self.application, "accuracy"))
        cells = [
            {"stage": row.stage}
            | {name: _cell(row, old, *how) for name, how in columns.items()}
            | {"on": _origin(row)}
            for row, old in zip(rows, before)
        ]
        return pd.DataFrame(cells, columns=["stage", *columns, "on"])

    def __repr__(self) -> str:
        stages = ", ".join(row.stage for row in self.rows) or "empty"
        return f"Ledger of {self.application}: {stages}"

    def _repr_html_(self) -> str:
        table = self.table()
        if table.empty:
            return f"<p>The ledger of {self.application} is empty.</p>"
        filled = table.loc[:, (table != "").any()]
        return filled.to_html(escape=True, index=False, border=0, justify="left")


def _columns(score: str) -> dict[str, tuple[str, Callable, bool]]:
    """Heading -> (figure of the row, how to write it, whether the change is a ratio)."""
    if score == "accuracy":
        columns = {"accuracy": ("accuracy", lambda value: f"{100 * value:.1f} %", False)}
    else:
        columns = {score: ("accuracy", lambda value: f"{value:.3f}", False)}
    return columns | {
        "flash": ("flash_bytes", lambda value: f"{value / 1000:,.1f} kB", True),
        "RAM": ("ram_bytes", lambda value: f"{value / 1000:,.1f} kB", True),
        "MACs": ("macs", lambda value: f"{value / 1000:,.0f} k", True),
        "instructions": ("instructions", lambda value: f"{value / 1000:,.0f} k", True),
        "latency": ("latency_ms", lambda value: f"{value:,.3g} ms", True),
        "energy": ("energy_uJ", lambda value: f"{value:,.4g} uJ", True),
    }


def _cell(row: LedgerRow, before: LedgerRow, figure: str, write: Callable, ratio: bool) -> str:
    """A figure with its difference to the row before: "12.4 kB (-75 %)"."""
    value, old = getattr(row, figure), getattr(before, figure)
    if value is None:
        return ""
    if old is None:
        return write(value)
    if figure in ("latency_ms", "energy_uJ") and row.board != before.board:
        return write(value)  # another board: a difference would not be this step's doing
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
