"""What a notebook's kernel adds to Python: what to do where a cell meets a name it does not know.

That is what a learner sees after a restart in the middle, or when she runs cells out of order. An
IPython extension, loaded by the kernel settings that `start.py` writes.
"""

import sys

__all__ = ["HINT", "load_ipython_extension"]

HINT = (
    "{name} is not known here: run the cells above first (Run > Run All Above Selected Cell). A "
    "kernel that was restarted has forgotten what ran before; what you saved is still there. If "
    "no cell above makes it, look at the spelling."
)


def load_ipython_extension(shell) -> None:
    """Say `HINT` below the traceback of a NameError; IPython calls this."""
    shell.set_custom_exc((NameError,), _explain)


def _explain(shell, kind, error, trace, tb_offset=None) -> None:
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
    while trace.tb_next is not None:
        trace = trace.tb_next
    in_the_notebook = trace.tb_frame.f_globals is shell.user_ns
    if in_the_notebook and error.name and not isinstance(error, UnboundLocalError):
        print(HINT.format(name=error.name), file=sys.stderr)
