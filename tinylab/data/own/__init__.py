"""A folder of one's own, `folder/label/*`: files come in, arrays with labels, groups and splits go
out."""
