"""Write the first files of an exercise, an explorer or a notebook, ready to be filled."""
