"""Builds the heartbeats of the patients to train on."""
