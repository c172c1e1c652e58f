"""Folders and archives as teachers get them in, hand-ins with a student each out."""
