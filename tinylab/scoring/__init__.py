"""How good a model's answers are, compared with the right ones. Plain numpy, no Keras."""
