"""The bundled keyword model in, the tables of the search class out.

recipe   the super-network, every slice, and some networks trained alone
joint    every slice compressed and with exits, choices measured afresh, some as int8 programs
kept     parts of a long run, so that one that was stopped goes on
"""
