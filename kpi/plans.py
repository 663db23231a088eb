"""What is wanted: plans of shifts as the demand of a window, pro rata by planned time.

A plan entered by hand for a date wins over the line's plan for that date, which wins over the line's plan of every day.
"""

from collections.abc import Sequence

from collector.store import Entry
from contract.line import Plan
from kpi.calendar import Calendar, WorkShift
from kpi.history import History
from kpi.spans import Spans


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
    by_hand = {
        entry.body.get("product"): int(entry.body["quantity"])
        for entry in sorted(entries, key=lambda entry: entry.made)
        if entry.kind == "plan"
        and entry.body.get("station") == station
        and entry.body.get("shift") == shift.name
        and entry.body.get("date") == shift.day.isoformat()
    }
    plans = [p for p in history.at(shift.start).plan if p.station == station and p.shift == shift.name]
    dated = _by_product([p for p in plans if p.date == shift.day])
    told = by_hand or dated or _by_product([p for p in plans if p.date is None])
    if product is not None:
        return told.get(product)
    return sum(told.values()) if told else None


def _by_product(plans: Sequence[Plan]) -> dict[str | None, int]:
    return {plan.product: plan.quantity for plan in plans}
