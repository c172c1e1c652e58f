"""A trained model and a few new examples in, an adapted model and its memory cost out."""
