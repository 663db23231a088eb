"""/thresholds /what-if /wip: questions about the line as a whole and its settings, of weeks."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from kpi import entries, wip
from kpi import service_lines_schemas as schemas
from kpi.access import Gate
from kpi.answers import Answers
from kpi.gap_survey import not_too_long, thresholds_of
from kpi.line_days import flow_of
from kpi.live import Feed
from kpi.privacy import refuse
from kpi.service_parts import (
    READING,
    WRITING,
    MaybeName,
    Name,
    Time,
    answered,
    asked,
    problems,
    reading,
    window,
    writing,
)
from kpi.service_people import MaybeTime
from kpi.service_shell import body_of, told
from kpi.service_turns import GoOn, Turns
from kpi.times import parse
from kpi.tokens import Role
from kpi.what_if_told import asked_change, what_if

Seconds = Annotated[float | None, Query(ge=0.01, le=86400, allow_inf_nan=False)]

AT_ONCE, WAITING = 1, 8


def router(answers: Answers, gate: Gate, _feed: Feed) -> APIRouter:
    """This part of the API."""
    part = APIRouter(tags=["lines"], responses=problems(*READING))
    reader: Any = Depends(reading(gate))
    turns = Turns(AT_ONCE, WAITING)

    @part.get("/thresholds", responses=answered(schemas.THRESHOLDS) | problems(404))
    async def thresholds(request: Request, station: Name, start: Time, end: Time, role: Role = reader) -> Response:
        """しきい値の決め方: the histogram of a week's gaps, a proposed `stop_after_s`, and its false stops per shift.

        Not told to viewers of a station where one person works: gaps are single cycles.
        """
        refuse(answers.line.stations[answers.place(station).id], role)
        a, b = window(answers.line, start, end)
        not_too_long(a, b, answers.desk.now_ns())

        def make(go_on: GoOn) -> Response:
            go_on()
            return told(thresholds_of(answers, station, a, b))

        return await turns.answer(request, make)

    @part.get("/what-if", responses=answered(schemas.WHAT_IF) | problems(404))
    async def what_if_of(
        request: Request, station: Name, start: Time, end: Time, cycle_s: Seconds = None, phase: MaybeName = None,
        to_s: Seconds = None, from_s: Seconds = None, role: Role = reader,
    ) -> Response:  # fmt: skip
        """もし速くなったら: a station's median cycle becomes ``cycle_s``, or its ``phase`` (from ``from_s``) ``to_s``.

        Told is the output per shift before and after, and the bottleneck with its probability, from the measured days.
        Not told to viewers where one person works at a station of the flow.
        """
        change = asked_change(station, cycle_s, phase, to_s)
        for place in flow_of(answers, answers.place(station).id):
            refuse(answers.line.stations[place.id], role)
        a, b = window(answers.line, start, end)
        not_too_long(a, b, answers.desk.now_ns())

        def make(go_on: GoOn) -> Response:
            return told(what_if(answers, change, from_s, a, b, go_on))

        return await turns.answer(request, make)

    @part.get("/wip", responses=answered(schemas.WIP))
    async def wip_of(request: Request, at: MaybeTime = None, role: Role = reader) -> Response:
        """仕掛り: what lies between stations now (or ``at``), from a count by hand and all counted in and out since.

        At a person's station viewers are told whole hours after the count by hand.
        """
        now = answers.desk.now_ns()
        moment = now if at is None else min(now, parse(at, "at", answers.line.zone))

        def make(go_on: GoOn) -> Response:
            return told({"wip": wip.between(answers, moment, role, go_on)})

        return await turns.answer(request, make)

    @part.post(
        "/wip",
        status_code=201,
        dependencies=[Depends(writing(gate))],
        responses=answered(schemas.COUNTED_KEPT, 201) | problems(*WRITING),
        openapi_extra=asked(schemas.COUNTED, schemas.COUNTED_EXAMPLE),
    )
    async def count_wip(request: Request) -> Response:
        """What was counted by hand between two stations: {"from", "to", "quantity"[, "at", "by"]}."""
        entry = wip.entry(answers.line, await body_of(request), answers.desk.now_ns())
        await run_in_threadpool(answers.desk.store.keep_entry, entry)
        answers.shelf.entered()
        return told(entries.told(entry, answers.line), 201)

    return part
