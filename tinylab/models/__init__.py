"""Architectures, training, checkpoints and metrics. In: features and labels. Out: trained Keras models."""
