"""What compressing measured in, explorers of the second classes out."""
