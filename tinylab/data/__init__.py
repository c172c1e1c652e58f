"""Examples come in: built-in and public data sets as arrays with labels."""
