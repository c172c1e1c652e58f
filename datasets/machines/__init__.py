"""Sounds of healthy and faulty machines, and the simulation that made them."""
