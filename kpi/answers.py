"""Answers to questions about the line, as JSON-ready objects: figures of windows, the ledger, cycles.

Windows are half open and cut at now. Nothing here knows HTTP; unknown things and bad windows raise Problem.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from collector.store import Entry
from contract.line import Line
from kpi import facts, windows
from kpi.basis import basis, both
from kpi.calendar import Calendar
from kpi.desk import Desk
from kpi.doubt import Doubt
from kpi.doubtful import doubtful
from kpi.doubtful import told as doubt_told
from kpi.facts import Facts, Question
from kpi.figures import figures
from kpi.finality import Underway, underway
from kpi.history import History
from kpi.kept_days import GONE, GONE_WORDS, Days, kept_days
from kpi.ledger import Ledger, observe
from kpi.line_figures import bottleneck_of_the_day, line_figures
from kpi.pareto import called
from kpi.plans import demand
from kpi.privacy import coarse, veiled, whole_hours
from kpi.problems import unknown
from kpi.products_apart import may_tell_apart, refuse_products
from kpi.proposals import Proposals
from kpi.reconciled import last
from kpi.record import Reading
from kpi.settings import Settings
from kpi.shelf import Shelf
from kpi.spans import Spans
from kpi.times import rfc3339
from kpi.tokens import Role
from kpi.windows import Bucket, By

DAY_NS = 86400 * 10**9
GLANCE_S = 0.2
"""So long what the collector says of the agents is believed: a wall of ten stations asks once."""
AT_ONCE = 2
"""Stations of one question that are reckoned at a time."""
OBSERVED_DAYS = 8
"""Of no longer window the bottleneck is told as it was observed."""

Body = dict[str, Any]
Part = TypeVar("Part")
Told = TypeVar("Told")


def _go_on() -> None:
    """Whoever asks waits as long as it takes."""


def _side_by_side(of: Callable[[Part], Told], parts: Sequence[Part]) -> list[Told]:
    """Of each part, in order; two at a time, because reading and reckoning wait for each other little."""
    if len(parts) < 2:
        return [of(part) for part in parts]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="kpi") as hands:
        return list(hands.map(of, parts))


@dataclass(frozen=True, slots=True)
class Asked:
    """What /kpi was asked: a window, and perhaps a product, a demand, buckets.

    ``go_on`` is asked between two buckets, and raises where nobody waits for the answer any more.
    """

    start: int
    end: int
    product: str | None = None
    demand: float | None = None
    by: By | None = None
    go_on: Callable[[], None] = _go_on


@dataclass(frozen=True, slots=True)
class Place:
    """A station with its settings and calendar, as every version of the line has them."""

    history: History
    settings: Settings
    calendar: Calendar

    @property
    def id(self) -> str:
        """The station's id."""
        return self.settings.station

    @property
    def name(self) -> str:
        """The station's name now."""
        return self.history.newest.stations[self.id].name


