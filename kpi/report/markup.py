"""HTML and SVG from Python: a text is escaped unless it was made here.

>>> tag("p", "a < b", class_="note")
'<p class="note">a &lt; b</p>'
"""

import html
import re
import unicodedata
from collections.abc import Iterable

_NOT_FOR_HTML = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters and half characters: no reader shows them, some parsers stop at them."""

VOID = frozenset({"meta", "br", "hr", "col"})


class Html(str):
    """Markup that is already escaped."""

    __slots__ = ()


def text(said: object) -> Html:
    """A text as people wrote it; markup stays as it is."""
    if isinstance(said, Html):
        return said
    return Html(html.escape(_NOT_FOR_HTML.sub("", str(said)), quote=True))


def join(parts: Iterable[object]) -> Html:
    """Several, one after the other."""
    return Html("".join(text(part) for part in parts))


def tag(name: str, /, *inside: object, **attributes: object) -> Html:
    """An element. ``class_`` is class, ``stroke_width`` is stroke-width; an attribute that is None is left out."""
    told = "".join(
        f' {_spelled(key)}="{text(_number(value))}"' for key, value in attributes.items() if value is not None
    )
    if name in VOID:
        return Html(f"<{name}{told}>")
    return Html(f"<{name}{told}>{join(inside)}</{name}>")


def _spelled(key: str) -> str:
    return key if key == "viewBox" else key.rstrip("_").replace("_", "-")


def _number(value: object) -> object:
    """A coordinate with two decimals: hundredths of a millimetre are enough for paper."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def shortened(said: str, most: int) -> str:
    """A text that must fit a place of ``most`` Latin letters (a Japanese one takes two): the rest is an ellipsis."""
    said = " ".join(said.split())
    if width(said) <= most:
        return said
    kept, room = [], most - 1
    for letter in said:
        room -= width(letter)
        if room < 0:
            break
        kept.append(letter)
    return f"{''.join(kept)}…"


def width(said: str) -> int:
    """How many Latin letters wide a text is."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in said)
