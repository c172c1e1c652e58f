"""The name of a public data set in, its checked and unpacked files out."""
