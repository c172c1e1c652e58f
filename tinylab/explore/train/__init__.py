"""What was heard, seen and trained in, explorers of the first classes out."""
