"""What cards mean, as one setting: ``names = "0008075634 = setup, 0003808980 = changeover"``.

A card knows its number only; a reason, a mode or a lot has a name. Cards that are not named are told by their number.
"""

from collections.abc import Mapping

from contract.errors import SensorError
from contract.reading import MAX_TEXT
from contract.words import Words


def names_of(written: str | None) -> Mapping[str, str]:
    """Each number's name; numbers without regard to letter case. Raises SensorError for what is no such list."""
    names: dict[str, str] = {}
    for pair in (written or "").replace("\n", ",").split(","):
        number, equals, name = (part.strip() for part in pair.partition("="))
        if not (number or equals):
            continue
        if not (number and name) or len(name) > MAX_TEXT or number.upper() in names:
            raise _unreadable(pair.strip())
        names[number.upper()] = name
    return names


def _unreadable(pair: str) -> SensorError:
    return SensorError(
        Words(f"names の「{pair}」が読めないか、同じ番号が2回あります。",
              f'"{pair}" in names cannot be read, or its number stands there twice.'),
        Words('names = "0008075634 = setup, 0003808980 = changeover" のように書きます。',
              'Hint: write it like names = "0008075634 = setup, 0003808980 = changeover".'),
    )  # fmt: skip
