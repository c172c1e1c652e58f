"""A graph and a board in, milliseconds and their interval out."""
