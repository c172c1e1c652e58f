"""The same strategies and clients over a network: a job in, weights and a record out, by Flower.

`deployment` runs in the workbook's environment and starts the processes; `server` and `client` run
in Flower's own environment (requirements-flower.txt) with numpy alone. `job` is what they share.
"""
