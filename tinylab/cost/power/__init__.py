"""Milliseconds and a board in, microjoules, milliwatts and days of battery out."""
