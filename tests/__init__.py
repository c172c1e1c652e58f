"""The tests: rooms as in `tinylab/`, and the house, notebooks, browser and hostile hand-ins."""
