"""Untrained Keras networks, by their width, depth and resolution."""
