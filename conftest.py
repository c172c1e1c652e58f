"""What every run of pytest in this project needs before it loads a test, a plugin or a library."""

import os
import sys

# Tests start hundreds of Pythons: what is compiled once is kept.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Importing jsonschema would compile a grammar for two seconds, for a format no schema here uses.
sys.modules.setdefault("rfc3987_syntax", None)

# nbval imports jsonschema before any conftest is read, so pyproject.toml keeps it out of the runs
# that do not ask for it.
if any(argument.startswith("--nbval") for argument in sys.argv):
    pytest_plugins = ("nbval.plugin",)
