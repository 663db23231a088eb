"""A washing line as value objects, in the shape of hardware/lines/washing.toml, so that no file needs to be read."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from contract.line import Flow, Line, Product, ProductAtStation, Reason, Role, Sensor, Shift, Span, Station, Weekday
from contract.reading import NS_PER_S

TOKYO = ZoneInfo("Asia/Tokyo")
ALL_DAYS: frozenset[Weekday] = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})


def span(text: str) -> Span:
    start, end = text.split("-")
    return Span(time.fromisoformat(start), time.fromisoformat(end))


def at(text: str) -> int:
    """Local time in Tokyo, like 2026-10-05T08:00, in nanoseconds since 1970 UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=TOKYO).timestamp()) * NS_PER_S


def wire(station: str, name: str, pin: int, role: str, says: str | None = None, kind: str = "pulse") -> Sensor:
    head, _, phase = role.partition(":")
    settings: dict[str, Any] = {"pin": pin, "active": "low"}
    return Sensor(station, name, kind, settings, (), Role(head, phase), says)  # type: ignore[arg-type]


def washing_line(**changed: Any) -> Line:
    """The line; keywords replace its fields."""
    day = [span(text) for text in ("10:00-10:10", "12:00-13:00", "15:00-15:10", "17:30-17:45")]
    night = [span(text) for text in ("22:00-22:10", "00:00-01:00", "03:00-03:10", "05:30-05:45")]
    washers = (
        wire("washer", "done", 17, "cycle"),
        wire("washer", "wash", 27, "phase:wash", kind="level"),
        wire("washer", "scrap", 22, "scrap"),
        wire("washer", "product-a", 5, "product", "A-100", "button"),
        wire("washer", "product-b", 6, "product", "B-200", "button"),
        wire("washer", "mode-setup", 13, "mode", "setup", "button"),
        wire("washer", "mode-production", 19, "mode", "production", "button"),
        wire("washer", "reason-jam", 26, "reason", "jam", "button"),
        wire("washer", "reason-breakdown", 16, "reason", "breakdown", "button"),
        wire("washer", "reason-material", 20, "reason", "no-material", "button"),
        wire("washer", "reason-blocked", 21, "reason", "next-full", "button"),
    )
    packers = (
        wire("packer", "done", 17, "cycle"),
        Sensor("packer", "scale", "scale_and", {"port": "/dev/ttyUSB0"}, ()),
        wire("packer", "product-a", 5, "product", "A-100", "button"),
        wire("packer", "product-b", 6, "product", "B-200", "button"),
        wire("packer", "reason-jam", 26, "reason", "jam", "button"),
    )
    reasons = (
        Reason("jam", "ワーク引っかかり", "minor"),
        Reason("breakdown", "設備故障", "failure"),
        Reason("no-material", "材料なし", "starved"),
        Reason("next-full", "後工程つかえ", "blocked"),
    )
    own = tuple(rest for rest in (*day, *night) if rest.start.hour not in (0, 12))
    fields: dict[str, Any] = {
        "site": "akita",
        "line": "wash",
        "day_starts": time(8),
        "shifts": (
            Shift("昼勤", ALL_DAYS, span("08:00-20:00"), tuple(day)),
            Shift("夜勤", ALL_DAYS, span("20:00-08:00"), tuple(night)),
        ),
        "reasons": {reason.id: reason for reason in reasons},
        "products": {
            "a-100": Product("a-100", "ブラケットA", ("A-100",), {"washer": ProductAtStation(27.0)}),
            "b-200": Product("b-200", "カバーB", ("B-200",), {"washer": ProductAtStation(31.0)}),
        },
        "flow": (Flow("washer", "packer"),),
        "stations": {
            "washer": Station(
                "washer", "洗浄機", "pi-1", 27.0, stop_after_s=60.0, stop_after_is_written=True, breaks=own,
                sensors={sensor.id: sensor for sensor in washers},
            ),
            "packer": Station(
                "packer", "梱包", "pi-2", 18.0, stop_after_s=60.0, stop_after_is_written=True,
                sensors={sensor.id: sensor for sensor in packers},
            ),
        },
    }  # fmt: skip
    return Line(**(fields | changed))
