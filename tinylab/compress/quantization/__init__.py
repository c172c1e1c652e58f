"""Quantize numbers and models, and measure what that costs."""
