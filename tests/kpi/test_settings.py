from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from contract.line import Product, ProductAtStation, Since
from kpi.history import History
from kpi.settings import Settings
from kpi.spans import times
from tests.kpi.lines import CYCLE, MONDAY, at, line, station

TUESDAY = MONDAY + timedelta(days=1)
NOBODY = np.zeros(1, np.intp)


def ideal(of: Settings, t: int, product: int = 0) -> float:
    return float(of.ideal_s(times([t]), np.array([product]))[0])


def test_the_first_version_also_holds_before_it() -> None:
    of = Settings(History([(at("8:00"), line(station(CYCLE, ideal=27.0)))]), "washer")
    assert ideal(of, at("8:00") - 10**15) == 27.0


def test_a_version_counts_from_its_moment_and_the_past_keeps_its_own() -> None:
    versions = [(0, line(station(CYCLE, ideal=27.0))), (at("12:00"), line(station(CYCLE, ideal=20.0)))]
    of = Settings(History(versions), "washer")
    assert [ideal(of, at(clock)) for clock in ("11:59:59", "12:00")] == [27.0, 20.0]
    assert float(of.stop_after_s(times([at("11:00")]), NOBODY)[0]) == 54.0


def test_since_dates_win_over_versions_and_begin_with_their_business_day() -> None:
    dated = replace(station(CYCLE, ideal=27.0), since=(Since(TUESDAY, {"ideal_cycle_s": 10.0}),))
    versions = [(0, line(station(CYCLE, ideal=27.0))), (at("12:00", TUESDAY), line(dated))]
    of = Settings(History(versions), "washer")
    assert [ideal(of, t) for t in (at("23:59"), at("0:00", TUESDAY), at("18:00", TUESDAY))] == [27.0, 10.0, 10.0]
    assert of.ideal_since(at("9:00", TUESDAY), 0) == (10.0, TUESDAY)
    assert of.ideal_since(at("9:00"), 0) == (27.0, None)


def test_a_products_ideal_wins_and_has_dates_too() -> None:
    here = ProductAtStation(30.0, 2, (Since(TUESDAY, {"ideal_cycle_s": 12.0}),))
    products = {"a-100": Product("a-100", "ブラケットA", ("4901234567894",), {"washer": here})}
    of = Settings(History([(0, line(station(CYCLE, ideal=27.0), products=products))]), "washer")
    number = of.product_number(" 4901234567894 ")
    assert of.product_number("ブラケットa") == of.product_number("A-100") == number == 1
    assert of.product_number("unheard of") == 0
    assert [ideal(of, t, number) for t in (at("9:00"), at("9:00", TUESDAY))] == [30.0, 12.0]
    assert ideal(of, at("9:00")) == 27.0
    assert float(of.stop_after_s(times([at("9:00")]), np.array([number]))[0]) == 2 * 30.0 * 2


def test_a_written_stop_after_is_the_gap_itself() -> None:
    of = Settings(History([(0, line(station(CYCLE, stop_after_s=60.0, pieces_per_count=4)))]), "washer")
    assert float(of.stop_after_s(times([at("9:00")]), NOBODY)[0]) == 60.0


def test_a_sensor_that_is_gone_still_counts_for_its_time() -> None:
    old = replace(CYCLE, id="old")
    of = Settings(History([(0, line(station(old))), (at("12:00"), line(station(CYCLE)))]), "washer")
    told = {s.id: when for s, _, when in of.with_role("cycle")}
    assert told["old"].holds(times([at("11:00"), at("13:00")])).tolist() == [True, False]
    assert told["done"].holds(times([at("11:00"), at("13:00")])).tolist() == [False, True]


def test_the_date_is_that_of_the_lines_own_zone() -> None:
    dated = replace(station(CYCLE), since=(Since(date(2026, 11, 17), {"ideal_cycle_s": 10.0}),))
    of = Settings(History([(0, line(dated, zone="America/New_York"))]), "washer")
    assert ideal(of, at("13:59", TUESDAY)) == 20.0
    assert ideal(of, at("14:00", TUESDAY)) == 10.0
