"""/readings: the raw data."""

import itertools
import threading
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response, StreamingResponse

from collector.store import Track
from contract.reading import Series
from contract.words import Words
from kpi import service_schemas as schemas
from kpi import spreadsheet
from kpi.access import Gate
from kpi.answers import Answers
from kpi.live import Feed
from kpi.privacy import is_plain, refuse
from kpi.problems import Problem, unknown
from kpi.service_parts import READING, Name, Time, problems, reading, window
from kpi.service_shell import told
from kpi.slices import joined, parts, thinned_as_they_come
from kpi.tokens import Role
from kpi.windows import ordered

MOST_READINGS = 1_000_000
AT_ONCE = 2
"""So many answers are made at a time: a million readings take about 200 MB on their way."""

Points = Annotated[int | None, Query(ge=2, le=100_000)]

_READINGS = {
    200: {
        "description": "the readings",
        "content": {
            "application/json": {"schema": schemas.READINGS},
            "text/csv": {"schema": schemas.TEXT},
        },
    },
    **problems(*READING, 404),
}


def router(answers: Answers, gate: Gate, _feed: Feed) -> APIRouter:
    """This part of the API."""
    part = APIRouter(tags=["readings"])
    reader: Any = Depends(reading(gate))
    large = threading.BoundedSemaphore(AT_ONCE)

    @part.get("/readings", responses=_READINGS)
    def readings(
        station: Name, sensor: Name, measure: Name, start: Time, end: Time, points: Points = None,
        format: Literal["json", "csv"] = "json", role: Role = reader,
    ) -> Response:  # fmt: skip
        """The readings of one series in time order; ``points`` thins them, the lowest and highest stay."""
        a, b = window(answers.line, start, end)
        ordered(a, b)
        series = Series(station, sensor, measure)
        unit = _unit(answers, series)
        if not is_plain(answers.line, series):
            _refuse_a_persons(answers, station, role)
        found = parts(answers.desk.store, series, a, b)
        if format == "csv":
            thin = found if points is None else [thinned_as_they_come(found, points, MOST_READINGS)]
            return _csv(_begun(thin), series, unit, answers)
        with large:
            return told(_shown(_few(found) if points is None else _thin(found, points), unit))

    return part


def _refuse_a_persons(answers: Answers, station: str, role: Role) -> None:
    """Raises Problem (403) for a person's station, also one that the line has no longer."""
    for _, line in reversed(answers.history.versions):
        if station in line.stations:
            refuse(line.stations[station], role)
            return


def _unit(answers: Answers, series: Series) -> str:
    """The unit of a series that some version of the line knows, or that has readings. Raises Problem (404)."""
    for _, line in reversed(answers.history.versions):
        measure = line.measure(series)
        if measure is not None:
            return measure.unit
    if series in set(answers.desk.store.all_series()):
        return ""
    line = answers.line
    station = line.stations.get(series.station)
    if station is None:
        raise unknown("工程", "station", series.station, sorted(line.stations))
    sensor = station.sensors.get(series.sensor)
    if sensor is None:
        raise unknown("センサー", "sensor", series.sensor, sorted(station.sensors))
    raise unknown("測定値", "measure", series.measure, sorted(m.key for m in sensor.measures))


def _few(tracks: Iterable[Track]) -> Track:
    """All of them. Raises Problem (422) as soon as there are too many."""
    held: list[Track] = []
    for track in tracks:
        held.append(track)
        if sum(map(len, held)) > MOST_READINGS:
            raise _too_many()
    return joined(held)


def _thin(tracks: Iterable[Track], points: int) -> Track:
    return thinned_as_they_come(tracks, points, MOST_READINGS)


def _begun(tracks: Iterable[Track]) -> Iterator[Track]:
    """The same, its first part read: a store that is away is said while that can still be answered."""
    coming = iter(tracks)
    return itertools.chain(list(itertools.islice(coming, 1)), coming)


def _shown(track: Track, unit: str) -> dict[str, Any]:
    body: dict[str, Any] = {"unit": unit, "t": track.t.tolist(), "v": track.v.tolist()}
    if track.flag.any():
        body["flag"] = track.flag.tolist()
    return body


def _csv(tracks: Iterable[Track], series: Series, unit: str, answers: Answers) -> Response:
    def lines() -> Iterator[str]:
        yield from spreadsheet.rows(tracks, f"{series.sensor}/{series.measure}", unit, answers.line.zone)

    name = quote(
        f"{series.station}-{series.sensor}-{series.measure}.csv"
    )  # ids are plain letters, so both are the same
    headers = {"Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}"}
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)


def _too_many() -> Problem:
    return Problem(
        422,
        "too-many",
        Words(
            f"{MOST_READINGS:,} 点より多くあります。一度にはそこまでです。",
            f"There are more than {MOST_READINGS:,} readings, which is the most at once.",
        ),
        Words(
            "points=2000 で間引くか、format=csv を使ってください。", "Thin them with points=2000, or take format=csv."
        ),
    )
