"""A quote of a CSV that is never closed: all that stands below it would be one cell, and be lost without a word."""

import csv
import io
from typing import Final

from contract.line_report import hint
from contract.words import Words

NEVER_CLOSED: Final = (
    Words('「"」が閉じていません。', "A quote is not closed."),
    hint(
        'この行の「"」を消すか、もう1つ「"」を付けて閉じます。', 'remove the " of this row, or close it with another.'
    ),
)
"""What is said of it, and what helps."""
_END = "\x1e"


def open_quote(text: str, between: str) -> int | None:
    """The row in which the record begins whose quote is never closed; None where all are. Raises csv.Error."""
    reader = csv.reader(io.StringIO(f"{text}\n{_END}", newline=""), delimiter=between)
    begins = 1
    for cells in reader:
        if cells and cells[-1].endswith(f"\n{_END}"):
            return begins
        begins = reader.line_num + 1
    return None
