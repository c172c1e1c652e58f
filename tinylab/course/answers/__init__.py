"""What an exercise is, and the plain data that may cross between an answer and its judge."""
