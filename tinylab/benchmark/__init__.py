"""MLPerf Tiny by its rules: a `.tflite` and its data in, quality, speed and standing out.

Accuracy mode reads the layout of the benchmark's runner; performance mode times this computer;
boards are modelled and set beside the published rows. Nothing that comes out is an MLPerf result:
the name is reserved for what MLCommons has reviewed.
"""
