import io

import pytest
import segno

from kojo.qr import BLACK_ON_WHITE, HALVES, PLAIN, QUIET, drawn

URL = "http://192.168.1.5:8000/pair?code=o6b02531b.f2775db4.k24zyioiof5kgdwcbjheoxpu"


class Screen(io.StringIO):
    """A terminal of an encoding."""

    def __init__(self, encoding: str = "utf-8", tty: bool = False) -> None:
        super().__init__()
        self._encoding, self._tty = encoding, tty

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._tty


def modules() -> list[list[bool]]:
    return [[bool(module) for module in row] for row in segno.make_qr(URL, error="l").matrix_iter(border=QUIET)]


def seen(text: str) -> list[list[bool]]:
    """What a camera sees of half blocks."""
    rows = []
    for line in text.splitlines():
        halves = [HALVES.index(letter) for letter in line]
        rows += [[half >= 2 for half in halves], [half % 2 == 1 for half in halves]]
    return rows


def test_every_module_of_the_code_is_drawn_with_a_quiet_zone_around() -> None:
    found = seen(drawn(URL, Screen()))
    assert found[: len(modules())] == modules()
    assert not any(map(any, found[:QUIET]))
    assert len(drawn(URL, Screen()).splitlines()) <= 22, "it fits into a small terminal"


def test_on_a_terminal_it_is_black_on_white_whatever_its_colours() -> None:
    for line in drawn(URL, Screen(tty=True)).splitlines():
        assert line.startswith(BLACK_ON_WHITE)
        assert line.endswith(PLAIN)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp932", "unheard-of"])
def test_an_old_encoding_gets_plain_letters(encoding: str) -> None:
    rows = [[line[i] == "#" for i in range(0, len(line), 2)] for line in drawn(URL, Screen(encoding)).splitlines()]
    assert rows == modules()
