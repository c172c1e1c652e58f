"""A decision record: what was chosen and why, bound to the ledger rows that it rests on.

In: four texts of the learner's, and names of stages in the ledger. Out: a record in the work
folder, as a page for people and as data for the hand-in. A record that is older than its figures
says so.
"""

import html
import json
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tinylab import paths
from tinylab.course.ledger import Ledger, LedgerRow
from tinylab.files import keep_aside, read_text, replacing

__all__ = ["MIME", "PARTS", "Decision"]

# The type under which a notebook's output holds a record; grading reads it.
MIME = "application/vnd.tinylab.decision+json"
PARTS = {
    "choice": "Choice: which model, precision, board and clock",
    "rejected": "Rejected: the best alternative, and the figure that decided against it",
    "binding_limit": "Binding limit: what would have to change for another choice",
    "residual_risk": "Residual risk: for whom or when it fails, and what is not known",
}


@dataclass(frozen=True)
class Decision:
    """What a learner decided at the end of a thread.

    Making one keeps it: beside the ledger, with the rows as they are now. Made again with the same
    texts it is compared with those rows; with other texts it is a new decision.

    Parameters
    ----------
    application : str
        Whose ledger: "keyword_spotting", ...
    rests_on : sequence of str
        Stages of the ledger that the texts speak of.
    choice, rejected, binding_limit, residual_risk : str
        The four parts; an empty one is still to be written.

    Raises
    ------
    ValueError
        No stage is named, or the ledger has none of that name.
    """

    application: str
    rests_on: Sequence[str]
    choice: str = ""
    rejected: str = ""
    binding_limit: str = ""
    residual_risk: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.rests_on, str):
            raise ValueError(f"pass a list of stages: rests_on=[{self.rests_on!r}]")
        stages = [row.stage for row in Ledger(self.application).rows]
        unknown = [stage for stage in self.rests_on if stage not in stages]
        if unknown or not self.rests_on:
            raise ValueError(
                f"name the stages that you rest on, of {', '.join(stages) or 'an empty ledger'}"
                + (f"; {', '.join(unknown)} is not among them" if unknown else "")
            )
        if self._stored() is None:
            self._store()

    @property
    def open(self) -> tuple[str, ...]:
        """The parts that are still to be written."""
        return tuple(part for part in PARTS if not getattr(self, part).strip())

    @property
    def changed(self) -> tuple[str, ...]:
        """What became of the rows since the decision: a sentence each, none if all are as then."""
        stored = self._stored() or {}
        pairs = [(row, stored[row.stage]) for row in self._rows() if row.stage in stored]
        return tuple(
            f"{row.stage}: {figure.replace('_', ' ')} was {then[figure]} and is {now}"
            for row, then in pairs
            for figure, now in asdict(row).items()
            if figure in then and then[figure] != now
        )

    def confirm(self) -> "Decision":
        """Decide the same again, on the figures as they are now."""
        self._store()
        return self

    def export(self, path: str | Path | None = None) -> Path:
        """Write the record as a page; by default into the work folder.

        Returns
        -------
        Path of the HTML file.
        """
        path = Path(path) if path else self._file().with_suffix(".html")
        page = f'<!DOCTYPE html><meta charset="utf-8"><title>Decision</title>{self._repr_html_()}'
        with replacing(path) as temporary:
            temporary.write_text(page, encoding="utf-8")
        return path

    def __repr__(self) -> str:
        lines = [f"Decision on {self.application}, resting on {', '.join(self.rests_on)}"]
        lines += [f"still to write: {PARTS[part]}" for part in self.open]
        return "\n".join([*lines, *self._warning()])

    def _repr_html_(self) -> str:
        texts = "".join(
            f"<h3>{html.escape(PARTS[part])}</h3>"
            f"<p>{html.escape(text) or '<em>still to write</em>'}</p>"
            for part, text in self._texts().items()
        )
        warning = "".join(
            f"<p><strong>{html.escape(line)}</strong></p>" for line in self._warning()
        )
        rows = "".join(f"<li>{html.escape(_in_words(row))}</li>" for row in self._rows())
        return f"{warning}{texts}<h3>It rests on</h3><ul>{rows}</ul>"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        data = self._texts() | {
            "rests_on": [_in_words(row) for row in self._rows()],
            "changed": list(self.changed),
        }
        return {"text/plain": repr(self), "text/html": self._repr_html_(), MIME: data}

    def _warning(self) -> list[str]:
        if not self.changed:
            return []
        return [
            "The ledger has changed since you decided: read your record again, and change it or"
            " call .confirm().",
            *self.changed,
        ]

    def _rows(self) -> list[LedgerRow]:
        rows = {row.stage: row for row in Ledger(self.application).rows}
        return [rows[stage] for stage in self.rests_on if stage in rows]

    def _file(self) -> Path:
        return paths.work_dir() / f"decision_{Ledger(self.application).application}.json"

    def _texts(self) -> dict[str, str]:
        return {part: getattr(self, part).strip() for part in PARTS}

    def _stored(self) -> dict[str, dict] | None:
        """The rows, by stage, that were kept with this very decision, or None."""
        try:
            texts, rows = self._read() or ({}, {})
        except ValueError:
            return None  # decide anew
        same = texts == self._texts() and list(rows) == list(dict.fromkeys(self.rests_on))
        return rows if same else None

    def _read(self) -> tuple[dict, dict[str, dict]] | None:
        """Texts and rows of the record that is kept, if any; a ValueError if it is damaged."""
        text = read_text(self._file())
        try:
            if text is None:
                return None
            stored = json.loads(text)
            return stored["texts"], {row["stage"]: row for row in stored["rows"]}
        except (TypeError, KeyError) as error:
            raise ValueError(f"{self._file()} holds no decision record") from error

    def _store(self) -> None:
        try:
            self._read()
        except ValueError:
            warnings.warn(
                f"The kept decision on {self.application} was damaged: this one takes its turn, and"
                f" the old file is kept as {keep_aside(self._file()).name}.",
                stacklevel=4,
            )
        kept = {"texts": self._texts(), "rows": [asdict(row) for row in self._rows()]}
        with replacing(self._file()) as temporary:
            temporary.write_text(json.dumps(kept, indent=1), encoding="utf-8")


def _in_words(row: LedgerRow) -> str:
    """A row's figures in a line."""
    figures = {name: value for name, value in asdict(row).items() if value is not None}
    stage = figures.pop("stage")
    if "ram_bytes" not in figures:
        figures.pop("ram_of", None)  # it says of which memory the bytes are
    written = (f"{name.replace('_', ' ')} {_written(value)}" for name, value in figures.items())
    return f"{stage}: {', '.join(written)}"


def _written(value) -> str:
    """A figure with as many digits as it is worth."""
    if isinstance(value, float):
        return f"{value:,.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
