"""How figures are said on paper: a dash for what is undefined, grey and 「参考値」 for what was hardly seen."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from contract.words import Language, Words
from kpi.report.markup import Html, tag, text

NOTHING = "―"
BELIEVED, SHOWN = 0.95, 0.8
"""Coverage below which a figure is 「参考値」, and below which no ratio is shown (contract section 4)."""

REFERENCE = Words("参考値", "for reference")
NOT_SHOWN = Words("データ不足", "too little")
WEEKDAYS = (
    Words("月", "Mon"), Words("火", "Tue"), Words("水", "Wed"), Words("木", "Thu"), Words("金", "Fri"),
    Words("土", "Sat"), Words("日", "Sun"),
)  # fmt: skip

Body = Mapping[str, Any]


def number(value: float | None, decimals: int = 0) -> str:
    """With thousands, "-0" never; a dash where there is none."""
    if value is None:
        return NOTHING
    told = f"{value:,.{decimals}f}"
    return told.removeprefix("-") if not told.strip("-0.,") else told


def signed(value: float | None, decimals: int = 0) -> str:
    """With its sign; ± before 0."""
    if value is None:
        return NOTHING
    told = number(value, decimals)
    if not told.strip("0.,"):
        return f"±{told}"
    return f"+{told}" if value > 0 else told


def percent(value: float | None, decimals: int = 1) -> str:
    """A fraction as a percentage."""
    return NOTHING if value is None else f"{number(value * 100, decimals)} %"


def minutes(seconds: float | None) -> float | None:
    """Seconds as minutes."""
    return None if seconds is None else seconds / 60


def believed(body: Body) -> bool:
    """Whether enough of the planned time was seen."""
    coverage = body.get("coverage")
    return coverage is None or coverage >= BELIEVED


def shown(body: Body) -> bool:
    """Whether enough was seen for a ratio to be shown at all."""
    coverage = body.get("coverage")
    return coverage is None or coverage >= SHOWN


def ratio_of(body: Body, key: str, lang: Language, decimals: int = 1) -> Html:
    """A ratio of a window as its coverage allows."""
    value = body.get(key)
    if value is not None and not shown(body):
        return tag("span", NOT_SHOWN.say(lang), class_="hardly")
    return _as_seen(body, percent(value, decimals))


def number_of(body: Body, value: float | None, decimals: int = 0) -> Html:
    """A number of a window, grey where too little was seen."""
    return _as_seen(body, number(value, decimals))


def _as_seen(body: Body, told: str) -> Html:
    return text(told) if believed(body) else tag("span", told, class_="hardly")


def reference(body: Body, lang: Language) -> str:
    """「参考値」 where too little was seen, else nothing."""
    return "" if believed(body) else REFERENCE.say(lang)


def moment(rfc3339: str) -> datetime:
    """A time of the API, with its offset."""
    return datetime.fromisoformat(f"{rfc3339[:19]}{rfc3339[-6:] if rfc3339[-1] != 'Z' else '+00:00'}")


def clock(rfc3339: str) -> str:
    """08:30."""
    return rfc3339[11:16]


def day(told: date, lang: Language) -> str:
    """2026年11月16日(月)."""
    weekday = WEEKDAYS[told.weekday()].say(lang)
    if lang == "ja":
        return f"{told.year}年{told.month}月{told.day}日({weekday})"
    return f"{weekday} {told.isoformat()}"


def within(whole: float, parts: Sequence[float]) -> list[int]:
    """Parts in whole numbers that sum to the whole in whole numbers (largest remainders are rounded up)."""
    floors = [int(part // 1) for part in parts]
    left = round(whole) - sum(floors)
    order = sorted(range(len(parts)), key=lambda i: floors[i] - parts[i])
    for i in order[:left] if left > 0 else []:
        floors[i] += 1
    return floors


def both(told: Body | None, lang: Language) -> str:
    """One of {"ja", "en"}."""
    return str((told or {}).get(lang, ""))


def basis_short(body: Body, lang: Language) -> str:
    """「負荷445分・欠測0分・基準CT20秒[4/1]」, and whether set-up is in it."""
    basis = body.get("basis") or {}
    return both(basis.get("short"), lang)
