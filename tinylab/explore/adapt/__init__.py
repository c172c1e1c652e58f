"""Explorers of the third classes: what adapting a model gives and costs."""
