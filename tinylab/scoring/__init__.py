"""Answers and the right ones in, what the answers are worth out. Plain numpy, no Keras."""
