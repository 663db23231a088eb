"""速報 or 確定: when nothing on its way can change a window any more, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from kpi.finality import Finality, finality
from tests.kpi.desks import FakeIngest
from tests.kpi.inside import Inside
from tests.kpi.lines import CYCLE, NS, at, line, shift, station

END = at("17:15")
HOUR = 3600 * NS


@dataclass
class Lacking(FakeIngest):
    """A collector that lacks some numbers."""

    missing: int = 0

    def status(self) -> Mapping[str, Any]:
        return {"ingest": {"missing": self.missing}}


def judged(
    directory: Path, now: int, heard: int | None = None, missing: int = 0, agent: str | None = "pi-1"
) -> Finality:
    of = line(replace(station(CYCLE), agent=agent), shift("08:30-17:15"))
    inside = Inside(of, directory, now, ingest=Lacking(missing=missing))
    if heard is not None:
        inside.store.put("washer/_agent/alive", [(heard, 1.0)])
    return finality(inside.answers.desk, of, ["washer"], END, now)


@pytest.mark.parametrize(
    ("now", "heard", "missing", "final", "word"),
    [
        (END - HOUR, END - HOUR, 0, False, "まだ終わっていない"),
        (END, END, 0, False, "まだ終わっていない"),
        (END + HOUR, None, 0, False, "pi-1"),
        (END + HOUR, END + 119 * NS, 0, False, "pi-1"),
        (END + HOUR, END + 120 * NS, 0, True, "そろいました"),
        (END + HOUR, END + 120 * NS, 3, False, "3 件"),
        (END + 24 * HOUR, END + 120 * NS, 3, True, "そろいました"),
        (END + 29 * 24 * HOUR, None, 0, False, "pi-1"),
        (END + 30 * 24 * HOUR, None, 0, True, "そろいました"),
    ],
)
def test_a_window_is_final_when_its_agent_was_heard_after_it(
    tmp_path: Path, now: int, heard: int | None, missing: int, final: bool, word: str
) -> None:
    told = judged(tmp_path, now, heard, missing)
    assert told.final == final
    assert word in told.why.ja
    assert told.body()["final_why"]["en"]


@pytest.mark.parametrize(("hours", "final"), [(1, False), (23, False), (24, True)])
def test_a_station_without_an_agent_waits_a_day(tmp_path: Path, hours: int, final: bool) -> None:
    assert judged(tmp_path, END + hours * HOUR, agent=None).final == final
