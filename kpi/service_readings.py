"""/readings and /quarantine: the raw data, and what could not be believed."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from collector.store import Refused, Track
from contract.reading import Series
from contract.words import Words
from kpi import service_schemas as schemas
from kpi import spreadsheet
from kpi.access import Gate
from kpi.answers import Answers
from kpi.live import Feed
from kpi.privacy import is_plain, refuse
from kpi.problems import Problem, unknown
from kpi.service_parts import READING, WRITING, Name, Time, answered, asked, problems, reading, window, writing
from kpi.service_shell import body_of, told
from kpi.thinning import thinned
from kpi.times import rfc3339
from kpi.tokens import Role
from kpi.windows import ordered

MOST_READINGS = 1_000_000
MOST_SHOWN = 4096
MOST_SHOWN_OF_ALL = 4 * 1024 * 1024
MOST_MESSAGES = 10_000
MOST_IDS = 1000
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


def router(answers: Answers, gate: Gate, feed: Feed) -> APIRouter:
    """This part of the API."""
    part = APIRouter(tags=["readings"])
    reader: Any = Depends(reading(gate))

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
        if station in answers.line.stations and not is_plain(answers.line, series):
            refuse(answers.line.stations[station], role)
        track = answers.desk.store.readings(series, a, b)
        if points is not None:
            track = _only(track, points)
        if format == "csv":
            return _csv(track, series, unit, answers)
        if len(track) > MOST_READINGS:
            raise _too_many(len(track))
        return told(_shown(track, unit))

    @part.get("/quarantine", responses=answered(schemas.QUARANTINE) | problems(*READING), dependencies=[reader])
    def quarantine(limit: Annotated[int, Query(ge=1, le=MOST_MESSAGES)] = MOST_MESSAGES) -> Response:
        """What could not be believed, oldest first: when, where, why, the payload's beginning."""
        messages = answers.desk.store.quarantine(limit=limit)
        shown = min(MOST_SHOWN, MOST_SHOWN_OF_ALL // max(1, len(messages)))
        return told({"messages": [_message(message, answers, shown) for message in messages]})

    @part.post(
        "/quarantine/replay",
        dependencies=[Depends(writing(gate))],
        responses=answered(schemas.REPLAYED) | problems(*WRITING),
        openapi_extra=asked(schemas.REPLAY, {"ids": ["0195f3"]}),
    )
    async def replay(request: Request) -> Response:
        """Judge quarantined messages again: {"ids": […]} -> {"stored", "still"}."""
        said = await body_of(request)
        ids = said.get("ids")
        if (
            not isinstance(ids, list)
            or len(ids) > MOST_IDS
            or not all(isinstance(i, str) and len(i) < 100 for i in ids)
        ):
            raise Problem(
                422,
                "bad-body",
                Words(f"ids は {MOST_IDS} 個までの文字列の配列です。", f"ids is a list of at most {MOST_IDS} texts."),
            )
        replayed = await run_in_threadpool(answers.desk.ingest.replay, ids)
        answers.shelf.forget()
        feed.nudge()
        return told(dict(replayed))

    return part


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


def _only(track: Track, points: int) -> Track:
    kept = thinned(track, points)
    return Track(track.t[kept], track.v[kept], track.stream[kept], track.seq[kept], track.flag[kept], track.streams)


def _shown(track: Track, unit: str) -> dict[str, Any]:
    body: dict[str, Any] = {"unit": unit, "t": track.t.tolist(), "v": track.v.tolist()}
    if track.flag.any():
        body["flag"] = track.flag.tolist()
    return body


def _csv(track: Track, series: Series, unit: str, answers: Answers) -> Response:
    def parts() -> Iterator[str]:
        yield from spreadsheet.rows(track, f"{series.sensor}/{series.measure}", unit, answers.line.zone)

    name = quote(f"{series.station}-{series.sensor}-{series.measure}.csv")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return StreamingResponse(parts(), media_type="text/csv; charset=utf-8", headers=headers)


def _too_many(count: int) -> Problem:
    return Problem(
        422,
        "too-many",
        Words(
            f"{count} 点あります。一度に {MOST_READINGS} 点までです。",
            f"There are {count} readings; at most {MOST_READINGS} at once.",
        ),
        Words(
            "points=2000 で間引くか、format=csv を使ってください。", "Thin them with points=2000, or take format=csv."
        ),
    )


def _message(message: Refused, answers: Answers, shown: int) -> dict[str, Any]:
    return {
        "id": message.id,
        "at": rfc3339(message.at, answers.line.zone),
        "topic": message.topic,
        "reason": message.reason,
        "detail": message.detail,
        "size": len(message.payload),
        "payload": message.payload[:shown].decode("utf-8", "replace"),
    }
