"""The ledger's gap rule, on exact times."""

from datetime import date, time
from typing import Any

from contract.line import Product, ProductAtStation, Since
from floor.gaps import gaps_of, see, settings
from floor.records import Period, Piece
from floor.truth import Truth
from tests.floor.small_line import at, washing_line

S = 10**9
NINE = at("2026-10-05T09:00")


def truth_of(*times_ns: int, station: str = "washer", **told: Any) -> Truth:
    truth = Truth()
    for number, at_ns in enumerate(times_ns):
        truth.add(Piece(station, number, at_ns, "a-100", **told))
    return truth


def stopped(truth: Truth, start_ns: int, end_ns: int, station: str = "washer") -> None:
    truth.stands(Period(station, "stop", start_ns, None, "jam", "minor"))
    truth.works(station, end_ns)


def test_a_gap_over_the_limit_is_a_stop_less_one_ideal_cycle() -> None:
    truth = truth_of(NINE, NINE + 61 * S)
    (gap, _) = gaps_of(washing_line(), truth, "washer", NINE + 200 * S)
    assert (gap.start_ns, gap.end_ns, gap.planned_s) == (NINE, NINE + 34 * S, 61.0)


def test_a_gap_at_the_limit_is_none() -> None:
    truth = truth_of(NINE, NINE + 60 * S)
    assert list(gaps_of(washing_line(), truth, "washer", NINE + 100 * S)) == []


def test_a_break_inside_does_not_count_and_does_not_cut() -> None:
    before, after = at("2026-10-05T09:59:30"), at("2026-10-05T10:10:40")
    short = truth_of(before, at("2026-10-05T10:10:20"), station="packer")
    long = truth_of(before, after, station="packer")
    assert list(gaps_of(washing_line(), short, "packer", after)) == []
    (gap,) = gaps_of(washing_line(), long, "packer", after + S)
    assert (gap.start_ns, gap.planned_s) == (before, 70.0)


def test_silence_is_not_observed() -> None:
    truth = truth_of(NINE, NINE + 100 * S)
    silences = [(NINE + 10 * S, NINE + 60 * S)]
    assert list(gaps_of(washing_line(), truth, "washer", NINE + 101 * S, silences)) == []


def test_time_without_a_shift_cuts_a_stop_in_two() -> None:
    line = washing_line(shifts=washing_line().shifts[:1])
    evening, morning = at("2026-10-05T19:50"), at("2026-10-06T08:05")
    first, second = gaps_of(line, truth_of(evening, morning), "washer", morning + S)
    assert (first.start_ns, first.end_ns, first.piece_ns) == (evening, at("2026-10-05T20:00"), None)
    assert (second.start_ns, second.end_ns) == (at("2026-10-06T08:00"), morning - 27 * S)


def test_back_to_back_shifts_do_not_cut() -> None:
    evening = at("2026-10-05T19:55")
    (gap,) = gaps_of(washing_line(), truth_of(evening, evening + 600 * S), "washer", evening + 601 * S)
    assert gap.planned_s == 600.0


def test_a_stop_still_open_counts_so_far() -> None:
    (gap,) = gaps_of(washing_line(), truth_of(NINE), "washer", NINE + 90 * S)
    assert (gap.end_ns, gap.piece_ns) == (NINE + 90 * S, None)


def test_what_really_stood_is_visible_or_not() -> None:
    truth = truth_of(NINE, NINE + 27 * S, NINE + 120 * S, NINE + 170 * S)
    stopped(truth, NINE + 40 * S, NINE + 105 * S)
    stopped(truth, NINE + 125 * S, NINE + 140 * S)
    seen = see(washing_line(), truth, "washer", NINE, NINE + 180 * S)
    assert [real.period.start_ns for real in seen.visible] == [NINE + 40 * S]
    assert [real.planned_s for real in seen.invisible] == [15.0]
    assert len(seen.gaps) == 1


def test_test_pieces_end_no_gap_where_the_line_knows_modes() -> None:
    truth = truth_of(NINE, NINE + 300 * S)
    truth.add(Piece("washer", 7, NINE + 100 * S, "a-100", test=True))
    (gap,) = gaps_of(washing_line(), truth, "washer", NINE + 301 * S)
    assert gap.planned_s == 300.0


def test_settings_have_dates_that_begin_with_the_business_day() -> None:
    changed = (Since(date(2026, 10, 6), {"ideal_cycle_s": 10.0}),)
    product = Product("a-100", "A", (), {"packer": ProductAtStation(20.0, since=changed)})
    line = washing_line(products={"a-100": product}, day_starts=time(8))
    assert settings(line, "packer", "a-100", at("2026-10-06T07:59"))[0] == 20.0
    assert settings(line, "packer", "a-100", at("2026-10-06T08:00"))[0] == 10.0
    assert settings(line, "packer", "unknown", at("2026-10-06T08:00"))[0] == 18.0
