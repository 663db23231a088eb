from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given

from kpi.problems import Problem
from kpi.times import business_day, day_start, instant, parse, rfc3339

TOKYO, NEW_YORK, KOLKATA = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")
NS = 10**9


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2026-04-01T08:30:00+09:00", 1775000000 * NS - 200 * NS),
        ("2026-03-31T23:30:00Z", 1774999800 * NS),
        ("2026-04-01T08:30:00 09:00", 1774999800 * NS),
        ("2026-04-01 08:30:00+09:00", 1774999800 * NS),
        ("2026-04-01t08:30+09:00", 1774999800 * NS),
        ("2026-04-01T08:30:00.000000001+09:00", 1774999800 * NS + 1),
        ("2026-03-31T19:30:00-04:00", 1774999800 * NS),
    ],
)
def test_a_time_with_an_offset_is_read(text: str, ns: int) -> None:
    assert parse(text) == ns


def test_without_an_offset_the_right_spelling_is_shown() -> None:
    with pytest.raises(Problem) as refused:
        parse("2026-07-01T08:30:00", "start", NEW_YORK)
    assert refused.value.status == 422
    assert "start=2026-07-01T08:30:00-04:00" in refused.value.say("ja")
    assert "start=2026-07-01T08:30:00-04:00" in refused.value.say("en")


@pytest.mark.parametrize(
    "text",
    ["", "now", "1775000000", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T25:00:00Z", "9" * 500,
     "2026-01-01T00:00:00+99:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00+0900", "\x00"],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        parse(text)
    assert refused.value.status == 422


@given(st.integers(946_684_800 * NS + 86400 * NS, 4_102_444_800 * NS), st.sampled_from([TOKYO, NEW_YORK, KOLKATA]))
def test_what_is_written_is_read_again(ns: int, zone: ZoneInfo) -> None:
    assert parse(rfc3339(ns, zone)) == ns


def test_an_hour_the_clocks_jump_over_is_the_jump() -> None:
    jump = parse("2026-03-08T03:00:00-04:00")
    assert instant(datetime(2026, 3, 8, 2, 30), NEW_YORK) == jump
    assert instant(datetime(2026, 3, 8, 3, 0), NEW_YORK) == jump
    assert instant(datetime(2026, 3, 8, 1, 59), NEW_YORK) == jump - 60 * NS


def test_of_an_hour_that_comes_twice_the_first_is_meant() -> None:
    assert instant(datetime(2026, 11, 1, 1, 30), NEW_YORK) == parse("2026-11-01T01:30:00-04:00")


@given(st.integers(1_700_000_000, 1_900_000_000), st.sampled_from([TOKYO, NEW_YORK]), st.integers(0, 23))
def test_every_moment_lies_in_its_business_day(second: int, zone: ZoneInfo, hour: int) -> None:
    starts = time(hour)
    day = business_day(second * NS, zone, starts)
    after = date.fromordinal(day.toordinal() + 1)
    assert day_start(day, zone, starts) <= second * NS < day_start(after, zone, starts)


@pytest.mark.parametrize(
    ("text", "why"),
    [("0001-01-01T00:00:00+09:00", "2000~2199"), ("9999-12-31T23:59:59Z", "2000~2199"),
     ("1969-12-31T00:00:00Z", "2000~2199"),
     ("2026-04-01T08:30:60+09:00", "という日時はありません"), ("2026-02-30T08:30:00+09:00", "という日時はありません")],
)  # fmt: skip
def test_a_time_with_an_offset_that_cannot_be_taken_is_told_why(text: str, why: str) -> None:
    with pytest.raises(Problem) as refused:
        parse(text)
    assert why in refused.value.say("ja")
