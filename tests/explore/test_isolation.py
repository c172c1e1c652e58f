"""Explorers must answer in milliseconds: nothing here may pull in TensorFlow."""

import subprocess
import sys
from pathlib import Path

import tinylab.explore

PROGRAM = """
import importlib, sys
for name in {names!r}:
    importlib.import_module("tinylab.explore." + name)
heavy = {{"tensorflow", "keras"}} & set(sys.modules)
sys.exit(f"imported {{heavy}}" if heavy else 0)
"""


def test_no_module_of_explore_imports_tensorflow():
    names = sorted(path.stem for path in Path(tinylab.explore.__file__).parent.glob("[a-z]*.py"))
    program = PROGRAM.format(names=[*names, "front"])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
