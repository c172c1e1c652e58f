"""Several levers at once: measured answers of compressed networks with exits in, choices out.

settings   which levers there are: bits, kept weights, exits, clocks, ways of resting
results    what was measured of every network with each of them
costs      the work, flash and memory of each
levers     the longest life with no lever, each alone, all but one, and all
"""
