"""The sandbox: a Jupyter kernel that cannot reach the network, other students or the grader.

In: code to run, calls to make. Out: data, or the reason why there is none.
"""
