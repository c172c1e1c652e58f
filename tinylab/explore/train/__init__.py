"""Explorers of the first classes: sound, pictures and what a trained model answers."""
