"""A model and a memory budget in, which of its weights to train, and what that gives, out."""
