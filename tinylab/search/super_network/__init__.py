"""One network for all of a space: every smaller network is a slice of it."""
