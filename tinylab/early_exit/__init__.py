"""Let a trained network answer early: exits, thresholds, programs and files."""
