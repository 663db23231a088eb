"""A document of pages of A4 that stands alone: nothing is fetched, nothing runs, the browser of the machine prints it.

    page("A2", "ja", STYLE + numbered("A2 生産カウンタ"), body)

What every paper has in common; how each kind looks stays with its kind.
"""

from html import escape

from contract.words import Language

LETTERS = (
    '"Noto Sans CJK JP", "Noto Sans JP", "BIZ UDPGothic", "Yu Gothic", "Meiryo", "Hiragino Sans", sans-serif'
)  # fmt: skip
"""Japanese letters of Linux, Windows and macOS."""


def page(title: str, lang: Language, style: str, body: str) -> str:
    """The whole document, ready HTML inside."""
    return "\n".join(
        [
            f"<!doctype html>\n<html lang='{lang}'><head><meta charset='utf-8'>",
            f"<title>{escape(title)}</title><style>{style}</style></head><body>",
            body,
            "</body></html>\n",
        ]
    )


def numbered(said: str, left: str = "", above: str = "") -> str:
    """The style that puts ``said`` and the page's number, 3/5, below each page, ``left`` beside it, ``above`` on top.

    It is a margin box of CSS (Chromium and Edge since 131, 2024): an older browser prints the page without.
    """
    boxes = [
        ("bottom-right", f'{_quoted(said + " ")} counter(page) "/" counter(pages)', ""),
        ("bottom-left", _quoted(left), ""),
        ("top-right", _quoted(above), "font-weight: 700; "),
    ]
    letters = f"font: 9pt/1.2 {LETTERS}; color: #000; white-space: nowrap;"
    rules = (f"@{place} {{ content: {content}; {letters} {more}}}" for place, content, more in boxes if content != '""')
    return f"@page {{ {' '.join(rules)} }}\n"


def _quoted(text: str) -> str:
    """A text of CSS, which stands inside a tag of HTML."""
    safe = text.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ").replace("\n", " ")
    return f'"{safe}"'