class Answers:
    """Everything that can be asked of one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.shelf = Shelf(desk.store, keep=desk.live, now_ns=desk.now_ns)
        self._versions: tuple[tuple[int, Line], ...] = ()
        self._history = History([])
        self._places: dict[str, Place] = {}
        self._agents: tuple[float, Sequence[Mapping[str, Any]]] | None = None

    def agents(self) -> Sequence[Mapping[str, Any]]:
        """What the agents say of themselves; asked of the collector again after :data:`GLANCE_S`."""
        now, known = time.monotonic(), self._agents
        if known is None or now - known[0] > GLANCE_S:
            agents = self.desk.ingest.status().get("agents")
            known = self._agents = (now, agents if isinstance(agents, list) else [])
        return known[1]

    @property
    def history(self) -> History:
        """Every version of the line, as of now."""
        versions = tuple(self.desk.lines())
        if versions != self._versions:
            self._versions, self._history, self._places = versions, History(versions), {}
        return self._history

    @property
    def line(self) -> Line:
        """The line as in force now."""
        return self.history.newest

    def place(self, station: str) -> Place:
        """A station by its id. Raises Problem (404)."""
        history = self.history
        if station not in history.newest.stations:
            raise unknown("工程", "station", station, sorted(history.newest.stations))
        place = self._places.get(station)
        if place is None:
            place = Place(history, Settings(history, station), Calendar(history, station))
            self._places[station] = place
        return place

    def places(self, station: str | None) -> list[Place]:
        """One station, or all of them in the order of the file."""
        return [self.place(s) for s in ([station] if station is not None else self.line.stations)]

    def ledger(self, place: Place, start: int, end: int, now: int) -> Ledger:
        """The ledger of [start, end), cut at now."""
        here = min(start, now)
        cut = max(here, min(end, now))
        return observe(Reading(self.shelf, place.settings, place.calendar, now), here, cut)

    def kpi(self, asked: Asked, station: str | None = None, role: Role = "operator") -> Body:
        """GET /kpi: the figures of one or all stations, and of the line, as a role may see them."""
        now = self.desk.now_ns()
        asked = replace(asked, end=windows.bounded(asked.start, asked.end, now))
        zone = self.line.zone
        bodies: list[Body] = []
        told: dict[str, Facts] = {}
        ledgers: dict[str, Ledger] = {}
        kept = kept_days(self.desk.store, asked.start, asked.end, now)
        places = self.places(station)
        most = windows.MOST_BUCKETS // max(1, len(places))

        def station_of(place: Place) -> tuple[Body, Facts, Ledger]:
            return self._station(place, asked, now, role, kept.get(place.id, {}), most)

        for place, (body, facts_of, ledger) in zip(places, _side_by_side(station_of, places), strict=True):
            bodies.append(body)
            told[place.id] = facts_of
            if len(places) > 1 and asked.end - asked.start <= OBSERVED_DAYS * DAY_NS:
                ledgers[place.id] = ledger
        return {
            "start": rfc3339(asked.start, zone),
            "end": rfc3339(max(asked.start, min(asked.end, now)), zone),
            "stations": bodies,
            "line": self._of_the_line(told, bodies, role, ledgers, asked) if station is None else None,
        }

    def _of_the_line(
        self, told: dict[str, Facts], bodies: Sequence[Body], role: Role, ledgers: dict[str, Ledger], asked: Asked
    ) -> Body | None:
        """The line's figures; None where they are those of a station that this role must not see."""
        found = line_figures(self.line, told, {body["station"]: body for body in bodies})
        seen = {} if any(veiled(self.line.stations[s], role) for s in ledgers) else ledgers
        found |= bottleneck_of_the_day(self.line, seen, asked.start, asked.end)
        shown = {found["station"], found["bottleneck"]} - {None}
        return None if any(veiled(self.line.stations[s], role) for s in shown) else found

    def entries(self, start: int, end: int) -> list[Entry]:
        """Plans and corrections that can concern a window."""
        plans = self.shelf.entries("plan", start - 3 * DAY_NS, end + 3 * DAY_NS)
        return [*plans, *self.shelf.entries("correction", start, end)]

    def wanted(self, place: Place, asked: Asked, start: int, end: int, entries: Sequence[Entry]) -> float | None:
        """The demand of a part of what was asked: given and shared out by planned time, or by the plans."""
        if asked.demand is None:
            return demand(place.history, place.calendar, entries, place.id, start, end, asked.product)
        if (start, end) == (asked.start, asked.end):
            return asked.demand
        whole, part = (_planned(place.calendar, a, b) for a, b in ((asked.start, asked.end), (start, end)))
        return asked.demand * part / whole if whole else None

    def facts(
        self, place: Place, ledger: Ledger, asked: Asked, start: int, end: int, entries: Sequence[Entry], now: int
    ) -> Facts:
        """The facts of a part of what was asked, from a ledger that covers it."""
        cut = max(start, min(end, now))
        product = None if asked.product is None else self._product(place, asked.product)
        question = Question(start, cut, end, product, self.wanted(place, asked, start, end, entries))
        return facts.of(ledger, question, [e for e in entries if e.kind == "correction"])

    def _product(self, place: Place, product: str) -> int:
        if product not in place.settings.products:
            raise unknown("品番", "product", product, place.history.products())
        return place.settings.products.index(product)

    def _station(
        self, place: Place, asked: Asked, now: int, role: Role, kept: Days, most_buckets: int
    ) -> tuple[Body, Facts, Ledger]:
        asked.go_on()
        zone = place.calendar.zone
        named: Body = {"station": place.id, "name": place.name}
        veil = veiled(self.line.stations[place.id], role)
        if veil:
            start, end = whole_hours(asked.start, min(asked.end, now))
            asked = replace(asked, start=start, end=end)
            named |= {"start": rfc3339(start, zone), "end": rfc3339(end, zone)}
        listed: list[Bucket] = []
        if asked.by is not None and asked.by != "product":
            cut = max(asked.start, min(asked.end, now))
            listed = windows.buckets(asked.by, asked.start, asked.end, place.calendar, cut, most_buckets)
        ledger = self.ledger(place, asked.start, asked.end, now)
        apart = not veil or may_tell_apart(ledger, place.calendar, asked.start, asked.end, now)
        if asked.product is not None and veil and (not apart or asked.by in ("hour", "shift")):
            raise refuse_products(self.line.stations[place.id])
        entries = self.entries(asked.start, asked.end)
        whole = self.facts(place, ledger, asked, asked.start, asked.end, entries, now)
        coming = underway(self.desk, self.line, place.id, now)
        body = named | self.shown(place, ledger, whole, asked, coming)
        body |= coming.of(asked.end).body()
        doubt = self.doubt(place, ledger, asked.start, min(asked.end, now), now, role)
        if doubt is not None:
            body["warnings"] = [*body["warnings"], doubt["code"]]
            body["basis"]["warnings"] = [*body["basis"]["warnings"], doubt]
        if kept:
            body["warnings"] = [*body["warnings"], GONE]
            body["basis"]["warnings"] = [*body["basis"]["warnings"], {"code": GONE, **both(GONE_WORDS)}]
        if asked.by == "product":
            body["buckets"] = self._by_product(place, ledger, asked, entries, coming) if apart else []
        elif asked.by is not None:
            listed = [bucket.whole_hours() for bucket in listed] if veil else listed
            body["buckets"] = [
                _kept(kept, place, asked, bucket) or self._bucket(place, ledger, asked, bucket, entries, coming)
                for bucket in listed
                if bucket.start < bucket.end
            ]
        if veil:
            body = coarse(body)
            body["buckets"] = [coarse(bucket) for bucket in body.get("buckets", [])]
            body["warnings"] = [*body["warnings"], "person"]
        return body, whole, ledger

    def doubts(self, ledger: Ledger, start: int, end: int, now: int) -> list[Doubt]:
        """Stretches of [start, end) in which a station's counter is doubtful."""
        line = self.line
        return doubtful(line, ledger, start, end, lambda s: self.ledger(self.place(s), start, end, now))

    def doubt(self, place: Place, ledger: Ledger, start: int, end: int, now: int, role: Role) -> Body | None:
        """Whether a station's counter is doubtful in [start, end), as a role may hear it: a warning, or None."""
        line = self.line
        heard = {place.id, *(flow.target for flow in line.flow if flow.source == place.id)}
        veil = any(veiled(line.stations[s], role) for s in heard)
        return doubt_told(self.doubts(ledger, start, end, now), veil=veil)

    def shown(self, place: Place, ledger: Ledger, told: Facts, asked: Asked, coming: Underway) -> Body:
        """Every figure of a window, with its basis and warnings."""
        found = figures(told)
        start, end = asked.start, asked.end
        reconciled = last(self.shelf.entries("reconciliation", None, end), place.id)
        beside = basis(
            place.settings, ledger, told, found, start, end, coming.now, coming.of(end), asked.product, reconciled
        )
        return {**found, "warnings": [w["code"] for w in beside["warnings"]], "basis": beside}

    def _bucket(
        self, place: Place, ledger: Ledger, asked: Asked, bucket: Bucket, entries: Sequence[Entry], coming: Underway
    ) -> Body:
        asked.go_on()
        zone, now = place.calendar.zone, coming.now
        end = max(bucket.start, min(bucket.end, now))
        told = self.facts(place, ledger, asked, bucket.start, bucket.end, entries, now)
        named = {"name": bucket.name, "day": bucket.day} if bucket.day else {"name": bucket.name}
        inner = Asked(bucket.start, bucket.end, asked.product)
        return {
            "start": rfc3339(bucket.start, zone),
            "end": rfc3339(end, zone),
            **named,
            **self.shown(place, ledger, told, inner, coming),
        }

    def _by_product(
        self, place: Place, ledger: Ledger, asked: Asked, entries: Sequence[Entry], coming: Underway
    ) -> list[Body]:
        """One bucket for each product that had time in the window; together they are the window."""
        zone = place.calendar.zone
        cut = max(asked.start, min(asked.end, coming.now))
        corrections = [e for e in entries if e.kind == "correction" and e.body.get("station") == place.id]
        corrected = {facts.product_of(ledger.record, e) for e in corrections if asked.start <= e.at < cut}
        found = []
        for number, product in enumerate(place.settings.products):
            question = Question(asked.start, cut, asked.end, number)
            if number not in corrected and not facts.time_of(ledger, question).total:
                continue
            asked.go_on()
            if product is not None:
                wanted = demand(place.history, place.calendar, entries, place.id, asked.start, asked.end, product)
                question = Question(asked.start, cut, asked.end, number, wanted)
            told = facts.of(ledger, question, corrections)
            inner = Asked(asked.start, asked.end, product)
            found.append(
                {
                    "start": rfc3339(asked.start, zone),
                    "end": rfc3339(cut, zone),
                    "product": product,
                    **self.shown(place, ledger, told, inner, coming),
                }
            )
        return found

    def intervals(self, station: str, start: int, end: int) -> Body:
        """GET /ledger: every unbroken part of the window's ledger, with the reason of its stop."""
        place, now = self.place(station), self.desk.now_ns()
        end = windows.bounded(start, end, now)
        ledger = self.ledger(place, start, end, now)
        zone = place.calendar.zone
        parts = ledger.intervals(start, max(start, min(end, now)))
        proposals = Proposals(self.line, ledger, self.entries(ledger.start, ledger.end))
        return {
            "intervals": [
                {
                    "start": rfc3339(a, zone),
                    "end": rfc3339(b, zone),
                    "bucket": bucket,
                    "reason": stop.reason if stop else None,
                    "loss": stop.loss if stop and stop.explained else None,
                    "name": called(self.line, stop)["name"] if stop else None,
                    "edge": stop.edge if stop else False,
                    "proposed": proposals.of(stop) if stop else None,
                }
                for a, b, bucket, stop in parts
            ]
        }


def _kept(kept: Days, place: Place, asked: Asked, bucket: Bucket) -> Body | None:
    """What was kept of a whole day, where its readings may be gone."""
    if asked.by != "day" or asked.product is not None or bucket.day not in kept:
        return None
    whole = place.calendar.day(date.fromisoformat(bucket.day)) == (bucket.start, bucket.end)
    return dict(kept[bucket.day]) if whole else None


def _planned(calendar: Calendar, start: int, end: int) -> float:
    spans: Spans = calendar.work(start, end) - calendar.rest(start, end)
    return spans.seconds
