"""What a student wrote in words: the markdown of her own in a notebook.

In: a notebook as plain data, and the assignment. Out: texts, for a teacher to read; no program
judges them.
"""

from tinylab.grading.rules.result import Assignment

__all__ = ["LONGEST", "own_words"]

LONGEST = 20_000  # characters of all texts together; more is cut, and the last text says so
CUT = "[cut here: only the first {:,} characters of a hand-in are kept]"


def own_words(notebook: dict, assignment: Assignment) -> tuple[str, ...]:
    """Her markdown cells, and the lines that she added to the released ones, in order."""
    released = {cell["id"]: cell["source"] for cell in assignment.notebook["cells"]}
    as_released = {text.strip() for text in released.values()}
    texts, left = [], LONGEST
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" or cell["source"].strip() in as_released:
            continue
        known = set(released.get(cell["id"], "").splitlines())
        lines = [line for line in cell["source"].splitlines() if line not in known]
        text = "\n".join(lines).strip().encode("utf-8", "replace").decode("utf-8")
        if not text:
            continue
        if len(text) > left:
            return (*texts, f"{text[:left]}\n{CUT.format(LONGEST)}")
        texts.append(text)
        left -= len(text)
    return tuple(texts)
