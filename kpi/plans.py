"""What is wanted: plans of shifts as the demand of a window, pro rata by planned time.

A shift may have a plan of the whole (without a product) and plans of products. Those of products are parts: they
neither replace the whole nor add to it. Where no whole is said, what is wanted is their sum. For each of them (the
whole, each product) what was entered by hand wins over line.toml, where plans for a date win over those of every day.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from collector.store import Entry
from contract.line import Plan
from kpi.calendar import Calendar, WorkShift
from kpi.history import History
from kpi.spans import Spans

Quantities = dict[str | None, int]


def demand(
    history: History, calendar: Calendar, entries: Sequence[Entry], station: str, start: int, end: int,
    product: str | None = None,
) -> float | None:  # fmt: skip
    """How many good pieces are wanted in [start, end), or None where no plan says so."""
    wanted, planned = 0.0, False
    shifts = calendar.shifts(start, end)
    rest = calendar.rest(min((s.start for s in shifts), default=start), max((s.end for s in shifts), default=end))
    for shift in shifts:
        quantity = quantity_of(history, entries, station, shift, product)
        if quantity is None:
            continue
        time = Spans.pairs(shift.hours + shift.extra) - rest.clip(shift.start, shift.end)
        if not time.total:
            continue
        planned = True
        wanted += quantity * time.clip(start, end).total / time.total
    return wanted if planned else None


def quantity_of(
    history: History, entries: Sequence[Entry], station: str, shift: WorkShift, product: str | None = None
) -> int | None:
    """How many good pieces are wanted of one shift, or None."""
    told = of_line(history, station, shift.day, shift.name, shift.start)
    told |= by_hand(entries, station, shift.day, shift.name)
    return told.get(product) if product is not None else in_all(told)


def in_all(told: Quantities) -> int | None:
    """What is wanted of a whole shift: the plan of the whole where there is one, else the sum of its products'."""
    return told[None] if None in told else sum(told.values()) if told else None


def of_line(history: History, station: str, day: date, shift: str, at: int) -> Quantities:
    """What line.toml as in force at a moment wants of a shift, by product (None: of the whole)."""
    plans = [p for p in history.at(at).plan if p.station == station and p.shift == shift]
    return _by_product([p for p in plans if p.date == day]) or _by_product([p for p in plans if p.date is None])


def by_hand(entries: Sequence[Entry], station: str, day: date, shift: str) -> Quantities:
    """What was entered of a shift, by product (None: of the whole); the last word counts."""
    return {
        entry.body.get("product"): int(entry.body["quantity"])
        for entry in sorted(entries, key=lambda entry: entry.made)
        if entry.kind == "plan"
        and entry.body.get("station") == station
        and entry.body.get("shift") == shift
        and entry.body.get("date") == day.isoformat()
    }


def outcome(line: Quantities, hand: Quantities, product: str | None) -> dict[str, Any]:
    """What a plan that was just entered makes of its shift, for whoever entered it.

    {"shift_quantity"[, "replaces"][, "note"]}: all that is wanted of the shift now; which of line.toml's quantities the
    plan takes the place of; how the whole and its products go together, where both were said.
    """
    told = line | hand
    whole = in_all(told)
    found: dict[str, Any] = {"shift_quantity": whole}
    if product in line:
        found["replaces"] = {"quantity": line[product], "from": "line.toml"}
    parts = sum(quantity for named, quantity in told.items() if named is not None)
    if None in told and len(told) > 1:
        found["note"] = {
            "ja": f"この勤務の計画は全体で {whole:,} 個です。品番ごとの計画(合計 {parts:,} 個)はその内訳です。",
            "en": f"The shift's plan is {whole:,} pieces. Plans of products ({parts:,} together) are parts of it.",
        }
    elif len(told) > 1:
        found["note"] = {
            "ja": f"この勤務の計画は、品番ごとの計画の合計 {whole:,} 個です。",
            "en": f"The shift's plan is the sum of its products' plans, {whole:,} pieces.",
        }
    return found


def _by_product(plans: Sequence[Plan]) -> Quantities:
    return {plan.product: plan.quantity for plan in plans}
