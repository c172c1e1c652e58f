"""Harvested energy, machines and deadlines in, policies that pick a clock out."""
