"""Functions of one element: on bytes, tables of 256 answers."""
