"""Reconciliations that were kept: the last of a station, and the words of one. `kpi.reconciliation` makes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from collector.store import Entry
from contract.words import Words

_TITLES = {"produced": Words("日報", "paper"), "scrap": Words("日報の不良", "scrap on paper")}


def said_of(body: Mapping[str, Any]) -> Words:
    """「日報 1,012 / 計数 1,009 / -3(0.3 %)」 of a kept reconciliation."""
    tally, count, difference = body["tally"], body["counted"], body["difference"]
    percent = "" if not tally else f"{abs(100 * difference / tally):.1f} %"
    sign = f"{difference:+,}" if difference else "±0"
    title = _TITLES[body["quantity"]]
    return Words(
        f"{title.ja} {tally:,} / 計数 {count:,} / {sign}" + (f"({percent})" if percent else ""),
        f"{title.en} {tally:,} / counted {count:,} / {sign}" + (f" ({percent})" if percent else ""),
    )


def last(entries: Sequence[Entry], station: str, until: int | None = None, quantity: str = "produced") -> Entry | None:
    """The last reconciliation of a station: of the latest shift that began before ``until``, the last word."""
    mine = [
        entry
        for entry in entries
        if entry.kind == "reconciliation"
        and entry.body.get("station") == station
        and entry.body.get("quantity") == quantity
        and (until is None or entry.at < until)
    ]
    return max(mine, key=lambda entry: (entry.at, entry.made), default=None)
