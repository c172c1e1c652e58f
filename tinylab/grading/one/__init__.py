"""One hand-in in, the points of each of its exercises with the reasons out."""
