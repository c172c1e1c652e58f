"""The models of several clients in, one that all of them taught out."""
