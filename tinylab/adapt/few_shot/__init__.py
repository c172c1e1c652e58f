"""Meta-learning: from many related tasks to a model that learns a new one from a few pictures."""
