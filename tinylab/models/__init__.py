"""Networks, training, checkpoints. In: features and labels. Out: trained Keras models."""
