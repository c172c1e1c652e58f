"""Kernels in, products of thinner ones out."""
