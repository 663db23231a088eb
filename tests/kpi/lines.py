"""Lines and days for the KPI tests: a station "washer" with what the test asks for, and moments on a day in Tokyo."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contract.catalogue import Kind, Measure
from contract.line import CalendarEntry, Line, Role, RoleKind, Sensor, Shift, Span, Station
from contract.words import Words
from kpi.calendar import Calendar
from kpi.history import History
from kpi.ledger import FIRST_STEP_NS, LONG_NS, WHOLE_BLOCK_NS, Ledger, observe
from kpi.record import Reading
from kpi.settings import Settings
from kpi.shelf import Shelf
from tests.kpi.memory_store import MemoryStore

NS = 1_000_000_000
TOKYO = ZoneInfo("Asia/Tokyo")
MONDAY = date(2026, 11, 16)
EVERY_DAY = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
WORKDAYS = frozenset({"mon", "tue", "wed", "thu", "fri"})


def at(clock: str, day: date = MONDAY, zone: ZoneInfo = TOKYO) -> int:
    """A moment of a day, "8:30" or "8:30:05.25", in ns."""
    hour, minute, *second = clock.split(":")
    whole = datetime.combine(day, time(), zone) + timedelta(hours=int(hour), minutes=int(minute))
    base = datetime(whole.year, whole.month, whole.day, whole.hour, whole.minute, tzinfo=zone)
    return int(base.timestamp()) * NS + round(float(second[0] if second else 0) * NS)


def span(text: str) -> Span:
    start, end = text.split("-")
    return Span(time.fromisoformat(start.zfill(5)), time.fromisoformat(end.zfill(5)))


def shift(
    hours: str, *breaks: str, name: str = "日勤", days: frozenset[Any] = EVERY_DAY, regular: bool = True
) -> Shift:
    return Shift(name, days, span(hours), tuple(span(b) for b in breaks), regular)


def sensor(id: str, role: RoleKind, kind: Kind, name: str = "", station: str = "washer") -> Sensor:
    key = {"total": "count", "event": "count", "level": "state", "text": "pressed"}.get(kind, "v")
    measure = Measure(key, Words(id, id), kind=kind)
    return Sensor(station, id, "external", {}, (measure,), Role(role, name))


CYCLE = sensor("done", "cycle", "total")
SCRAP = sensor("scrap", "scrap", "total")
RUNNING = sensor("running", "running", "level")
WASH = sensor("wash", "phase", "level", "wash")
MODE = sensor("mode", "mode", "text")
PRODUCT = sensor("product", "product", "text")
REASON = sensor("why", "reason", "text")


def station(*sensors: Sensor, ideal: float | None = 20.0, **more: Any) -> Station:
    settings: dict[str, Any] = {"silence_after_s": 0.0} | more
    written = "stop_after_s" in settings
    each = settings.get("pieces_per_count", 1)
    settings.setdefault("stop_after_s", None if ideal is None else 2 * ideal * each)
    return Station(
        "washer", "洗浄機", "pi-1", ideal, stop_after_is_written=written, sensors={s.id: s for s in sensors}, **settings
    )


def line(
    of: Station, *shifts: Shift, calendar: Sequence[CalendarEntry] = (), zone: str = "Asia/Tokyo", **more: Any
) -> Line:
    return Line(
        "akita", "wash", "部品洗浄ライン", zone, shifts=shifts, calendar=tuple(calendar), stations={of.id: of}, **more
    )


def ledger(
    store: MemoryStore,
    of: Line,
    start: int,
    end: int,
    now: int | None = None,
    step_ns: int | None = None,
    long_ns: int = LONG_NS,
) -> Ledger:
    """The ledger of a window of the station "washer"; ``step_ns``: read no more round it than is needed."""
    history = History([(0, of)])
    reading = Reading(
        Shelf(store, keep=False), Settings(history, "washer"), Calendar(history, "washer"), end if now is None else now
    )
    whole_ns = WHOLE_BLOCK_NS if step_ns is None else step_ns
    return observe(reading, start, end, whole_ns, step_ns or FIRST_STEP_NS, long_ns)


def seconds(found: Ledger, start: int, end: int) -> dict[str, float]:
    """Seconds of each bucket in a window, without the empty ones."""
    told = {name: spans.clip(start, end).seconds for name, spans in found.buckets.items()}
    return {name: s for name, s in told.items() if s}
