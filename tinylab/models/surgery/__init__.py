"""Fold, equalize or replace layers of a trained Keras model."""
