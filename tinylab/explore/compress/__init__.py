"""Explorers of the second classes: what compressing a model saves and costs."""
