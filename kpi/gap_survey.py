"""しきい値の決め方: what /thresholds answers. A week's gaps, where they part, what each threshold would make of them.

A gap is what the ledger judges: the planned, observed seconds between two neighbouring pieces of production. Gaps that
hold silence or time outside production, those that lie in a break, and those that several counts ended at once are left
out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from contract.words import Words
from kpi import windows
from kpi.analysis import thresholds
from kpi.analysis.thresholds import FEWEST_GAPS, Floats, Judged, Split
from kpi.answers import Answers, Place
from kpi.basis import both
from kpi.figures import finite
from kpi.ledger import Ledger
from kpi.problems import Problem
from kpi.settings import Indexes
from kpi.spans import NS, times
from kpi.times import rfc3339

Body = dict[str, Any]
LONGEST_DAYS = 92
TIMES_IDEAL = (1.5, 2.0, 3.0)

METHOD = Words(
    "完成の間隔を対数の目盛で見て、普通のサイクルの山と停止の山のあいだの谷(Pasquale ほか 2010 の void ≥ 0.7)を"
    "しきい値にします。谷がなければ、山から大きく外れる所(Tukey の外境界 Q3 + 3×四分位範囲、対数)にします。"
    "誤停止は、普通のサイクルなのに停止と呼ばれる回数の見積もりです。",
    "On a logarithmic scale of the gaps, the threshold is the valley between the hill of ordinary cycles and that of "
    "the stops (void of at least 0.7, Pasquale et al. 2010); without a valley it is Tukey's outer fence of the "
    "logarithms (Q3 + 3 interquartile ranges). False stops: an estimate of the ordinary cycles that it calls stops.",
)


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The gaps (s) of a window, and the number of the product that each belongs to."""

    seconds: Floats
    product: Indexes


def survey(ledger: Ledger, start: int, end: int) -> Surveyed:
    """The gaps whose last piece lies in [start, end)."""
    told, record = ledger.gaps, ledger.record
    if told is None or record.pieces is None:
        return Surveyed(np.zeros(0), np.zeros(0, np.intp))
    kept = told.piece & told.follows & (told.ends == 1) & (told.end >= start) & (told.end < end)
    kept &= record.silent.within(told.start, told.end) == 0
    kept &= record.away.within(told.start, told.end) == 0
    kept &= ledger.observed.within(told.start, told.end) > 0
    ends = told.end[kept]
    seconds = ledger.observed.within(told.start[kept], ends) / NS
    made = np.flatnonzero(~record.pieces.test)
    piece = made[np.searchsorted(record.pieces.t[made], ends, "left")] if len(ends) else made[:0]
    return Surveyed(seconds, record.pieces.product[piece])


def thresholds_of(answers: Answers, station: str, start: int, end: int) -> Body:
    """The body of GET /thresholds. Raises Problem (404 unknown station, 422 bad window)."""
    place, now = answers.place(station), answers.desk.now_ns()
    end = not_too_long(start, end, now)
    ledger = answers.ledger(place, start, end, now)
    cut = max(start, min(end, now))
    found = survey(ledger, start, cut)
    shifts = _shifts(place, ledger, start, cut)
    last = max(start, cut - 1)
    here = place.settings.at(last)
    bodies = [_of_product(place, found, int(p), last, shifts) for p in np.unique(found.product)]
    proposals = [b["proposed_stop_after_s"] for b in bodies if b["proposed_stop_after_s"] is not None]
    proposed = max(proposals, default=None)
    zone = place.calendar.zone
    told: Body = {
        "station": station,
        "name": place.name,
        "start": rfc3339(start, zone),
        "end": rfc3339(cut, zone),
        "gaps": len(found.seconds),
        "per": "shift" if place.calendar.has_shifts(last) else "day",
        "shifts": shifts,
        "present": {
            "stop_after_s": here.stop_after_s,
            "written": here.stop_after_is_written,
            "downtime_after_s": here.downtime_after_s,
        },
        "proposed_stop_after_s": proposed,
        "write": None if proposed is None else f"stop_after_s = {proposed:g}",
        "products": bodies,
        "method": both(METHOD),
        "warnings": [
            {"code": code, **both(words)}
            for code, words in _warnings(ledger, found, bodies, proposed, here.downtime_after_s)
        ],
    }
    return {key: _finite(value) for key, value in told.items()}


def not_too_long(start: int, end: int, now: int) -> int:
    """Where the window ends for us. Raises Problem (422) beyond :data:`LONGEST_DAYS`."""
    end = windows.bounded(start, end, now)
    if min(end, now) - start > LONGEST_DAYS * 86400 * NS:
        raise Problem(
            422,
            "bad-window",
            Words(
                f"ここで見られるのは {LONGEST_DAYS} 日までです。", f"At most {LONGEST_DAYS} days can be looked at here."
            ),
            Words("普段どおりの1~4週間を選んでください。", "Choose one to four ordinary weeks."),
        )
    return end


def _finite(value: Any) -> Any:
    return [_finite(item) for item in value] if isinstance(value, list) else finite(value)


