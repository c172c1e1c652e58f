"""Make a `.tflite` program of a trained model that can go on training on the device."""
