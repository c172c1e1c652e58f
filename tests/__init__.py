"""The tests: rooms as in `tinylab/`, and those of notebooks, browser and hostile hand-ins."""
