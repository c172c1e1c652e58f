"""What a graph is made of, and the integer arithmetic of its operators."""
