"""The exercises of `03_anomaly_detection`, a module or two a notebook."""
