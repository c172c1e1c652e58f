"""The first cell of every student notebook: on Colab it sets up, elsewhere it does nothing."""

import nbformat
from nbformat import NotebookNode

__all__ = ["CELL_ID", "FOLDER", "SET_UP", "set_up_cell"]

CELL_ID = "set-up"
FOLDER = "/content/drive/MyDrive/tinylab"
SET_UP = f"""\
# On Google Colab, the workbook's folder "tinylab" lies in your Drive. Elsewhere nothing happens.
import sys

if "google.colab" in sys.modules:
    import subprocess

    from google.colab import drive

    drive.mount("/content/drive")
    wanted = "{FOLDER}/colab.txt"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "-r", wanted], check=True)
    sys.path.insert(0, "{FOLDER}")"""


def set_up_cell() -> NotebookNode:
    """A new code cell with `SET_UP`, not run."""
    return nbformat.v4.new_code_cell(SET_UP, id=CELL_ID)
