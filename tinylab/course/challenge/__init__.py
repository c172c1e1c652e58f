"""The open challenge: a `.tflite` and hidden patients in, budget, gates, score and ranking out."""
