"""A generated program in, a folder that a firmware project can take in out."""
