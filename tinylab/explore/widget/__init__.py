"""A function from a state to a result in, controls, a figure and a sentence out."""
