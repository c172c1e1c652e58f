"""Users with new words of their own in; what learning alone, by rounds and together gives, out."""
