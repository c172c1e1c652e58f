"""A keyword model in, everything that the federated notebook's explorers show out.

experiments   who learns how, and which of its settings are tuned
tuning        the search on validation voices and other users
runs          both for all experiments, written into two tables
epsilons      the privacy accountant's table
command       what `tinylab federated` does
"""
