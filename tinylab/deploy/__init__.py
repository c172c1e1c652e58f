"""Trained models in, programs for devices out, and the means to run them."""
