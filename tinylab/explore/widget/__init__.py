"""What explorers are made of: controls, a figure, and a sentence in words."""
