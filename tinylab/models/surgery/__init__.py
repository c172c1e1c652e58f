"""A trained Keras model in, the same model with its layers folded or replaced out."""
