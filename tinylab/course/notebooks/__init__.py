"""Source notebooks in, student notebooks and executed solutions out."""
