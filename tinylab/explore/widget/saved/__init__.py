"""Widgets as data: all that a page needs to show them without a kernel."""
