"""Training examples in, disturbed ones out: what makes a model ready for the real world."""
