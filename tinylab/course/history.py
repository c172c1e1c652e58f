"""Is the function that a check judges still the one in its cell?

A cell that was run again with a syntax error, or with another name in its `def`, leaves the older
function in the kernel: it would keep points that the text in the notebook no longer earns.
"""

import linecache
import re
from collections.abc import Callable, Sequence

__all__ = ["executed_cells", "is_superseded"]


def executed_cells() -> list[str]:
    """The cells that this kernel ran, oldest first; empty outside a notebook."""
    from IPython import get_ipython

    shell = get_ipython()
    return [] if shell is None else list(shell.history_manager.input_hist_parsed)


def is_superseded(function: Callable, cells: Sequence[str]) -> bool:
    """Whether a later run of the function's cell did not define it again.

    Parameters
    ----------
    function : callable
        What is to be judged; a built-in or an object made elsewhere is never superseded.
    cells : sequence of str
        The cells that were run, oldest first.
    """
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    text = "".join(linecache.getlines(code.co_filename)).strip()
    runs = [number for number, cell in enumerate(cells) if cell.strip() == text]
    if not text or not runs:
        return False
    defines = re.compile(rf"\bdef\s+{re.escape(code.co_name)}\s*\(")
    first_line = (function.__doc__ or "").strip().partition("\n")[0]
    return any(
        defines.search(cell) or (first_line and first_line in cell)
        for cell in cells[runs[-1] + 1 :]
    )
