"""What people write on S20 about hours and names, as line.toml wants it: weekdays, breaks, ids; None: not read."""

import re
import unicodedata

from contract.line_report import half_width
from contract.line_times import time_of
from contract.topics import ID

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KANJI = dict(zip("月火水木金土日", DAYS, strict=True))
_WORDS = {"毎日": DAYS, "平日": DAYS[:5], "土日": DAYS[5:], "every day": DAYS, "weekdays": DAYS[:5]}
_TO = "[-~〜～から]+"
_NO_BREAK = ("なし", "無し", "休まない", "交代", "交替", "none", "-")


def weekdays(said: str) -> tuple[str, ...] | None:
    """「月火水木金」「月〜金」「mon-fri」「毎日」."""
    plain = re.sub(r"曜日?|[、,・\s]+", " ", half_width(said)).strip().lower()
    if plain in _WORDS:
        return _WORDS[plain]
    letters = plain.replace(" ", "")
    if span := re.fullmatch(f"(.+?){_TO}(.+)", letters):
        first, last = (_KANJI.get(one, one[:3]) for one in span.groups())
        if first in DAYS and last in DAYS and DAYS.index(first) <= DAYS.index(last):
            return DAYS[DAYS.index(first) : DAYS.index(last) + 1]
        return None
    listed = [_KANJI[one] for one in letters] if set(letters) <= set(_KANJI) else [one[:3] for one in plain.split()]
    return tuple(dict.fromkeys(listed)) if listed and set(listed) <= set(DAYS) else None


def breaks(said: str) -> tuple[str, ...] | None:
    """「10:00-10:10、12:00〜13:00」 as "HH:MM-HH:MM"; () for 「なし」."""
    if half_width(said).lower() in _NO_BREAK:
        return ()
    found = []
    for one in re.split(r"[、,;\s]+", re.sub(rf"\s*{_TO}\s*", "-", half_width(said))):
        start, dash, end = one.partition("-")
        times = time_of(start), time_of(end)
        if not dash or times[0] is None or times[1] is None:
            return None
        found.append(f"{times[0]:%H:%M}-{times[1]:%H:%M}")
    return tuple(found)


def id_of(said: str) -> str | None:
    """A name in plain letters as an id: "A-100" is "a-100"; None for a Japanese name."""
    plain = re.sub(r"[\s.]+", "-", unicodedata.normalize("NFKC", said).strip().lower())
    return plain if ID.fullmatch(plain) and not plain.startswith("_") else None
