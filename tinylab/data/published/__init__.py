"""Readers of the published sets in the layout in which their authors published them."""
