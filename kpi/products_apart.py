"""When viewers of a person's station are told of products apart: never where that would time single pieces of one.

A run of ten minutes must not come out, and neither as a difference: of two windows, or of the whole and what is told of
the other products. So only business days that are over are told, and each only where every product was worked on for
an hour (contract section 5, "Persons").
"""

import numpy as np

from contract.line import Station
from contract.words import Words
from kpi import facts
from kpi.calendar import Calendar
from kpi.facts import Question
from kpi.ledger import Ledger
from kpi.privacy import HOUR_NS
from kpi.problems import Problem
from kpi.spans import NOTHING, Spans

_WORKED = ("run", "minor_stop", "downtime")


def may_tell_apart(ledger: Ledger, calendar: Calendar, start: int, end: int, now: int) -> bool:
    """Whether [start, end), which the ledger covers, is whole business days on which every product lasted."""
    if not start < end <= now:
        return False
    each = [facts.time_of(ledger, Question(start, end, end, number)) for number in _products(ledger)]
    worked = NOTHING
    for bucket in _WORKED:
        worked = worked | ledger.buckets[bucket]
    while start < end:
        first, after = calendar.day(calendar.day_of(start))
        if first != start or after > end:
            return False
        day = worked & Spans.one(start, after)
        made = _made(ledger, start, after)
        for number, time in enumerate(each):
            lasted = (time & day).total
            if lasted < HOUR_NS and (lasted or number in made):
                return False
        start = after
    return True


def refuse_products(station: Station) -> Problem:
    """403: what one product took is told to whoever holds the operator's token."""
    return Problem(
        403,
        "person",
        Words(
            f"「{station.name}」は一人の人が働く工程なので、この期間の品番ごとの値は表示しません。",
            f"One person works at {station.name}: of this window, products are not told apart.",
        ),
        Words(
            "終わった営業日の全体で、どの品番も1時間以上続いた日を尋ねてください。",
            "Ask for whole business days that are over, on which every product lasted an hour.",
        ),
    )


def _products(ledger: Ledger) -> range:
    return range(len(ledger.record.settings.products))


def _made(ledger: Ledger, start: int, end: int) -> set[int]:
    pieces = ledger.record.pieces
    if pieces is None:
        return set()
    a, b = (int(i) for i in np.searchsorted(pieces.t, [start, end]))
    return {int(number) for number in np.unique(pieces.product[a:b])}
