"""Build student notebooks and executed solutions from the source notebooks."""

import sys

# nbformat imports jsonschema, which would compile a grammar for two seconds, for a format that no
# schema of a notebook uses; where the module is missing, jsonschema leaves that format out.
sys.modules.setdefault("rfc3987_syntax", None)
