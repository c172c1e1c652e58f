"""A graph, two places and the link between them in, where best to cut it out."""
