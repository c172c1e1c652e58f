"""Wrong answers to the exercises of keyword spotting."""
