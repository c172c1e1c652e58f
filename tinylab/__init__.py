"""tinylab: the helper package of the TinyML workbook.

Importing it costs nothing: each room (`tinylab.data`, `tinylab.signal`, ...) is imported by name
where it is used.
"""

__version__ = "0.1.0"
