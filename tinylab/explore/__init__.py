"""Measured results in, explorers out: sliders, a figure and a sentence that says what it shows."""
