"""/board /stops: the hour board (生産管理板) of a shift, and the Pareto of stops."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from kpi import service_entries_schemas as schemas
from kpi.access import Gate
from kpi.alarms import Wished
from kpi.answers import Answers
from kpi.board_beside import Beside
from kpi.live import Feed
from kpi.said import day_of
from kpi.service_parts import READING, MaybeName, Name, Time, answered, problems, reading, window
from kpi.service_shell import told
from kpi.service_turns import GoOn, Turns
from kpi.stops_told import stops
from kpi.tokens import Role
from kpi.windows import is_long

MaybeDate = Annotated[
    str | None,
    Query(max_length=32, description="the day a shift begins, 2026-04-01", json_schema_extra={"format": "date"}),
]
Percent = Annotated[
    float | None, Query(ge=0, le=100, allow_inf_nan=False, description="behind the plan by so many per cent")
]
Minutes = Annotated[
    float | None, Query(ge=0, le=60, allow_inf_nan=False, description="stood for so many minutes an hour")
]
PAGE_DAYS = 8


def router(answers: Answers, gate: Gate, _feed: Feed) -> APIRouter:
    """This part of the API."""
    part = APIRouter(tags=["kpi"], responses=problems(*READING))
    reader: Any = Depends(reading(gate))
    of_pages, of_long = Turns(4, 100), Turns(1, 8)
    beside = Beside(answers)

    @part.get("/board", responses=answered(schemas.BOARD) | problems(404))
    async def hour_board(
        request: Request, station: Name, date: MaybeDate = None, shift: MaybeName = None,
        alarm_percent: Percent = None, alarm_stop_min: Minutes = None, role: Role = reader,
    ) -> Response:  # fmt: skip
        """生産管理板: plan, actual, difference, stops, reason and action of each hour; else of the running shift.

        Beside it the last shift of that name with the same product. Its alarm is the line's ``[alarm]``, unless asked
        otherwise.
        """
        day = None if date is None else day_of(date)
        wished = Wished(alarm_percent, alarm_stop_min)
        return await of_pages.answer(request, lambda _: told(beside.board(station, day, shift, role, wished)))

    @part.get("/stops", responses=answered(schemas.STOPS) | problems(404))
    async def stops_of(
        request: Request, start: Time, end: Time, station: MaybeName = None, role: Role = reader
    ) -> Response:
        """Every stop of a window, its Pareto by reason and time of day, repeats, and MTBF over four weeks beside."""
        a, b = window(answers.line, start, end)

        def make(go_on: GoOn) -> Response:
            return told(stops(answers, a, b, station, role, go_on))

        long = is_long(a, b, answers.desk.now_ns(), days=PAGE_DAYS)
        return await (of_long if long else of_pages).answer(request, make)

    return part
