"""What a student wrote in words: the markdown of her own in a notebook, and her decision record.

In: a notebook as plain data, and the assignment. Out: texts, for a teacher to read; no program
judges them.
"""

from collections.abc import Iterable

from tinylab.course.decision import MIME, PARTS
from tinylab.grading.rules.result import Assignment

__all__ = ["LONGEST", "own_words"]

LONGEST = 20_000  # characters of all texts together; more is cut, and the last text says so
CUT = "[cut here: only the first {:,} characters of a hand-in are kept]"


def own_words(notebook: dict, assignment: Assignment) -> tuple[str, ...]:
    """Her markdown cells, the lines that she added to the released ones, and records, in order."""
    released = {cell["id"]: cell["source"] for cell in assignment.notebook["cells"]}
    texts, left = [], LONGEST
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            text = _decision(cell)
        else:
            text = _added(cell["source"], released.get(cell["id"], ""), released.values())
        text = text.encode("utf-8", "replace").decode("utf-8")
        if not text:
            continue
        if len(text) > left:
            return (*texts, f"{text[:left]}\n{CUT.format(LONGEST)}")
        texts.append(text)
        left -= len(text)
    return tuple(texts)


def _added(source: str, before: str, released: Iterable[str]) -> str:
    """The lines of a text that were not released in it, none if it was released elsewhere."""
    if source.strip() in {text.strip() for text in released}:
        return ""
    known = set(before.splitlines())
    return "\n".join(line for line in source.splitlines() if line not in known).strip()


def _decision(cell: dict) -> str:
    """The decision record in a cell's outputs, with what it rests on."""
    for output in cell.get("outputs") or ():
        data = output.get("data") if isinstance(output, dict) else None
        record = data.get(MIME) if isinstance(data, dict) else None
        if not isinstance(record, dict):
            continue
        written = [(title, record.get(part)) for part, title in PARTS.items()]
        lines = [f"{title}\n{text}" for title, text in written if isinstance(text, str) and text]
        if lines:
            titles = {"rests_on": "It rests on", "changed": "Changed since it was written"}
            for key, title in titles.items():
                if isinstance(record.get(key), list) and record[key]:
                    lines.append("\n".join([title, *map(str, record[key])]))
            return "\n\n".join(lines)
    return ""
