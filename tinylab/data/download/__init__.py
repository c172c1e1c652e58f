"""Download a public data set by its name, check it and unpack it."""
