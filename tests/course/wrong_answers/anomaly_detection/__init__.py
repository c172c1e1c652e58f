"""Wrong answers to the exercises of anomaly detection."""
