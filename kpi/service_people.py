"""What people tell the line: events, reasons, corrections, plans; the demo's switch."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from collector.store import Entry, EntryKind
from contract.line import Line
from contract.words import Words
from kpi import entries, plans
from kpi import service_schemas as schemas
from kpi.access import Gate
from kpi.answers import Answers
from kpi.correcting import outcome
from kpi.live import Feed
from kpi.problems import Problem
from kpi.said import Said
from kpi.service_parts import READING, WRITING, answered, asked, maybe_window, problems, reading, writing
from kpi.service_shell import body_of, told
from kpi.stops_told import meant_stop
from kpi.tokens import Role
from kpi.worked import shifts_of

PLANNED: tuple[EntryKind, ...] = ("plan", "withdrawn")
Judge = Callable[[Line, Said, int], Entry]
MaybeTime = Annotated[
    str | None,
    Query(max_length=64, description="RFC 3339 with an offset", json_schema_extra={"format": "date-time"}),
]


def router(answers: Answers, gate: Gate, feed: Feed) -> APIRouter:
    """This part of the API."""
    part = APIRouter(tags=["people"])
    reader: Any = Depends(reading(gate))
    writer: Any = Depends(writing(gate))
    one_at_a_time = threading.Lock()

    async def kept(request: Request, judge: Judge, status: int = 201) -> Response:
        entry = judge(answers.line, await body_of(request), answers.desk.now_ns())
        await run_in_threadpool(answers.desk.store.keep_entry, entry)
        answers.shelf.entered()
        feed.nudge()
        return told(entries.told(entry, answers.line), status)

    @part.get("/events", responses=answered(schemas.EVENTS) | problems(*READING))
    def events(start: MaybeTime = None, end: MaybeTime = None, role: Role = reader) -> Response:
        """Improvements and notes, oldest first; of a person's station viewers are told the hour."""
        a, b = maybe_window(answers.line, start, end)
        found = entries.seen_between(answers.desk.store.entries("event"), answers.line, role, a, b)
        return told({"events": [entries.unnamed(entries.told(entry, answers.line), role) for entry in found]})

    @part.post(
        "/events",
        status_code=201,
        dependencies=[writer],
        responses=answered(schemas.EVENT_KEPT, 201) | problems(*WRITING),
        openapi_extra=asked(schemas.EVENT, schemas.EVENT_EXAMPLE),
    )
    async def add_event(request: Request) -> Response:
        """「対策を入れた」: {"at", "kind": improvement or note, "text"[, "station"][, "by"]}."""
        return await kept(request, entries.event)

    @part.post(
        "/stops/reason",
        status_code=201,
        dependencies=[writer],
        responses=answered(schemas.REASON_KEPT, 201) | problems(*WRITING),
        openapi_extra=asked(schemas.REASON, schemas.REASON_EXAMPLE),
    )
    async def add_reason(request: Request) -> Response:
        """Why it stood: {"station", "at" (any time in the stop), "reason"}.

        Answered with the `stop` that it is of: the one that `at` lies in, else the last before it in the same shift
        time; null where there is none (it is kept, and counts if late data bring one).
        """
        entry = entries.reason(answers.line, await body_of(request), answers.desk.now_ns())

        def keep() -> dict[str, Any]:
            answers.desk.store.keep_entry(entry)
            answers.shelf.entered()
            return {**entries.told(entry, answers.line), "stop": meant_stop(answers, entry.body["station"], entry.at)}

        body = await run_in_threadpool(keep)
        feed.nudge()
        return told(body, 201)

    @part.post(
        "/corrections",
        status_code=201,
        dependencies=[writer],
        responses=answered(schemas.CORRECTION_KEPT, 201) | problems(*WRITING),
        openapi_extra=asked(schemas.CORRECTION, schemas.CORRECTION_EXAMPLE),
    )
    async def add_correction(request: Request) -> Response:
        """A count put right, beside: {"station", "at", "quantity", "delta", "why"[, "product"][, "by"]}.

        `before` and `after` are the count of its shift; `warning` says so where that is far off or below zero.
        """
        entry = entries.correction(answers.line, await body_of(request), answers.desk.now_ns())

        def keep() -> dict[str, Any]:
            found = outcome(answers, entry)  # first: what was kept is never answered with a failure
            answers.desk.store.keep_entry(entry)
            answers.shelf.entered()
            return entries.told(entry, answers.line) | found

        body = await run_in_threadpool(keep)
        feed.nudge()
        return told(body, 201)

    @part.post(
        "/corrections/check",
        dependencies=[writer],
        responses=answered(schemas.CORRECTION_CHECKED, 200) | problems(*WRITING),
        openapi_extra=asked(schemas.CORRECTION, schemas.CORRECTION_EXAMPLE),
    )
    async def check_correction(request: Request) -> Response:
        """What a correction would make of its shift's count; nothing is kept."""
        entry = entries.correction(answers.line, await body_of(request), answers.desk.now_ns())
        return told(await run_in_threadpool(outcome, answers, entry))

    @part.put(
        "/plans",
        dependencies=[writer],
        responses=answered(schemas.PLAN_KEPT, 200) | problems(*WRITING),
        openapi_extra=asked(schemas.PLAN, schemas.PLAN_EXAMPLE),
    )
    async def put_plan(request: Request) -> Response:
        """What is wanted of one shift: {"station", "date", "shift", "quantity"[, "product"][, "by"]}.

        `shift_quantity` is all that is wanted of the shift then: the plan of the whole (without a product) if there is
        one, else the sum of its products'. `replaces`: what of line.toml it takes the place of. It is kept for a shift
        that is not worked that day too (the calendar may still change); then `note` says so.
        """
        plan = entries.plan(answers.line, await body_of(request), answers.desk.now_ns())

        def keep() -> dict[str, Any]:
            store = answers.desk.store
            with one_at_a_time:
                former = [e for kind in PLANNED for e in store.entries(kind, plan.at, plan.at + 1)]
                entry = entries.replacing(plan, former, answers.line)
                store.keep_entry(entry)
            day, shift = date.fromisoformat(entry.body["date"]), entry.body["shift"]
            answers.shelf.entered()
            place = answers.place(entry.body["station"])
            worked = {one.name: one for one in shifts_of(place, day)}
            at = worked[shift].start if shift in worked else entry.at
            of_line = plans.of_line(answers.history, place.id, day, shift, at)
            hand = plans.by_hand(answers.shelf.entries("plan"), place.id, day, shift)
            said = entries.told(entry, answers.line) | plans.outcome(of_line, hand, entry.body["product"])
            return said if shift in worked else said | {"note": _not_worked(day, shift)}

        body = await run_in_threadpool(keep)
        feed.nudge()
        return told(body)

    @part.get("/demo", dependencies=[reader], responses=answered(schemas.DEMO) | problems(*READING, 404))
    def demo() -> Response:
        """The virtual floor behind a demo; 404 on a real line."""
        if answers.desk.demo is None:
            raise _no_demo()
        return told(dict(answers.desk.demo.state()))

    @part.post(
        "/demo/improve",
        dependencies=[writer],
        responses=answered(schemas.DEMO, 200) | problems(*WRITING),
        openapi_extra=asked(schemas.IMPROVE, schemas.IMPROVE_EXAMPLE),
    )
    async def improve(request: Request) -> Response:
        """Bring the improvement in, or take it out: {"improved": true}."""
        if answers.desk.demo is None:
            raise _no_demo()
        improved = (await body_of(request)).get("improved")
        if not isinstance(improved, bool):
            raise Problem(422, "bad-body", Words("improved は true か false です。", "improved must be true or false."))
        await run_in_threadpool(answers.desk.demo.improve, improved)
        answers.shelf.entered()
        feed.nudge()
        return told(dict(answers.desk.demo.state()))

    return part


def _not_worked(day: date, shift: str) -> dict[str, str]:
    return {
        "ja": f"{day} に勤務「{shift}」はありません(曜日・休日)。計画は保存しましたが、出勤日になるまで使われません。",
        "en": f"{shift} is not worked on {day}: the plan is kept, and counts only once that is a day of work.",
    }


def _no_demo() -> Problem:
    return Problem(404, "no-demo", Words("これは実際のラインです。", "This is a real line, no demo."))
