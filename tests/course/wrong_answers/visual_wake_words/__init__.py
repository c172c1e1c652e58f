"""Wrong answers to the exercises of visual wake words."""
