"""A trained network in, one that may answer early out: exits, thresholds, programs and files."""
