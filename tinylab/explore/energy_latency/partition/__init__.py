"""Explorers of networks in parts: early exits, cuts between device and server, chips, patches."""
