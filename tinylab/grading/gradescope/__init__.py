"""Gradescope: an autograder's zip file, and what it says about one hand-in."""
