"""A board, a model and what happens around them in, the budget of the whole device out."""
