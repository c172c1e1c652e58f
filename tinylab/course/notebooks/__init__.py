"""Build student notebooks and executed solutions from the source notebooks."""
