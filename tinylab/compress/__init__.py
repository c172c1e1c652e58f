"""Trained models and weights in, smaller ones out: quantization here, pruning beside it."""
