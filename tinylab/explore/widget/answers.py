"""What a learner predicted, kept: in the work folder, and in the notebook that is handed in."""

import json
from collections.abc import Sequence

from tinylab.files import changing, replacing
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
    """The records of the work folder, in the order in which they were first answered."""
    path = work_dir() / FILE
    if not path.exists():
        return []
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path} is damaged ({error}); delete it: your notebooks hold the answers too"
        ) from error
    return records


def keep(record: dict) -> None:
    """Write a record to the work folder, in place of an earlier one of the same question."""
    path = work_dir() / FILE
    with changing(path):
        records = {each["question"]: each for each in kept()} | {record["question"]: record}
        text = json.dumps(list(records.values()), indent=1, ensure_ascii=False)
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
