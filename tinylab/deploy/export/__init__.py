"""Folders that firmware projects take in, with a report of what the model costs on a board.

In: a generated program, or a model and a board. Out: C sources, a self-test, a timer, files for
build systems, `report.html` and `report.json`.
"""
