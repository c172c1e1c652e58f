"""Spoken words, and the program that had them spoken."""
