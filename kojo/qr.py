"""An address as a QR code: in a terminal, or as a picture."""

import io
import os
from pathlib import Path
from typing import TextIO

import segno

from contract.errors import NotAllowed, NotThere
from contract.words import Words

QUIET = 4
"""White modules around, as the standard asks."""

HALVES = " ▄▀█"
BLACK_ON_WHITE, PLAIN = "\033[38;5;16;48;5;231m", "\033[0m"
KINDS = (".svg", ".png")


def drawn(text: str, on: TextIO) -> str:
    """A QR code in characters, two rows in one line; on a terminal black on white, whatever its colours are.

    Where half blocks cannot be written (an old encoding), two characters make a module.
    """
    rows = [list(row) for row in _code(text).matrix_iter(border=QUIET)]
    if not _can_write(HALVES, on):
        return "\n".join("".join("##" if module else "  " for module in row) for row in rows)
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    lines = [
        "".join(HALVES[2 * (top > 0) + (bottom > 0)] for top, bottom in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]
    if on.isatty():
        lines = [f"{BLACK_ON_WHITE}{line}{PLAIN}" for line in lines]
    return "\n".join(lines)


def picture(text: str, file: Path) -> None:
    """Write a QR code as .svg or .png, readable only by its owner: it opens a door. Raises NotThere, NotAllowed."""
    if file.suffix.lower() not in KINDS:
        raise NotThere(
            Words(f"--out {file}: この種類の絵は書けません。", f"--out {file}: no such kind of picture."),
            Words(f"{' か '.join(KINDS)} で終わる名前にしてください。", f"End the name in {' or '.join(KINDS)}."),
        )
    try:
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            _code(text).save(out, kind=file.suffix.lower()[1:], scale=10, border=QUIET, light="white")
    except OSError as error:
        raise NotAllowed(
            Words(f"{file} に書けません({error.strerror})。", f"{file} cannot be written ({error.strerror})."),
            Words("書ける場所を --out で指してください。", "Name another place with --out."),
        ) from error


def svg(text: str) -> bytes:
    """A QR code as an SVG picture for a page."""
    made = io.BytesIO()
    _code(text).save(made, kind="svg", scale=4, border=QUIET, light="white")
    return made.getvalue()


def _code(text: str) -> segno.QRCode:
    return segno.make_qr(text, error="l")


def _can_write(text: str, on: TextIO) -> bool:
    try:
        text.encode(on.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
