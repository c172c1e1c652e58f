"""What adapting measured in, explorers of the third classes out."""
