"""What a learner predicted, kept: in the work folder, and in the notebook that is handed in."""

import json
from collections.abc import Sequence
from pathlib import Path

from tinylab.files import changing, keep_aside, read_text, replacing
from tinylab.paths import work_dir

__all__ = ["MIME", "keep", "kept", "record"]

# The notebook's output holds the record under this type; a grader reads it there.
MIME = "application/vnd.tinylab.prediction+json"
FILE = "predictions.json"


def record(
    question: str, choices: Sequence[str], unit: str, answer: float | str | None
) -> dict[str, object]:
    """One question and its answer as plain data; `answer` is None while there is none."""
    return {"question": question, "choices": list(choices), "unit": unit, "answer": answer}


def kept() -> list[dict]:
    """The records of the work folder, in the order in which they were first answered.

    Raises
    ------
    ValueError
        The file is damaged.
    """
    path = work_dir() / FILE
    try:
        text = read_text(path)
        records = [] if text is None else json.loads(text)
    except ValueError:
        records = None
    if isinstance(records, list) and all(isinstance(r, dict) and "question" in r for r in records):
        return records
    raise ValueError(f"{path} is damaged: the next answer keeps it aside and begins a new file")


def keep(record: dict) -> Path | None:
    """Write a record to the work folder, in place of an earlier one of the same question.

    Returns
    -------
    Path or None
        Where the file was damaged, the copy of it that was kept; the record begins a new file.
    """
    path, aside = work_dir() / FILE, None
    with changing(path):
        try:
            before = kept()
        except ValueError:
            before, aside = [], keep_aside(path)
        records = {each["question"]: each for each in before} | {record["question"]: record}
        text = json.dumps(list(records.values()), indent=1, ensure_ascii=False)
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return aside
