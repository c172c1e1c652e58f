"""Prune a trained model: set weights to zero, or remove whole channels."""