def _shifts(place: Place, ledger: Ledger, start: int, end: int) -> float | None:
    """How many shifts' worth of observed planned time the window has (days, on a line without shifts)."""
    seen = ledger.observed.clip(start, end).seconds
    shifts = place.calendar.shifts(start, end)
    if not place.calendar.has_shifts(max(start, end - 1)):
        return seen / 86400 if seen else None
    if not shifts:
        return None
    a, b = min(s.start for s in shifts), max(s.end for s in shifts)
    whole = (place.calendar.work(a, b) - place.calendar.rest(a, b)).seconds / len(shifts)
    return seen / whole if whole and seen else None


def _of_product(place: Place, found: Surveyed, product: int, last: int, shifts: float | None) -> Body:
    seconds = found.seconds[found.product == product]
    moment, number = times([last]), np.array([product], np.intp)
    ideal = float(place.settings.ideal_s(moment, number)[0] * place.settings.each(moment, number)[0])
    present = float(place.settings.stop_after_s(moment, number)[0])
    least = 0.0 if np.isnan(ideal) else ideal
    parted = thresholds.split(seconds, least)
    proposed = None if parted is None else thresholds.rounded(max(parted.at_s, 1.05 * least))
    body: Body = {
        "product": place.settings.products[product],
        "gaps": len(seconds),
        "enough": parted is not None,
        "median_s": float(np.median(seconds)) if len(seconds) else None,
        "ideal_s": None if np.isnan(ideal) else ideal,
        "present_stop_after_s": None if np.isnan(present) else present,
        "proposed_stop_after_s": proposed,
        "method": None if parted is None else parted.method,
        "void": None if parted is None else parted.void,
        "histogram": [{"from_s": b.from_s, "to_s": b.to_s, "count": b.count} for b in thresholds.histogram(seconds)],
        "candidates": [],
    }
    if parted is not None and proposed is not None:
        body["candidates"] = _candidates(seconds, parted, proposed, present, ideal, shifts)
    return body


def _candidates(
    seconds: Floats, parted: Split, proposed: float, present: float, ideal: float, shifts: float | None
) -> list[Body]:
    """A few thresholds beside each other: the proposed, the present, and multiples of the ideal (else the median)."""
    unit = float(np.median(seconds)) if np.isnan(ideal) else ideal
    limits = {round(m * unit, 3) for m in TIMES_IDEAL} | {proposed}
    limits |= set() if np.isnan(present) else {present}
    listed = sorted(limit for limit in limits if limit > 0)
    return [
        {
            "stop_after_s": each.stop_after_s,
            "is_proposed": each.stop_after_s == proposed,
            "is_present": each.stop_after_s == present,
            **_per_shift(each, shifts),
        }
        for each in thresholds.judged(seconds, parted, listed)
    ]


def _per_shift(each: Judged, shifts: float | None) -> Body:
    return {
        "stops": each.stops,
        "stops_per_shift": each.stops / shifts if shifts else None,
        "stop_s_per_shift": each.stop_s / shifts if shifts else None,
        "false_stops_per_shift": each.false / shifts if shifts else None,
        "missed_stops_per_shift": each.missed / shifts if shifts else None,
    }


def _warnings(
    ledger: Ledger, found: Surveyed, bodies: Sequence[Body], proposed: float | None, downtime_after_s: float
) -> list[tuple[str, Words]]:
    told = []
    few = [b for b in bodies if not b["enough"]]
    if few or not bodies:
        told.append(("too_few", _few(len(found.seconds), few)))
    if ledger.record.pieces is None:
        told.append((
            "no_cycle_sensor",
            Words('完成を数えるセンサー(role = "cycle")がないため、間隔がありません。',
                  'No sensor counts finished pieces (role = "cycle"), so there are no gaps.'),
        ))  # fmt: skip
    if ledger.record.running is not None:
        told.append((
            "running_decides",
            Words("この工程の停止は running センサーで決まります。ここでの値は空転の判定に使われます。",
                  "The running sensor decides the stops of this station; what is proposed here judges idling."),
        ))  # fmt: skip
    if len(bodies) > 1 and proposed is not None:
        told.append((
            "several_products",
            Words("stop_after_s は工程に一つなので、品番ごとの提案の一番長いものを出しています。"
                  "書かなければ、品番ごとに基準サイクルの 2 倍になります。",
                  "A station has one stop_after_s: the longest proposal of all products is told. Left out, it is twice "
                  "the ideal of each product."),
        ))  # fmt: skip
    if proposed is not None and proposed >= downtime_after_s:
        told.append((
            "not_below_downtime",
            Words(f"提案は downtime_after_s({downtime_after_s:g} 秒)以上です。このままではチョコ停が一つも出ません。",
                  f"The proposal is not below downtime_after_s ({downtime_after_s:g} s): no stop could be short."),
        ))  # fmt: skip
    return told


def _few(gaps: int, few: Sequence[Body]) -> Words:
    names = "、".join(b["product"] or "品番なし" for b in few) if gaps else ""
    in_english = ", ".join(b["product"] or "no product" for b in few) if gaps else ""
    of_ja, of_en = (f"({names})", f" ({in_english})") if len(names) else ("", "")
    return Words(
        f"間隔が少なすぎて決められません{of_ja}。普段どおりの1週間、少なくとも {FEWEST_GAPS} 個が要ります。",
        f"Too few gaps to tell{of_en}: an ordinary week, at least {FEWEST_GAPS} gaps, are needed.",
    )
