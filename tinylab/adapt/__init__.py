"""Adapt a trained model to a new user, camera or machine, and count the memory that it takes."""
