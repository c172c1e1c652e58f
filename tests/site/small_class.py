"""A class in small: one source notebook with a question, an explorer and an exercise."""

from tinylab.course.notebooks.source import read_source

NAME = "01_part/1_small"
SOURCE = '''\
# %% [markdown]
# # A small class
#
# In this class you multiply. It takes a minute.

# %%
import os

import plotly.graph_objects as go
from IPython.display import HTML, Image, display

from tinylab.course import check
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Slider
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.predict import Prediction

# %% [markdown]
# ## Twice
#
# Predict first. Then move the slider: $y = 2x$.
#
# - A point. With more words.
#
# <details><summary>Aside</summary>
#
# Nobody needs this.
#
# </details>

# %%
guess = Prediction("What is twice 21?", unit="V")
guess

# %%
guess.reveal(42.0)

# %% exercise="weight_bytes"
def weight_bytes(parameters, bits):
    """Bytes. Example: weight_bytes(3, 4) is 2."""
    # solution
    return (parameters * bits + 7) // 8  # the secret
    # end solution

# %% [markdown]
# <details><summary>Hint</summary>Round up.</details>

# %%
# NBVAL_CHECK_OUTPUT
check("weight_bytes", weight_bytes)

# %% claims=true
assert weight_bytes(3, 4) == 2

# %%
print("after the exercise")
'''


def small_class(folder):
    """Write the source below a folder of notebooks and return it, read."""
    path = folder / "source" / f"{NAME}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SOURCE, encoding="utf-8")
    return read_source(path, NAME)


def executed(source):
    """The solution as a run would leave it, with outputs made by hand."""
    from nbformat.v4 import new_output

    notebook = source.solution()
    by_id = {cell.id: cell for cell in notebook.cells}
    question = {"kind": "prediction", "question": "What is twice 21?", "unit": "V", "choices": []}
    verdict = {"kind": "verdict", "covered_by": "What is twice 21?", "measured": 42.0}
    saved = "application/vnd.tinylab.saved+json"
    words = "Predict: What is twice 21? (a number in V)"
    by_id["twice-1"].outputs = [
        new_output("execute_result", data={"text/plain": words, saved: question})
    ]
    by_id["twice-2"].outputs = [
        new_output("execute_result", data={"text/plain": "Measured: 42 V.", saved: verdict})
    ]
    by_id["check-weight_bytes"].outputs = [
        new_output("stream", name="stdout", text="weight_bytes: 3 of 3 points\n")
    ]
    notebook.cells[-2].outputs = [
        new_output("stream", name="stdout", text="after the exercise\n"),
        new_output(
            "display_data",
            data={
                "text/html": '<img src="data:image/png;base64,AA==" alt="A line">',
                "text/plain": "A line\nFactor: 2 V\nIt ends at 2.\nmodelled: by hand",
            },
        ),
    ]
    return notebook
