"""A trained model in, a `.tflite` program with signatures that train on the device out."""
