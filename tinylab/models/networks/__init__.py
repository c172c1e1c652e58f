"""A width, a depth and a resolution in, an untrained Keras network out."""
