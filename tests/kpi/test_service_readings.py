from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.store import FLAG_OUT_OF_RANGE, Track
from contract.catalogue import Measure
from contract.line import Sensor
from contract.words import Words
from kpi.spreadsheet import _safe
from kpi.thinning import thinned
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, NS, REASON, at, line, station
from tests.kpi.memory_store import MemoryStore

pytestmark = pytest.mark.slow

AIR = Sensor("washer", "air", "bme280", {}, (Measure("temperature", Words("温度", "temperature"), "°C"),))
WINDOW = {"start": "2026-11-16T08:00:00+09:00", "end": "2026-11-16T09:00:00+09:00"}
AT_AIR = WINDOW | {"station": "washer", "sensor": "air", "measure": "temperature"}


class FlaggedStore(MemoryStore):
    """Every value above 30 is out of its range."""

    def readings(self, *given: object) -> Track:
        track = super().readings(*given)  # type: ignore[arg-type]
        if track.v.dtype != object:
            track.flag[track.v > 30] = FLAG_OUT_OF_RANGE
        return track


@pytest.fixture
def service(tmp_path: Path) -> Service:
    told = Service(line(station(CYCLE, AIR, REASON)), tmp_path, at("9:00"), FlaggedStore())
    values = [20 + i % 7 for i in range(600)]
    values[300], values[301] = 4, 31
    told.store.put("washer/air/temperature", [(at("8:00") + i * 5 * NS, v) for i, v in enumerate(values)])
    told.store.put("washer/why/pressed", [(at("8:10"), "=cmd|' /C calc'!A0"), (at("8:20"), "段取り")])
    return told


def test_readings_come_in_time_order_with_their_unit(service: Service) -> None:
    told = service.get("/readings", **AT_AIR)
    assert told["unit"] == "°C"
    assert len(told["t"]) == len(told["v"]) == 600
    assert told["t"] == sorted(told["t"])
    assert told["flag"].count(1) == 1
    half = service.get("/readings", **AT_AIR | {"end": "2026-11-16T08:25:00+09:00"})
    assert len(half["t"]) == 300
    assert "flag" not in half


def test_thinned_readings_keep_the_lowest_and_the_highest(service: Service) -> None:
    for points in (2, 3, 10, 100):
        told = service.get("/readings", **AT_AIR, points=points)
        assert len(told["v"]) <= points
        assert {4, 31} <= set(told["v"])
    assert len(service.get("/readings", **AT_AIR, points=600)["v"]) == 600


@pytest.mark.parametrize("asked", [{"station": "oven"}, {"sensor": "light"}, {"measure": "humidity"}])
def test_what_is_unknown_is_a_404_that_says_what_there_is(service: Service, asked: dict[str, str]) -> None:
    answer = service.ask("/api/v1/readings", params=AT_AIR | asked)
    assert answer.status_code == 404
    assert next(iter(asked.values())) in answer.json()["ja"]


def test_a_series_of_an_earlier_line_that_has_readings_is_known(service: Service) -> None:
    service.store.put("oven/heat/celsius", [(at("8:10"), 200)])
    asked = WINDOW | {"station": "oven", "sensor": "heat", "measure": "celsius"}
    assert service.get("/readings", **asked)["v"] == [200.0]


def test_a_csv_opens_in_excel_in_japanese(service: Service) -> None:
    answer = service.ask("/api/v1/readings", params=AT_AIR | {"format": "csv", "points": 4})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = answer.content.decode("utf-8-sig").split("\r\n")
    assert rows[0] == "日時,時刻(RFC 3339),ns(UTC),air/temperature [°C],範囲外"
    assert rows[1].startswith("2026-11-16 08:00:00.000,2026-11-16T08:00:00+09:00,")
    assert rows[-1] == ""


def test_a_csv_has_a_name_that_every_program_understands(service: Service) -> None:
    named = service.ask("/api/v1/readings", params=AT_AIR | {"format": "csv"}).headers["content-disposition"]
    assert 'filename="washer-air-temperature.csv"' in named
    assert "filename*=UTF-8''washer-air-temperature.csv" in named


def test_a_csv_holds_no_formula(service: Service) -> None:
    asked = WINDOW | {"station": "washer", "sensor": "why", "measure": "pressed", "format": "csv"}
    rows = service.ask("/api/v1/readings", params=asked).content.decode("utf-8-sig").split("\r\n")
    assert ",'=cmd" in rows[1]
    assert ",段取り," in rows[2]


@pytest.mark.parametrize(
    "text", ["＝1+1", "\n=1+1", " =1", "\u200b=1", "＋1", "－1", "＠a", "\t1", "\r1", "\u3000=1", "−1"]
)
def test_what_a_spreadsheet_might_take_for_a_formula_is_marked(text: str) -> None:
    assert _safe(text) == f"'{text}"
    assert [_safe(said) for said in ("段取り", "", "a=1", "3-1")] == ["段取り", "", "a=1", "3-1"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"points": "1"}, "points の値が正しくありません(2 以上です)"),
        ({"points": "many"}, "points の値が正しくありません(整数で書きます)"),
        ({"format": "xlsx"}, "format の値が正しくありません(次のどれかです"),
    ],
)
def test_a_wrong_parameter_is_told_in_the_readers_language(service: Service, wrong: dict[str, str], why: str) -> None:
    told = service.ask("/api/v1/readings", params=AT_AIR | wrong)
    assert told.status_code == 422
    assert why in told.json()["ja"]


@pytest.mark.parametrize("wrong", [{"points": "1"}, {"points": "-5"}, {"points": "10000000"}, {"format": "xlsx"}])
def test_wrong_parameters_are_refused(service: Service, wrong: dict[str, str]) -> None:
    assert service.ask("/api/v1/readings", params=AT_AIR | wrong).status_code == 422


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.integers(2, 50))
def test_thinning_is_honest(values: list[float], points: int) -> None:
    n = len(values)
    track = Track(
        np.arange(n), np.array(values), np.zeros(n, np.int32), np.zeros(n, np.int64), np.zeros(n, np.int8), ("a",)
    )
    kept = thinned(track, points)
    assert len(kept) <= points
    assert (np.diff(kept) > 0).all()
    assert track.v[kept].min() == min(values)
    assert track.v[kept].max() == max(values)
