"""Dates, times of day, hours from-to and time zones as they stand in line.toml."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from dataclasses import dataclass
from typing import Any

from contract.line import Span
from contract.line_kinds import refuse
from contract.line_places import Path
from contract.line_report import Report, did_you_mean, half_width, hint, nearest
from contract.words import Words

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_TIME_SCHEMA = "([01]?[0-9]|2[0-3]):[0-5][0-9]"
_DATE = re.compile(r"2[01][0-9]{2}-[0-9]{2}-[0-9]{2}")
_DASHES = re.compile(r"\s*[-~〜～–—−ー‐から]+\s*")
_SHORT_ZONES = {"jst": "Asia/Tokyo", "tokyo": "Asia/Tokyo", "日本": "Asia/Tokyo", "gmt+9": "Asia/Tokyo",
                "utc+9": "Asia/Tokyo", "+09:00": "Asia/Tokyo"}  # fmt: skip


def time_of(text: str) -> datetime.time | None:
    """The time of day a text names, or None."""
    match = _TIME.fullmatch(text)
    return datetime.time(int(match[1]), int(match[2])) if match else None


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time of day, hours and minutes."""

    example: str = '"08:30"'

    @property
    def words(self) -> Words:
        """The form."""
        return Words('時刻("08:30" の形、00:00〜23:59)', 'a time of day (like "08:30", 00:00 to 23:59)')

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """A ``datetime.time``; TOML's own local time is taken too."""
        if isinstance(value, datetime.time) and value == value.replace(second=0, microsecond=0):
            return value
        got = time_of(value) if isinstance(value, str) else None
        return refuse(self, value, path, report, self._tip(value)) if got is None else got

    def _tip(self, value: Any) -> Words | None:
        if not isinstance(value, str):
            return None
        plain = half_width(value)
        if late := re.fullmatch(r"(2[4-9]|3[0-9]):([0-5][0-9])", plain):
            right = f"{int(late[1]) - 24:02d}:{late[2]}"
            return hint(f'翌日の時刻は "{right}" と書きます。', f'past midnight is written "{right}".')
        if said := re.fullmatch(r"([0-9]{1,2})時(?:([0-9]{1,2})分)?", plain):
            plain = f"{int(said[1]):02d}:{int(said[2] or 0):02d}"
        return did_you_mean(plain) if time_of(plain) else None

    def schema(self) -> dict[str, Any]:
        """A pattern."""
        return {"type": "string", "pattern": f"^{_TIME_SCHEMA}$"}


@dataclass(frozen=True, slots=True)
class Hours:
    """From one time of day to another."""

    example = '"12:00-13:00"'

    @property
    def words(self) -> Words:
        """The form."""
        return Words('時間帯("12:00-13:00" の形)', 'hours (like "12:00-13:00")')

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """A Span."""
        span = _span(value, "-") if isinstance(value, str) else None
        if span is None:
            return refuse(self, value, path, report, self._tip(value))
        if span.start == span.end:
            return report.tell(
                path, Words(f"{value} は始まりと終わりが同じです。", f'"{value}" begins and ends at the same time.')
            )
        return span

    def _tip(self, value: Any) -> Words | None:
        if not isinstance(value, str):
            return None
        plain = _DASHES.sub("-", half_width(value))
        return did_you_mean(plain) if _span(plain, "-") else None

    def schema(self) -> dict[str, Any]:
        """A pattern."""
        return {"type": "string", "pattern": f"^{_TIME_SCHEMA}-{_TIME_SCHEMA}$"}


def _span(text: str, dash: str) -> Span | None:
    start, found, end = text.partition(dash)
    first, last = time_of(start), time_of(end)
    return Span(first, last) if found and first is not None and last is not None else None


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar date."""

    example = '"2026-10-01"'

    @property
    def words(self) -> Words:
        """The form."""
        return Words('日付("2026-10-01" の形、2000〜2199 年)', 'a date (like "2026-10-01", years 2000 to 2199)')

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """A ``datetime.date``; TOML's own local date is taken too."""
        text = value.isoformat() if type(value) is datetime.date else value
        got = _date(text) if isinstance(text, str) else None
        return refuse(self, value, path, report, self._tip(value)) if got is None else got

    def _tip(self, value: Any) -> Words | None:
        if isinstance(value, datetime.datetime):
            return hint(f'日付だけを書きます: "{value.date()}"。', f'write the date alone: "{value.date()}".')
        if not isinstance(value, str):
            return None
        numbers = re.findall(r"[0-9]+", half_width(value))
        plain = "-".join(number.zfill(2) for number in numbers)
        return did_you_mean(plain) if len(numbers) == 3 and _date(plain) else None

    def schema(self) -> dict[str, Any]:
        """A pattern."""
        return {"type": "string", "pattern": f"^{_DATE.pattern}$"}


def _date(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone of the IANA list."""

    example = '"Asia/Tokyo"'

    @property
    def words(self) -> Words:
        """The form."""
        return Words('時間帯の名前("Asia/Tokyo" など)', 'a time zone (like "Asia/Tokyo")')

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The zone's name."""
        return value if isinstance(value, str) and _is_zone(value) else refuse(self, value, path, report, _zone(value))

    def schema(self) -> dict[str, Any]:
        """Any string."""
        return {"type": "string"}


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True


def _zone(value: Any) -> Words | None:
    if not isinstance(value, str):
        return None
    zones = zoneinfo.available_timezones()
    if not zones:
        return hint(
            "このコンピューターに時間帯の一覧がありません。pip install tzdata で入ります。",
            "this computer has no list of time zones. Install it with: pip install tzdata",
        )
    near = _SHORT_ZONES.get(half_width(value).lower().replace(" ", "")) or nearest(value, zones, cutoff=0.8)
    return did_you_mean(near) if near else None
