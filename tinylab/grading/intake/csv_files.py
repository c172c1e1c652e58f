"""CSV files as spreadsheets save them: with or without a byte order mark, any of three separators.

In: a path. Out: rows by the names in the first line. What is neither UTF-8 nor marked as UTF-16 is
refused, for names would be read wrongly.
"""

import codecs
import csv
import io
from pathlib import Path

__all__ = ["csv_rows", "csv_text"]

SEPARATORS = ",;\t"


def csv_text(path: str | Path) -> str:
    """The text of a file.

    Raises
    ------
    ValueError
        A file in another encoding.
    """
    data = Path(path).read_bytes()
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not a text file in UTF-8: save it as CSV (UTF-8)") from None


def csv_rows(text: str) -> list[dict[str, str]]:
    """The rows, each by the names in the first line, without spaces around names and values."""
    head = text.partition("\n")[0]
    separator = max(SEPARATORS, key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    return [
        {str(name).strip(): str(value or "").strip() for name, value in row.items() if name}
        for row in reader
    ]
