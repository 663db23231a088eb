"""/correlation, /control-chart, /capability: what lies in the figures, and how sure it is."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from contract.words import Words
from kpi import service_analysis_schemas as schemas
from kpi import windows
from kpi.access import Gate
from kpi.analysis import samples, series_told, table, table_told
from kpi.analysis.capability_told import capability
from kpi.analysis.chart_told import Design, Kind, chart
from kpi.analysis.lags import MOST as MOST_LAGS
from kpi.analysis.samples import AskedSamples, By
from kpi.analysis.series_told import LONGEST_STEP_S, AskedSeries, Within
from kpi.answers import Answers
from kpi.live import Feed
from kpi.problems import Problem
from kpi.service_openapi import READING as OPEN_TO_READERS
from kpi.service_parts import READING, MaybeName, Time, answered, problems, reading, window
from kpi.service_shell import bytes_of, told
from kpi.service_turns import AFTER_S, GoOn, Turns
from kpi.spans import NS
from kpi.tokens import Role

Number = Annotated[float | None, Query(ge=-1e12, le=1e12, allow_inf_nan=False)]
Positive = Annotated[float | None, Query(gt=0, le=1e12, allow_inf_nan=False)]
SeriesList = Annotated[
    str, Query(max_length=1600, description="st/se/me,st/se/me", examples=["washer/air/temperature,washer/done/count"])
]
MaybeSeries = Annotated[str | None, Query(max_length=99, description="st/se/me", examples=["washer/air/temperature"])]
Every = Annotated[float, Query(ge=1, le=LONGEST_STEP_S, allow_inf_nan=False)]
Points = Annotated[int, Query(ge=10, le=5000)]
MostLags = Annotated[int, Query(ge=1, le=MOST_LAGS)]
Kpi = Annotated[str | None, Query(max_length=64, examples=["cycle_time_s"])]
Baseline = Annotated[str | None, Query(max_length=130, description="start/end, each RFC 3339 with an offset")]
Chart = Annotated[Kind, Query(alias="chart")]
Size = Annotated[int, Query(ge=2, le=25)]
Lambda = Annotated[float, Query(alias="lambda", ge=0.01, le=1, allow_inf_nan=False)]
Width = Annotated[float, Query(alias="L", ge=0.5, le=6, allow_inf_nan=False)]
K = Annotated[float, Query(ge=0, le=3, allow_inf_nan=False)]
H = Annotated[float, Query(ge=0.5, le=20, allow_inf_nan=False)]

AT_ONCE, WAIT = 2, 50
LONG_AT_ONCE, LONG_WAIT = 1, 8
TABLES_AT_ONCE = 8
"""Each may hold a megabyte while it comes in."""

SERIES_DAYS = 62
"""A page asks for a week or two of a few series: days x series; more is a long question."""

SINGLE_DAYS = 8
"""A page asks for the single values of hours and days."""

_TABLE = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string"}, "example": schemas.EXAMPLE}},
    },
    "security": OPEN_TO_READERS,
}


def router(answers: Answers, gate: Gate, _feed: Feed) -> APIRouter:
    """This part of the API."""
    part = APIRouter(tags=["analysis"], responses=problems(*READING))
    reader: Any = Depends(reading(gate))
    of_pages, of_long = Turns(AT_ONCE, WAIT), Turns(LONG_AT_ONCE, LONG_WAIT)
    tables = 0

    def days(start: int, end: int) -> float:
        return (min(end, answers.desk.now_ns()) - start) / (86400 * NS)

    def turns_of(asked: AskedSeries) -> Turns:
        long = days(asked.start, asked.end) * (asked.series.count(",") + 1) > SERIES_DAYS
        return of_long if long else of_pages

    def turns_for(asked: AskedSamples, baseline: str | None = None, *, single: bool = False) -> Turns:
        passed = days(asked.start, asked.end)
        if baseline is not None:
            passed += max(0.0, days(*samples.window_of(answers, baseline, "baseline")))
        if single or asked.by == "piece":
            return of_long if passed > SINGLE_DAYS else of_pages
        end = asked.start + int(passed * 86400 * NS)
        by = "hour" if asked.by is None and asked.series is not None else asked.by or "day"
        return of_long if windows.is_long(asked.start, end, end, by) else of_pages

    @part.get("/correlation", responses=answered(schemas.CORRELATION) | problems(404))
    async def correlation(
        request: Request, start: Time, end: Time, every_s: Every, series: SeriesList, within: Within = "all",
        role: Role = reader,
    ) -> Response:  # fmt: skip
        """Pearson and rank correlation of series on a common grid, also of their differences; 90 % intervals."""
        a, b = window(answers.line, start, end)

        def make(go_on: GoOn) -> Response:
            return told(series_told.correlated(answers, AskedSeries(a, b, every_s, series, within, role, go_on)))

        return await turns_of(AskedSeries(a, b, every_s, series, within, role, _never)).answer(request, make)

    @part.get("/correlation/lags", responses=answered(schemas.LAGS) | problems(404))
    async def lags(
        request: Request, start: Time, end: Time, every_s: Every, series: SeriesList, most: MostLags = 30,
        within: Within = "all", role: Role = reader,
    ) -> Response:  # fmt: skip
        """Two series, one moved by up to ``most`` steps each way: which comes first, beyond chance."""
        a, b = window(answers.line, start, end)

        def make(go_on: GoOn) -> Response:
            return told(series_told.lagged(answers, AskedSeries(a, b, every_s, series, within, role, go_on), most))

        return await turns_of(AskedSeries(a, b, every_s, series, within, role, _never)).answer(request, make)

    @part.get("/correlation/scatter", responses=answered(schemas.SCATTER) | problems(404))
    async def scatter(
        request: Request, start: Time, end: Time, every_s: Every, series: SeriesList, points: Points = 1000,
        within: Within = "all", role: Role = reader,
    ) -> Response:  # fmt: skip
        """The pairs of two series on the grid, to be drawn; of many, some by lot and the outermost."""
        a, b = window(answers.line, start, end)

        def make(go_on: GoOn) -> Response:
            return told(series_told.scattered(answers, AskedSeries(a, b, every_s, series, within, role, go_on), points))

        return await turns_of(AskedSeries(a, b, every_s, series, within, role, _never)).answer(request, make)

    @part.post(
        "/correlation/table",
        dependencies=[reader],
        responses=answered(schemas.TABLE) | problems(400, 408, 413),
        openapi_extra=_TABLE,
    )
    async def of_table(request: Request, in_time_order: bool = False) -> Response:
        """The correlation of a CSV table (UTF-8 or Shift_JIS, names in the first row); nothing of it is kept."""
        nonlocal tables
        if tables >= TABLES_AT_ONCE:
            raise _too_many_tables()
        tables += 1
        try:
            body = await bytes_of(request, table.MOST_BYTES)
            return await of_pages.answer(
                request, lambda _: told(table_told.told(table.read(body), in_time_order=in_time_order))
            )
        finally:
            tables -= 1

    @part.get("/control-chart", responses=answered(schemas.CHART) | problems(404))
    async def control_chart(
        request: Request, start: Time, end: Time, station: MaybeName = None, kpi: Kpi = None,
        series: MaybeSeries = None, baseline: Baseline = None, chart_: Chart = "individuals",
        by: By | None = None, size: Size = 5, weight: Lambda = 0.2, width: Width = 3.0, k: K = 0.5, h: H = 5.0,
        target: Number = None, sigma: Positive = None, role: Role = reader,
    ) -> Response:  # fmt: skip
        """Points, limits and the rules of Nelson they break; limits from the ``baseline`` where one is given."""
        a, b = window(answers.line, start, end)
        design = Design(chart_, size, weight, width, k, h, target, sigma)

        def make(go_on: GoOn) -> Response:
            asked = AskedSamples(a, b, station, kpi, series, by, role, go_on)
            return told(chart(answers, asked, design, baseline))

        asked = AskedSamples(a, b, station, kpi, series, by, role, _never)
        return await turns_for(asked, baseline, single=chart_ == "xbar_r").answer(request, make)

    @part.get("/capability", responses=answered(schemas.CAPABILITY) | problems(404))
    async def capability_of(
        request: Request, start: Time, end: Time, station: MaybeName = None, kpi: Kpi = None,
        series: MaybeSeries = None, lsl: Number = None, usl: Number = None, by: By = "piece", role: Role = reader,
    ) -> Response:  # fmt: skip
        """Cp, Cpk, Pp, Ppk with 90 % intervals, of single values (or of buckets) against their tolerance."""
        a, b = window(answers.line, start, end)

        def make(go_on: GoOn) -> Response:
            return told(capability(answers, AskedSamples(a, b, station, kpi, series, by, role, go_on), lsl, usl))

        return await turns_for(AskedSamples(a, b, station, kpi, series, by, role, _never)).answer(request, make)

    return part


def _too_many_tables() -> Problem:
    words = Words("表の計算が混み合っています。", "Too many tables are being calculated.")
    return Problem(503, "busy", words, after_s=AFTER_S)


def _never() -> None:
    """Nobody is asked whether to go on."""
