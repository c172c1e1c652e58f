"""Fine-tune a trained model on a few new examples, and count the memory that it takes."""
