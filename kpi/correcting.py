"""What a correction would make of its shift's count, asked before it is kept: a slip of the finger is caught there.

Nothing is refused: whoever knows better records it all the same, beside the original.
"""

from typing import Any

from collector.store import Entry
from contract.words import Words
from kpi.answers import Answers
from kpi.basis import both
from kpi.facts import Made, Question, of
from kpi.wall import running

Body = dict[str, Any]
MUCH, FEW = 0.2, 5
"""A correction of more than this share of the pieces produced, and of more than so many, is asked about."""

_NAMES = {
    "produced": Words("生産数", "produced"),
    "scrap": Words("不良数", "scrap"),
    "rework": Words("手直し数", "rework"),
}


def outcome(answers: Answers, correction: Entry) -> Body:
    """{"before", "after", "warning"}: the count of the shift that a correction lies in, and whether to ask again.

    All three are None where nothing counts at the station.
    """
    body = correction.body
    place = answers.place(str(body["station"]))
    now = answers.desk.now_ns()
    shift = running(place, correction.at)
    end = max(min(shift.end, now), correction.at + 1)
    ledger = answers.ledger(place, shift.start, end, now)
    made = of(ledger, Question(shift.start, end, end), answers.shelf.entries("correction", shift.start, end)).made
    if made is None:
        return {"before": None, "after": None, "warning": None}
    quantity, delta = str(body["quantity"]), int(body["delta"])
    before = _count(made, quantity)
    produced = _count(made, "produced")
    left = produced + delta - _count(made, "scrap") if quantity == "produced" else produced - before - delta
    short = quantity != "rework" and left < 0
    doubtful = before + delta < 0 or short or abs(delta) > max(FEW, MUCH * produced)
    words = _words(quantity, before, before + delta, produced)
    return {"before": before, "after": before + delta, "warning": both(words) if doubtful else None}


def _count(made: tuple[Made, ...], quantity: str) -> int:
    return sum(int(getattr(m, quantity)) for m in made)


def _words(quantity: str, before: int, after: int, produced: int) -> Words:
    name = _NAMES[quantity]
    beside = (
        Words("", "") if quantity == "produced" else Words(f"(生産数 {produced:,} 個)", f" ({produced:,} produced)")
    )
    return Words(
        f"この勤務の{name.ja}が {before:,} 個から {after:,} 個になります{beside.ja}。本当によろしいですか。",
        f"This takes {name.en} of the shift from {before:,} to {after:,}{beside.en}. Is that right?",
    )
