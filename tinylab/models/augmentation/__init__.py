"""Disturb training examples, so that the model is ready for the real world."""
