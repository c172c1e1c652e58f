"""How the bundled reference models are made, one file an application."""
