"""A small line and its messages, for the collector's tests."""

import json
from typing import Any

from contract.catalogue import Catalogue
from contract.line import Line
from contract.line_check import check
from contract.reading import Series

DONE = Series("washer", "done", "count")
WEIGHT = Series("washer", "scale", "weight")
WASH = Series("washer", "wash", "state")
REASON = Series("packer", "why", "pressed")
TEMPERATURE = Series("washer", "esp", "temperature")

TEXT = """
schema = 1
site = "akita"
line = "wash"

[stations.washer]
name = "洗浄機"
agent = "pi-1"
ideal_cycle_s = 27.0
[stations.washer.sensors.done]
type = "external"
role = "cycle"
measures = { count = { kind = "total" } }
[stations.washer.sensors.scale]
type = "external"
measures = { weight = { unit = "g", low = 0, high = 100 } }
[stations.washer.sensors.wash]
type = "external"
role = "phase:wash"
measures = { state = { kind = "level" } }
[stations.washer.sensors.esp]
type = "external"
measures = { temperature = { unit = "°C" } }

[stations.packer]
name = "梱包"
ideal_cycle_s = 18.0
[stations.packer.sensors.why]
type = "external"
role = "reason"
measures = { pressed = { kind = "text" } }
"""

S = 1_000_000_000
START = 1_795_000_000 * S
"""2026-11-18, in nanoseconds."""


def line(text: str = TEXT) -> Line:
    """The line of a text."""
    return check(text, Catalogue())


LINE = line()


def topic(series: Series) -> str:
    """Where a series is published."""
    return LINE.topics.reading(series)


def batch(
    seq: int, v: list[Any], *, t: list[int] | None = None, stream: str = "s1", lowest: int | None = None, **more: Any
) -> bytes:
    """A batch whose readings are a second apart, n at second n, unless ``t`` says otherwise; ``lowest`` is ``from``."""
    times = t if t is not None else [START + (seq + n) * S for n in range(len(v))]
    told = {"stream": stream, "agent": "pi-1", "seq": seq, "t": times, "v": v, "clock": "synced", "from": lowest} | more
    return json.dumps({key: value for key, value in told.items() if value is not None}).encode()
