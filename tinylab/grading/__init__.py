"""Grading: hand-ins in, results and feedback out; a student's code runs in a sandbox only.

In: notebooks as students hand them in. Out: `Result`s, of which records, reports and tables are
made. Every number is worked out in the grader's own process, never read from a student's kernel.
"""
