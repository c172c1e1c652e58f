"""`python -m tinylab.cli` is `tinylab`."""

from tinylab.cli import main

main()
