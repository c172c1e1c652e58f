"""Replace kernels by products of thinner ones."""
