"""What attacks do to a model: inputs, weights, queries in; shares of wrong answers out."""
