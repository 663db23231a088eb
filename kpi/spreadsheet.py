"""Readings as CSV that opens in Excel in Japanese: a byte order mark, Japanese headings, local times it understands."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from collector.store import Track
from kpi.spans import NS
from kpi.times import rfc3339

ROWS = 2000
_FORMULA = frozenset("=+-@|\u2212")
_NOT_SEEN = "".join(chr(c) for c in range(0x21)) + "\x7f\x85\xa0\u200b\u200c\u200d\u2060\ufeff"
"""What may stand before a formula without being seen."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rows(tracks: Iterable[Track], name: str, unit: str, zone: ZoneInfo) -> Iterator[str]:
    """The file in parts: local time, RFC 3339 time, ns, value, flag; from readings that come in parts."""
    heading = f"{name} [{unit}]" if unit else name
    yield "\ufeff" + _csv([["日時", "時刻(RFC 3339)", "ns(UTC)", _safe(heading), "範囲外"]])
    for track in tracks:
        for begin in range(0, len(track), ROWS):
            part = slice(begin, begin + ROWS)
            told = zip(track.t[part].tolist(), track.v[part].tolist(), track.flag[part].tolist(), strict=True)
            yield _csv(
                [[_local(t, zone), rfc3339(t, zone), str(t), _written(v), "1" if flag else ""] for t, v, flag in told]
            )


def _csv(lines: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(lines)
    return out.getvalue()


def _local(t: int, zone: ZoneInfo) -> str:
    moment = (_EPOCH + timedelta(seconds=t // NS)).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{t % NS // 1_000_000:03d}"


def _written(value: float | str) -> str:
    if isinstance(value, str):
        return _safe(value)
    return repr(int(value)) if value == int(value) else repr(value)


def _safe(text: str) -> str:
    """Text that a spreadsheet will not take for a formula."""
    begins = unicodedata.normalize("NFKC", text).lstrip(_NOT_SEEN)[:1]
    return f"'{text}" if (begins and begins in _FORMULA) or text[:1] in ("\t", "\r", "\n") else text
