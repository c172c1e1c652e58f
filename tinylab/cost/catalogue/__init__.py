"""The data files in, boards, measurements and quantities with their sources out."""
