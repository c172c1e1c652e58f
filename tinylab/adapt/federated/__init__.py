"""Clients with examples of their own in, one model that all of them taught out, and its cost.

    strategies   what the server remembers, whom it draws, how it steps   (`rules`, `privacy`)
    rounds       the loop: draw, train, check what came back, step
    settings     numbers that mean nothing are refused
    fleets       who trains: `stacked` all at once, `trainers` one by one, `flower` over a network
    keywords     the setting of keyword spotting, and what was measured in it

Everything but the setting's sounds is numpy, so that a device without TensorFlow can take part.
"""
