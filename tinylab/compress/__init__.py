"""Make trained models smaller: quantization, pruning, Deep Compression, low rank, distillation."""
