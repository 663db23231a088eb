"""Twelve days of a washer and a packer for the analysis pages, on the real service: the wash takes 12 s, then 4 s.

The washer makes a piece every 27 s, since the change of the seventh day every 18 s, and stands for some minutes eight
times a day. The packer follows. Written down is the improvement; now is the morning of the thirteenth day.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np

from collector.store import Entry
from tests.dashboards.acting import PAGES
from tests.kpi.desks import NS, FakeDemo, Service
from tests.kpi.lines import MONDAY, at
from tests.kpi.two_stations import counted, packer, two, washer

DAYS, CHANGED = 12, 6
STOPS_A_DAY = 8
BEFORE, AFTER = (27.0, 12.0), (18.0, 4.0)
"""Seconds of a cycle and of its wash."""


def _day(day: int, draw: np.random.Generator) -> Iterator[tuple[int, int]]:
    """The pieces of a day: when each was finished, and when its wash began."""
    cycle_s, wash_s = BEFORE if day < CHANGED else AFTER
    usual_s = cycle_s + draw.normal(0, 0.1)
    date = MONDAY + timedelta(days=day)
    stands = set(draw.choice(800, STOPS_A_DAY, replace=False).tolist())
    for begin, end in (("8:30", "12:00"), ("13:00", "17:15")):
        t, n = float(at(begin, date)), 0
        while t < at(end, date):
            stood_s = draw.uniform(90, 400) if n in stands else 0.0
            t += NS * (usual_s + 0.6 * draw.standard_normal() + stood_s)
            n += 1
            yield int(t), int(t - NS * (wash_s + 0.3 * draw.standard_normal()))


def twelve_days(directory: Path) -> Service:
    """The service, its pages, and what the improvement was."""
    now = at("8:00", MONDAY + timedelta(days=DAYS))
    of = two(washer(silence_after_s=0.0), packer())
    report = {"program": "/opt/kojo/.venv/bin/kojo", "data": "/srv/data"}
    told = Service(of, directory, now, demo=FakeDemo(), pages=PAGES, live=True, report=report)
    draw = np.random.default_rng(20)
    made = [piece for day in range(DAYS) for piece in _day(day, draw)]
    counted(told.store, "washer", [end for end, _ in made])
    counted(told.store, "packer", [end + 9 * NS for end, _ in made])
    edges = [edge for end, began in made for edge in ((began, 1), (end - NS, 0))]
    told.store.put("washer/wash/state", edges)
    changed = at("0:00", MONDAY + timedelta(days=CHANGED))
    body = {"kind": "improvement", "text": "治具を替えた", "station": "washer"}
    told.store.keep_entry(Entry("change", "event", changed, changed, body))
    return told
