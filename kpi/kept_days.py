"""Figures of days whose readings are past keeping: one entry for each station and business day.

They are as `/kpi?by=day` showed them when the readings were still there (`kpi.day_keeper` makes them), and no longer
change: corrections and reasons entered later do not count in them.
"""

from typing import Any

from collector.store import Store
from contract.words import Words
from kpi.finality import Finality

Days = dict[str, dict[str, Any]]

KEPT = Finality(
    True,
    Words(
        "確定: 生データの保存期間を過ぎたため、保存した数字です。もう変わりません。",
        "Final: the readings are past keeping. These are the figures that were kept, and they no longer change.",
    ),
)
DAY_NS = 86400 * 10**9
LONGEST_DAY_NS = 25 * 3600 * 10**9
RECENT_NS = 2 * DAY_NS
"""No line keeps its readings for less, so a window that is as new needs no kept days."""

GONE = "readings_past_keeping"
GONE_WORDS = Words(
    "この期間には、生データの保存期間(retain_days)を過ぎた日があります。日ごとの数字(by=day)は保存されています。",
    "Some days of this window are past keeping (retain_days); their figures are kept by day (by=day).",
)


def kept_days(store: Store, start: int, end: int, now: int) -> dict[str, Days]:
    """The kept figures by station and day ("2026-11-18"), of every day that reaches into [start, end)."""
    kept: dict[str, Days] = {}
    if start <= now - RECENT_NS:
        for entry in store.entries("figures", start - LONGEST_DAY_NS, end):
            if "figures" in entry.body and entry.body["ends"] > start:
                kept.setdefault(entry.body["station"], {})[entry.body["day"]] = entry.body["figures"]
    return kept


def kept_until(store: Store, station: str) -> int:
    """The figures of a station are kept up to here (ns)."""
    marks = [entry for entry in store.entries("figures", 0, 1) if entry.id == mark_id(station)]
    return int(marks[0].body["until"]) if marks else 0


def mark_id(station: str) -> str:
    """Under which id it is kept how far a station's figures are."""
    return f"figures-{station}"
