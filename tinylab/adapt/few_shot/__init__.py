"""A body of related tasks in, a model that learns a new one from a few pictures out."""
