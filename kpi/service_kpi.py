"""/line /status /kpi /cycles /ledger /wall /settings-history: what the line is and what it did."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from kpi import service_schemas as schemas
from kpi.access import Gate
from kpi.answers import Answers, Asked
from kpi.line_told import changes, line_told
from kpi.live import Feed
from kpi.pieces_table import cycles
from kpi.privacy import refuse
from kpi.service_parts import READING, MaybeName, Name, Time, answered, problems, reading, window
from kpi.service_shell import told
from kpi.tokens import Role
from kpi.wall import wall
from kpi.windows import By

Demand = Annotated[float | None, Query(ge=0, le=1e9, allow_inf_nan=False)]


def router(answers: Answers, gate: Gate, _feed: Feed) -> APIRouter:
    """This part of the API."""
    part = APIRouter(tags=["kpi"], responses=problems(*READING))
    reader: Any = Depends(reading(gate))

    @part.get("/line", dependencies=[reader], responses=answered(schemas.LINE))
    def line() -> Response:
        """The line, its measures (unit, decimals, range), KPI titles and formulas; no secrets."""
        return told(line_told(answers.line))

    @part.get("/status", dependencies=[reader], responses=answered(schemas.STATUS))
    def status() -> Response:
        """Counters of the collector, the broker, the store, the agents."""
        return told(answers.desk.ingest.status())

    @part.get("/settings-history", dependencies=[reader], responses=answered(schemas.SETTINGS))
    def settings_history() -> Response:
        """What each version of line.toml changed and when it came into force; who and why, where it says so."""
        return told(changes(answers.desk.store.lines(), answers.line.zone))

    @part.get("/kpi", responses=answered(schemas.KPI) | problems(404))
    def kpi(
        start: Time, end: Time, station: MaybeName = None, product: MaybeName = None, demand: Demand = None,
        by: By | None = None, role: Role = reader,
    ) -> Response:  # fmt: skip
        """The figures of a window, cut at now; ``by`` adds buckets, ``demand`` is what is wanted of the window."""
        a, b = window(answers.line, start, end)
        return told(answers.kpi(Asked(a, b, product, demand, by), station, role))

    @part.get("/cycles", responses=answered(schemas.CYCLES) | problems(404))
    def cycles_of(station: Name, start: Time, end: Time, role: Role = reader) -> Response:
        """Each piece with its cycle and its phases."""
        a, b = window(answers.line, start, end)
        place = answers.place(station)
        refuse(answers.line.stations[place.id], role)
        return told(cycles(answers, station, a, b))

    @part.get("/ledger", responses=answered(schemas.LEDGER) | problems(404))
    def ledger(station: Name, start: Time, end: Time, role: Role = reader) -> Response:
        """Every unbroken part of the time ledger."""
        a, b = window(answers.line, start, end)
        place = answers.place(station)
        refuse(answers.line.stations[place.id], role)
        return told(answers.intervals(station, a, b))

    @part.get("/wall", responses=answered(schemas.WALL))
    def wall_of(role: Role = reader) -> Response:
        """What the wall shows: the running shift of every station, or the last one."""
        return told(wall(answers, role))

    return part
