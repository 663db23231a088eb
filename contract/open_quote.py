"""A quote of a CSV that is never closed, or that another row's closes: what stands between would be lost."""

import csv
import io
from typing import Final

from contract.line_report import hint
from contract.words import Words

NEVER_CLOSED: Final = (
    Words('「"」が閉じていないか、閉じたあとに文字があります。', "A quote is not closed, or letters stand behind it."),
    hint(
        'この行の「"」を消すか、欄の両端に1つずつ付けます。',
        'remove the " of this row, or put one at each end of its cell.',
    ),
)
"""What is said of it, and what helps."""


def open_quote(text: str, between: str) -> int | None:
    """The row in which the record begins whose quotes are not in order; None where all are. Raises csv.Error."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    begins = 1
    try:
        for _ in reader:
            begins = reader.line_num + 1
    except csv.Error as error:
        if "end of data" in str(error) or "expected after" in str(error):
            return begins
        raise
    return None
