"""Operators that remember from one inference to the next."""
