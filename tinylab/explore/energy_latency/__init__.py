"""A graph, boards and batteries in, explorers of the fourth classes out."""
