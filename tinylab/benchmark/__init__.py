"""MLPerf Tiny by its rules: a `.tflite` and the runner's data in, a report out."""
