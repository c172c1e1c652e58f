"""Many hand-ins in, each graded in a process of its own, results one by one out."""
