"""Explorers of the fifth chapter: search, benchmark, security, heartbeats."""
