"""Wrong answers to the exercises of co-design."""
