"""Choose which weights of a model to train within a memory budget, and measure what it gives."""
