"""/entries /reconciliations /alarms/mute /modes: what people entered, with its trace; the count against the paper."""

import threading
from typing import Any, Literal, get_args

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from collector.store import Entry, EntryKind
from contract.words import Words
from kpi import entries, reconciliation
from kpi import service_entries_schemas as schemas
from kpi.access import Gate
from kpi.answers import Answers, Place
from kpi.live import Feed
from kpi.privacy import refuse, veiled
from kpi.problems import Problem
from kpi.service_parts import READING, WRITING, MaybeName, answered, asked, maybe_window, problems, reading, writing
from kpi.service_people import MaybeTime
from kpi.service_shell import body_of, told
from kpi.service_turns import GoOn, Turns
from kpi.tokens import Role
from kpi.worked import Worked

Listed = Literal["reason", "correction", "plan", "event", "reconciliation", "mode", "mute", "wip", "effect"]
MOST_ENTRIES = 2000
MOST_SHIFTS = 100
LONGEST_NS = 35 * 86400 * 10**9
"""So long a window is told shift by shift."""


def router(answers: Answers, gate: Gate, feed: Feed) -> APIRouter:
    """This part of the API."""
    part = APIRouter(tags=["people"])
    reader: Any = Depends(reading(gate))
    writer: Any = Depends(writing(gate))
    turns = Turns(2, 50)
    one_at_a_time = threading.Lock()

    def keep(*found: Entry) -> None:
        for entry in found:
            answers.desk.store.keep_entry(entry)
        answers.shelf.entered()
        feed.nudge()

    @part.get("/entries", responses=answered(schemas.ENTRIES) | problems(*READING, 404))
    def listed(
        kind: Listed | None = None, start: MaybeTime = None, end: MaybeTime = None, station: MaybeName = None,
        role: Role = reader,
    ) -> Response:  # fmt: skip
        """What people entered of a time: when, about what, replaced or withdrawn by what; oldest first."""
        a, b = maybe_window(answers.line, start, end)
        kinds: tuple[EntryKind, ...] = get_args(Listed) if kind is None else (kind,)
        known = [entry for one in kinds for entry in answers.shelf.entries(one)]
        known += [e for e in answers.shelf.entries("withdrawn") if e.body.get("entry") in kinds]
        found = entries.seen_between(known, answers.line, role, a, b)
        if station is not None:
            answers.place(station)
            found = [entry for entry in found if station in entries.stations(entry)]
        newest = found[-MOST_ENTRIES:]
        listing = [entries.traced(entry, answers.line, role) for entry in newest]
        return told({"entries": listing, "left_off": len(found) - len(newest)})

    @part.post(
        "/entries/withdraw",
        status_code=201,
        dependencies=[writer],
        responses=answered(schemas.WITHDRAWN, 201) | problems(*WRITING, 409),
        openapi_extra=asked(schemas.WITHDRAW, schemas.WITHDRAW_EXAMPLE),
    )
    async def withdraw(request: Request) -> Response:
        """Take back what was entered: {"id", "why"[, "by"]}. It counts no more, and stays in the list."""
        said = await body_of(request)

        def work() -> Response:
            with one_at_a_time:
                known = [
                    e
                    for kind in (*entries.KINDS, entries.PROMISE, "withdrawn")
                    for e in answers.desk.store.entries(kind)
                ]
                entry = entries.withdrawn(answers.line, said, known, answers.desk.now_ns())
                keep(entry)
            return told(entries.told(entry, answers.line), 201)

        return await run_in_threadpool(work)

    @part.post(
        "/alarms/mute",
        status_code=201,
        dependencies=[writer],
        responses=answered(schemas.MUTED, 201) | problems(*WRITING),
        openapi_extra=asked(schemas.MUTE, schemas.MUTE_EXAMPLE),
    )
    async def mute(request: Request) -> Response:
        """「黙らせる 30 分」: {"station"[, "minutes"][, "why"][, "by"]}; 0 minutes calls again at once."""
        entry = entries.mute(answers.line, await body_of(request), answers.desk.now_ns())
        await run_in_threadpool(keep, entry)
        return told(entries.told(entry, answers.line), 201)

    @part.post(
        "/modes",
        status_code=201,
        dependencies=[writer],
        responses=answered(schemas.MODE_KEPT, 201) | problems(*WRITING),
        openapi_extra=asked(schemas.MODE, schemas.MODE_EXAMPLE),
    )
    async def mode(request: Request) -> Response:
        """production, setup, trial or maintenance, held until changed: {"station", "mode"[, "at"][, "why"][, "by"]}."""
        entry = entries.mode(answers.line, await body_of(request), answers.desk.now_ns())
        await run_in_threadpool(keep, entry)
        return told(entries.told(entry, answers.line), 201)

    @part.post(
        "/reconciliations",
        status_code=201,
        dependencies=[writer],
        responses=answered(schemas.RECONCILED, 201) | problems(*WRITING),
        openapi_extra=asked(schemas.RECONCILE, schemas.RECONCILE_EXAMPLE),
    )
    async def reconcile(request: Request) -> Response:
        """照合: {"station","date","shift","quantity","tally"[,"why"][,"correct"][,"by"]}: paper beside the count."""
        said = await body_of(request)

        def work() -> Response:
            with one_at_a_time:  # two at once would both put the same difference right
                kept, correction = reconciliation.reconcile(answers, said, answers.desk.now_ns())
                keep(*(entry for entry in (correction, kept) if entry is not None))
            return told(reconciliation.told(answers, kept), 201)

        return await run_in_threadpool(work)

    @part.get("/reconciliations", responses=answered(schemas.RECONCILIATIONS) | problems(*READING, 404))
    async def reconciliations(
        request: Request, station: MaybeName = None, start: MaybeTime = None, end: MaybeTime = None,
        role: Role = reader,
    ) -> Response:  # fmt: skip
        """The history of reconciliations, newest first; with station, start and end each shift and its count too."""
        a, b = maybe_window(answers.line, start, end)
        place = None if station is None else answers.place(station)
        if place is not None:
            refuse(answers.line.stations[place.id], role)

        def make(go_on: GoOn) -> Response:
            kept = [e for e in answers.shelf.entries("reconciliation", a, b) if _shown(answers, e, place, role)]
            kept.sort(key=lambda entry: (entry.made, entry.id), reverse=True)
            rows = [] if place is None or a is None or b is None else _rows(answers, place, a, b, kept, role, go_on)
            listing = [entries.unnamed(reconciliation.told(answers, e), role) for e in kept[:MOST_ENTRIES]]
            return told({"reconciliations": listing, "left_off": max(0, len(kept) - MOST_ENTRIES), "shifts": rows})

        return await turns.answer(request, make)

    return part


def _shown(answers: Answers, entry: Entry, place: Place | None, role: Role) -> bool:
    station = answers.line.stations.get(str(entry.body.get("station")))
    if place is not None:
        return station is not None and station.id == place.id
    return station is None or not veiled(station, role)


def _rows(
    answers: Answers, place: Place, start: int, end: int, kept: list[Entry], role: Role, go_on: GoOn
) -> list[dict[str, Any]]:
    now = answers.desk.now_ns()
    if min(end, now) - start > LONGEST_NS:
        raise Problem(
            422,
            "bad-window",
            Words("勤務ごとの照合表は 35 日までです。", "Shifts are listed for at most 35 days at once."),
            Words("期間を短くするか、station を外してください。", "Ask for a shorter window, or without station."),
        )
    rows = []
    begun = [s for s in place.calendar.shifts(start, min(end, now)) if start <= s.start < min(end, now)]
    for shift in begun[-MOST_SHIFTS:]:
        go_on()
        one = Worked(shift.day, shift.name, shift.start, shift.end, shift)
        rows.append(entries.unnamed(reconciliation.shift_row(answers, place, one, kept, now), role))
    return rows
