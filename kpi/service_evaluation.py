"""/evaluation /evaluations /evaluations/effects: did it help, what was written down beforehand, what was it worth."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from collector.store import Entry
from contract.line import Line
from kpi import service_evaluation_schemas as schemas
from kpi.access import Gate
from kpi.answers import Answers
from kpi.evaluation import registered
from kpi.evaluation.answer import evaluation
from kpi.evaluation.asking import By, Question, Windows, windows
from kpi.evaluation.paths import figure
from kpi.live import Feed
from kpi.service_parts import READING, WRITING, MaybeName, Name, answered, asked, problems, reading, writing
from kpi.service_shell import body_of, told
from kpi.service_turns import GoOn, Turns
from kpi.spans import NS
from kpi.tokens import Role

Span = Annotated[
    str,
    Query(
        max_length=130,
        description="START/END, two RFC 3339 times with an offset",
        examples=["2026-10-01T00:00:00+09:00/2026-10-15T00:00:00+09:00"],
    ),
]
Judge = Callable[[Line, Mapping[str, Any], int], Entry]

SHORT_AT_ONCE, SHORT_WAIT, SHORT_DAYS = 2, 40, 62
LONG_AT_ONCE, LONG_WAIT = 1, 8
"""Two years by day are seconds of work: one at a time. A month before and a month after wait for nobody's years."""


def router(answers: Answers, gate: Gate, feed: Feed) -> APIRouter:
    """This part of the API."""
    part = APIRouter(tags=["evaluation"])
    reader: Any = Depends(reading(gate))
    writer: Any = Depends(writing(gate))
    short, long = Turns(SHORT_AT_ONCE, SHORT_WAIT), Turns(LONG_AT_ONCE, LONG_WAIT)

    @part.get("/evaluation", responses=answered(schemas.EVALUATION) | problems(*READING, 404))
    async def evaluated(
        request: Request, station: Name, kpi: Name, before: Span, after: Span, by: By = "day",
        control: MaybeName = None, product: MaybeName = None, role: Role = reader,
    ) -> Response:  # fmt: skip
        """Whether a figure got better: the same sensor and formula and the *before* ideal on both sides, by days."""
        both = windows(before, after, answers.line.zone)
        question = Question(answers.place(station).id, figure(kpi), both, by, control, product)

        def make(go_on: GoOn) -> Response:
            return told(evaluation(answers, replace(question, go_on=go_on), role))

        turns = long if _days(both) > SHORT_DAYS else short
        return await turns.answer(request, make)

    @part.get("/evaluations", responses=answered(schemas.REGISTRATIONS) | problems(*READING))
    def registrations(role: Role = reader) -> Response:
        """What was registered beforehand, and what the host ticked as its worth; the oldest first."""
        store, line, names = answers.desk.store, answers.line, role == "operator"
        return told(
            {
                "evaluations": registered.listed(line, store.entries("evaluation"), names=names),
                "effects": registered.listed(line, store.entries("effect"), names=names),
            }
        )

    async def kept(request: Request, judge: Judge) -> Response:
        entry = judge(answers.line, await body_of(request), answers.desk.now_ns())
        await run_in_threadpool(answers.desk.store.keep_entry, entry)
        answers.shelf.entered()
        feed.nudge()
        return told(registered.told(entry, answers.line, names=True), 201)

    @part.post(
        "/evaluations",
        status_code=201,
        dependencies=[writer],
        responses=answered(schemas.REGISTERED, 201) | problems(*WRITING),
        openapi_extra=asked(schemas.REGISTRATION, schemas.REGISTRATION_EXAMPLE),
    )
    async def register(request: Request) -> Response:
        """Write down beforehand: {"station", "kpi", "before", "after", "why"[, "direction"][, "control"][, "by"]}."""
        return await kept(request, registered.registration)

    @part.post(
        "/evaluations/effects",
        status_code=201,
        dependencies=[writer],
        responses=answered(schemas.EFFECT_KEPT, 201) | problems(*WRITING),
        openapi_extra=asked(schemas.EFFECT, schemas.EFFECT_EXAMPLE),
    )
    async def tick(request: Request) -> Response:
        """実効果: {"station", "kpi", "before", "after", "what", "document"[, "yen_per_year"][, "by"]}."""
        return await kept(request, registered.effect)

    return part


def _days(both: Windows) -> float:
    """How long both windows are together, in days."""
    return sum((end - start) / (86400 * NS) for start, end in (both.before, both.after))
