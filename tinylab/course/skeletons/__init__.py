"""A name in, the first files of an exercise, an explorer or a notebook out, ready to be filled."""
