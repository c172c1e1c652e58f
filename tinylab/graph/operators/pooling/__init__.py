"""Operators that summarise: pools, reductions, softmax."""
