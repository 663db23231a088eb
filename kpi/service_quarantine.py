"""/quarantine: what could not be believed; to look at, take away, judge again, or let go.

Who reads sees the beginning of each message. The whole of them, which a device may have filled with anything (its own
password, sent to a wrong topic), is the operator's, as are judging again and letting go.
"""

import base64
import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from collector.store import Refused
from contract.line import Line
from contract.quarantine_words import named, remedy
from contract.words import Words
from kpi import service_schemas as schemas
from kpi.access import Gate
from kpi.answers import Answers
from kpi.live import Feed
from kpi.privacy import HOUR_NS, veiled
from kpi.problems import Problem
from kpi.service_parts import READING, WRITING, answered, asked, problems, reading, writing
from kpi.service_shell import body_of, caller, told
from kpi.times import rfc3339
from kpi.tokens import Role

MOST_SHOWN = 4096
MOST_SHOWN_OF_ALL = 4 * 1024 * 1024
MOST_MESSAGES = 10_000
MOST_IDS = 1000
_LISTED = {
    200: {
        "description": "the messages; as JSON lines whole, one message a line",
        "content": {
            "application/json": {"schema": schemas.QUARANTINE},
            "application/jsonl": {"schema": {"type": "string"}},
        },
    },
    **problems(*READING),
}


def router(answers: Answers, gate: Gate, feed: Feed) -> APIRouter:
    """This part of the API."""
    part = APIRouter(tags=["readings"])
    reader: Any = Depends(reading(gate))
    writer: Any = Depends(writing(gate))

    @part.get("/quarantine", responses=_LISTED)
    def quarantine(
        request: Request, limit: Annotated[int, Query(ge=1, le=MOST_MESSAGES)] = MOST_MESSAGES,
        format: Literal["json", "jsonl"] = "json", role: Role = reader,
    ) -> Response:  # fmt: skip
        """What could not be believed, oldest first: when, where, why, how it begins; ``jsonl`` (operator): all."""
        if format == "jsonl":
            gate.writer(caller(request))
            return _download(answers)
        messages = answers.desk.store.quarantine(limit=limit)
        shown = min(MOST_SHOWN, MOST_SHOWN_OF_ALL // max(1, len(messages)))
        hour = answers.desk.now_ns() // HOUR_NS * HOUR_NS
        line = answers.line
        seen = [m for m in messages if m.at < hour or not _hidden(m, line, role)]
        return told({"messages": [_message(message, line, shown, role) for message in seen]})

    @part.post(
        "/quarantine/replay",
        dependencies=[writer],
        responses=answered(schemas.REPLAYED) | problems(*WRITING),
        openapi_extra=asked(schemas.CHOSEN, schemas.CHOSEN_EXAMPLE),
    )
    async def replay(request: Request) -> Response:
        """Judge quarantined messages again: {"ids": […]} -> {"stored", "still"}."""
        replayed = await run_in_threadpool(answers.desk.ingest.replay, await _ids(request))
        answers.shelf.forget()
        feed.nudge()
        return told(dict(replayed))

    @part.post(
        "/quarantine/discard",
        dependencies=[writer],
        responses=answered(schemas.DISCARDED) | problems(*WRITING),
        openapi_extra=asked(schemas.CHOSEN, schemas.CHOSEN_EXAMPLE),
    )
    async def discard(request: Request) -> Response:
        """Let quarantined messages go for good: {"ids": […]} -> {"discarded"}. Their numbers stay seen."""
        return told({"discarded": await run_in_threadpool(answers.desk.ingest.discard, await _ids(request))})

    return part


async def _ids(request: Request) -> list[str]:
    ids = (await body_of(request)).get("ids")
    if not isinstance(ids, list) or len(ids) > MOST_IDS or not all(isinstance(i, str) and len(i) < 100 for i in ids):
        raise Problem(
            422,
            "bad-body",
            Words(f"ids は {MOST_IDS} 個までの文字列の配列です。", f"ids is a list of at most {MOST_IDS} texts."),
        )
    return ids


def _message(message: Refused, line: Line, shown: int, role: Role) -> dict[str, Any]:
    """A message as it is listed; of a person's station a viewer is told its hour, not what it held: single pieces."""
    hidden = _hidden(message, line, role)
    why, do = named(message.reason), remedy(message.topic, message.reason, line)
    return {
        "id": message.id,
        "at": rfc3339(message.at // HOUR_NS * HOUR_NS if hidden else message.at, line.zone),
        "topic": message.topic,
        "reason": message.reason,
        "detail": "" if hidden else message.detail,
        "size": len(message.payload),
        "payload": "" if hidden else message.payload[:shown].decode("utf-8", "replace"),
        "why_ja": why.ja,
        "why_en": why.en,
        "do_ja": do.ja,
        "do_en": do.en,
    }


def _hidden(message: Refused, line: Line, role: Role) -> bool:
    """Whether it may be of a person's station, and who asks only looks."""
    named = message.topic.removeprefix(f"kojo/v1/{line.site}/{line.line}/").partition("/")[0]
    station = line.stations.get(named)
    return role != "operator" and (station is None or veiled(station, role)) and _has_persons(line)


def _has_persons(line: Line) -> bool:
    return any(veiled(station, "viewer") for station in line.stations.values())


def _download(answers: Answers) -> Response:
    def rows() -> Iterator[str]:
        for message in answers.desk.ingest.export():
            yield json.dumps(_whole(message, answers.line), ensure_ascii=False) + "\n"

    headers = {"Content-Disposition": 'attachment; filename="quarantine.jsonl"'}
    return StreamingResponse(rows(), media_type="application/jsonl", headers=headers)


def _whole(message: Refused, line: Line) -> dict[str, Any]:
    """All of a message; what is no text is given in base64."""
    try:
        payload = {"payload": message.payload.decode()}
    except UnicodeDecodeError:
        payload = {"payload_base64": base64.b64encode(message.payload).decode()}
    return {
        "id": message.id,
        "at": rfc3339(message.at, line.zone),
        "topic": message.topic,
        "reason": message.reason,
        "detail": message.detail,
        "stream": message.stream,
        "retained": message.retained,
        "size": len(message.payload),
        **payload,
    }
