"""Find networks for a board: spaces of networks with their costs in, Pareto fronts out."""
