"""A week of the virtual floor, with power cuts: the kit beside a slow reference and beside what really happened.

docs/accuracy.md holds the same of eight weeks (`make accuracy`).
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.accuracy import OEE_WITHIN as OEE
from tests.accuracy import (
    STANDS,
    STATIONS,
    WITHIN,
    Weeks,
    beside_the_reference,
    gap_method,
    running_sensor,
    sums,
    weeks_of,
)

ROW = re.compile(r"^\| (washer|packer) \| .*? \| 56 \| .*? \| (\d+) \| .*?\(([\d.]+)%\) \| ([\d.]+) \|$", re.MULTILINE)
REPORT = Path(__file__).parent.parent / "docs" / "accuracy.md"


@pytest.fixture(scope="module")
def week() -> Weeks:
    return weeks_of(1)


@pytest.mark.slow
@pytest.mark.parametrize("station", STATIONS)
@pytest.mark.parametrize("running", [False, True])
def test_every_bucket_piece_and_oee_is_that_of_the_slow_reference(week: Weeks, station: str, running: bool) -> None:
    told = beside_the_reference(week.story(station, running=running))
    assert told.days == 7
    assert told.pieces > 17_000
    assert told.pieces_off == 0
    assert told.worst_share <= WITHIN
    assert told.worst_oee <= OEE


@pytest.mark.slow
@pytest.mark.parametrize("station", STATIONS)
def test_with_a_running_sensor_every_bucket_is_what_really_happened(week: Weeks, station: str) -> None:
    for real, measured in sums(running_sensor(replace(week, power_fails=False), station)).values():
        assert real > 3600
        assert measured == pytest.approx(real, rel=WITHIN)


@pytest.mark.slow
@pytest.mark.parametrize("station", STATIONS)
def test_by_the_gaps_what_is_missed_are_short_stops_and_what_is_too_much_is_work_beside_a_stop(
    week: Weeks, station: str
) -> None:
    told = gap_method(replace(week, power_fails=False), station)
    whole = sums(told)
    assert told["minor_stop", "run"] > 1000, "stops too short to be seen"
    assert told["run", "minor_stop"] > 1000, "work before and after what was seen"
    for name in STANDS:
        causes = sum(s for (real, measured), s in told.items() if name in (real, measured) and real != measured)
        assert abs(whole[name][1] - whole[name][0]) <= causes


def test_the_report_is_of_eight_weeks_and_within_its_limits() -> None:
    ja, en = REPORT.read_text("utf-8").split("\n---\n")
    rows = ROW.findall(ja)
    assert len(rows) == 4
    assert all(off == "0" and float(share) <= 100 * WITHIN and float(oee) <= OEE for _, off, share, oee in rows)
    assert "virtual data" in en
