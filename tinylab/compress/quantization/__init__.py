"""Real numbers and models in, their quantized form, and what it costs, out."""
