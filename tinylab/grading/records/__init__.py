"""Graded hand-ins in, a signed record book and what the late rules make of it out."""
