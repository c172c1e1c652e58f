"""A detector and a machine that ages in, what each method kept and forgot out."""
