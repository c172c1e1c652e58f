"""A trained model in, one with zeros or with fewer channels out."""
