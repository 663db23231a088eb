"""How wide a text is, near enough to keep it in its box without a font at hand."""

import unicodedata
from typing import Literal

NARROW, CAPITAL, WIDE = 0.52, 0.66, 1.0
"""Widths in ems, on the safe side of Noto Sans CJK: Latin small letters and digits, capitals, Japanese."""


def width(text: str, size: float) -> float:
    """The width in the unit of ``size``."""
    return size * sum(_ems(letter) for letter in text)


def _ems(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WFA":
        return WIDE
    if letter.isupper() or letter in "m%@…":
        return CAPITAL
    return 0.3 if letter in " .,:;'|ilj()[]" else NARROW + 0.04


def fitted(
    text: str, size: float, room: float, smallest: float = 1.9, *, cut: Literal["end", "front"] = "end"
) -> tuple[str, float]:
    """The text and the size with which it fits: smaller first, cut off with … when that is not enough.

    ``cut``: where it is cut; at the front where its end is what tells it from others.
    """
    if width(text, size) <= room:
        return text, size
    size = max(min(size, smallest), size * room / width(text, size))
    if width(text, size) <= room + 1e-9:
        return text, size
    while text and width(text + "…", size) > room:
        text = text[1:] if cut == "front" else text[:-1]
    return (f"…{text.lstrip()}" if cut == "front" else f"{text.rstrip()}…"), size
