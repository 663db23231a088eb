"""/line /status /kpi /cycles /ledger /wall /settings-history: what the line is and what it did."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from kpi import service_schemas as schemas
from kpi.access import Gate
from kpi.answers import Answers, Asked
from kpi.hourly_counts import HourlyCounts
from kpi.line_told import changes, line_told
from kpi.live import Feed
from kpi.pieces_table import cycles
from kpi.privacy import refuse
from kpi.service_parts import READING, MaybeName, Name, Time, answered, problems, reading, window
from kpi.service_shell import told
from kpi.service_turns import GoOn, Turns
from kpi.tokens import Role
from kpi.wall import wall
from kpi.windows import By, is_long

Demand = Annotated[float | None, Query(ge=0, le=1e9, allow_inf_nan=False)]

PAGES_AT_ONCE, PAGES_WAIT = 4, 100
LONG_AT_ONCE, LONG_WAIT = 1, 8
"""Ten years of a station by day are 8 s of work: one at a time, and no long queue behind it."""

EVENT_DAYS = 8
"""A page asks for the pieces of hours."""


def router(answers: Answers, gate: Gate, _feed: Feed) -> APIRouter:
    """This part of the API."""
    part = APIRouter(tags=["kpi"], responses=problems(*READING))
    reader: Any = Depends(reading(gate))
    counts = HourlyCounts()
    of_pages, of_long = Turns(PAGES_AT_ONCE, PAGES_WAIT), Turns(LONG_AT_ONCE, LONG_WAIT)

    def turns(*, long: bool) -> Turns:
        return of_long if long else of_pages

    @part.get("/line", responses=answered(schemas.LINE))
    def line(role: Role = reader) -> Response:
        """The line, its measures (unit, decimals, range), KPI titles and formulas; the caller's role; no secrets.

        ``report``, for an operator: how `kojo report` is called on the server's machine.
        """
        report = dict(answers.desk.report) if answers.desk.report and role == "operator" else None
        return told({**line_told(answers.line), "role": role, "report": report})

    @part.get("/status", responses=answered(schemas.STATUS))
    def status(role: Role = reader) -> Response:
        """Counters of the collector, the broker, the store, the agents."""
        return told(counts.shown(answers.desk.ingest.status(), answers.line, role, answers.desk.now_ns()))

    @part.get("/settings-history", dependencies=[reader], responses=answered(schemas.SETTINGS))
    def settings_history() -> Response:
        """What each version of line.toml changed and when it came into force; who and why, where it says so."""
        return told(changes(answers.desk.store.lines(), answers.line.zone))

    @part.get("/kpi", responses=answered(schemas.KPI) | problems(404))
    async def kpi(
        request: Request, start: Time, end: Time, station: MaybeName = None, product: MaybeName = None,
        demand: Demand = None, by: By | None = None, role: Role = reader,
    ) -> Response:  # fmt: skip
        """The figures of a window, cut at now; ``by`` adds buckets, ``demand`` is what is wanted of the window."""
        a, b = window(answers.line, start, end)
        asked = Asked(a, b, product, demand, by)

        def make(go_on: GoOn) -> Response:
            return told(answers.kpi(replace(asked, go_on=go_on), station, role))

        return await turns(long=is_long(a, b, answers.desk.now_ns(), by)).answer(request, make)

    async def events(
        request: Request, station: str, window: tuple[int, int], role: Role, tell: Callable[..., Any]
    ) -> Response:
        refuse(answers.line.stations[answers.place(station).id], role)
        long = is_long(*window, answers.desk.now_ns(), days=EVENT_DAYS)
        return await turns(long=long).answer(request, lambda _: told(tell(answers, station, *window)))

    @part.get("/cycles", responses=answered(schemas.CYCLES) | problems(404))
    async def cycles_of(request: Request, station: Name, start: Time, end: Time, role: Role = reader) -> Response:
        """Each piece with its cycle and its phases."""
        return await events(request, station, window(answers.line, start, end), role, cycles)

    @part.get("/ledger", responses=answered(schemas.LEDGER) | problems(404))
    async def ledger(request: Request, station: Name, start: Time, end: Time, role: Role = reader) -> Response:
        """Every unbroken part of the time ledger."""
        return await events(request, station, window(answers.line, start, end), role, Answers.intervals)

    @part.get("/wall", responses=answered(schemas.WALL))
    def wall_of(role: Role = reader) -> Response:
        """What the wall shows: the running shift of every station, or the last one."""
        return told(wall(answers, role))

    return part
