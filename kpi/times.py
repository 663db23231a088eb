"""Times as people write them, and the days they belong to. What is stored is UTC ns; what is read is local.

>>> from zoneinfo import ZoneInfo
>>> rfc3339(1_795_000_000_000_000_000, ZoneInfo("Asia/Tokyo"))
'2026-11-18T20:06:40+09:00'
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from contract.words import Words
from kpi.problems import Problem

NS = 1_000_000_000
_FORM = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?(?:([Zz])|([+\- ])(\d\d:\d\d))?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR, LAST_YEAR = 2000, 2199


def parse(text: str, name: str = "time", zone: ZoneInfo | None = None) -> int:
    """Nanoseconds of an RFC 3339 time with an offset; a space where ``+`` stood is read as ``+``.

    Raises Problem (422) that shows the right spelling, with the offset of ``zone`` if the time had none.
    """
    match = _FORM.fullmatch(text.strip()) if len(text) <= 64 else None
    if match is None:
        raise _wrong(name, text, "2026-04-01T08:30:00+09:00")
    day, clock, second, fraction, utc, sign, offset = match.groups()
    try:
        naive = datetime.fromisoformat(f"{day}T{clock}{second or ':00'}")
        if not utc and not offset:
            told = f"{naive:%Y-%m-%dT%H:%M:%S}{_offset(naive, zone or ZoneInfo('Asia/Tokyo'))}"
            raise _wrong(name, text, told)
        ahead = "+00:00" if utc else f"{'-' if sign == '-' else '+'}{offset}"
        moment = datetime.fromisoformat(f"{naive.isoformat()}{ahead}")
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise _outside(name, text)
    except ValueError as error:
        if isinstance(error, Problem):
            raise
        raise _no_such_time(name, text) from error
    return round((moment - _EPOCH) / timedelta(seconds=1)) * NS + int((fraction or "").ljust(9, "0") or 0)


def _offset(naive: datetime, zone: tzinfo) -> str:
    return naive.replace(tzinfo=zone).isoformat()[-6:]


def _wrong(name: str, text: str, right: str) -> Problem:
    shown = text[:64]
    return Problem(
        422,
        "bad-time",
        Words(
            f"{name}={shown!r} は時差(オフセット)付きの時刻ではありません。",
            f"{name}={shown!r} is no time with an offset.",
        ),
        Words(
            f"「{name}={right}」のように書いてください(URL の中では + を %2B と書きます)。",
            f"Write it like {name}={right} (in a URL, + is written %2B).",
        ),
    )


def _outside(name: str, text: str) -> Problem:
    return Problem(
        422,
        "bad-time",
        Words(
            f"{name}={text[:64]!r}: 扱えるのは {FIRST_YEAR}~{LAST_YEAR} 年です。",
            f"{name}={text[:64]!r}: years {FIRST_YEAR} to {LAST_YEAR} are taken.",
        ),
        Words("年を確かめてください。", "Check the year."),
    )


def _no_such_time(name: str, text: str) -> Problem:
    return Problem(
        422,
        "bad-time",
        Words(
            f"{name}={text[:64]!r} という日時はありません。",
            f"{name}={text[:64]!r}: there is no such date or time.",
        ),
        Words(
            "月・日・時・分・秒(0~59)・時差(24 時間未満)を確かめてください。",
            "Check month, day, hour, minute, second (0 to 59) and offset (under 24 hours).",
        ),
    )


def rfc3339(at: int, zone: tzinfo) -> str:
    """A moment in a zone, with its offset, to the nanosecond where it has one."""
    whole, rest = divmod(at, NS)
    text = (_EPOCH + timedelta(seconds=whole)).astimezone(zone).isoformat(timespec="seconds")
    if not rest:
        return text
    digits = f"{rest:09d}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return f"{text[:19]}.{digits}{text[19:]}"


@lru_cache(maxsize=65536)
def instant(local: datetime, zone: ZoneInfo) -> int:
    """The first moment (ns) at which the clocks of a zone show ``local`` or later.

    An hour that the clocks jump over is the jump itself; of an hour that comes twice, the first is meant.
    """
    at = local.replace(tzinfo=zone)
    seconds = round((at - _EPOCH) / timedelta(seconds=1))
    if (_EPOCH + timedelta(seconds=seconds)).astimezone(zone).replace(tzinfo=None) == local:
        return seconds * NS
    early, late = seconds - 86400, seconds
    while late - early > 1:
        middle = (early + late) // 2
        shown = (_EPOCH + timedelta(seconds=middle)).astimezone(zone).replace(tzinfo=None)
        early, late = (early, middle) if shown >= local else (middle, late)
    return late * NS


def local_date(at: int, zone: ZoneInfo) -> date:
    """The calendar date a zone shows at a moment."""
    return (_EPOCH + timedelta(seconds=at // NS)).astimezone(zone).date()


def business_day(at: int, zone: ZoneInfo, starts: time) -> date:
    """The business day a moment belongs to; days are cut at ``starts``, local time."""
    day = local_date(at, zone)
    for guess in (day + timedelta(days=1), day):
        if instant(datetime.combine(guess, starts), zone) <= at:
            return guess
    return day - timedelta(days=1)


def day_start(day: date, zone: ZoneInfo, starts: time) -> int:
    """When a business day begins."""
    return instant(datetime.combine(day, starts), zone)
