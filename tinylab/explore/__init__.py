"""Explorers of measured results: sliders, a figure and a sentence that says what it shows."""
