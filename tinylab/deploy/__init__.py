"""Turn trained models into programs for devices, and run them."""
