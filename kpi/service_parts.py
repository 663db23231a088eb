"""What the parts of the service share: parameters of a question, the two doors, and how answers are described."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import Query, Request

from contract.line import Line
from kpi.access import Gate
from kpi.service_shell import caller
from kpi.times import parse
from kpi.tokens import Role
from kpi.windows import ordered

Time = Annotated[
    str,
    Query(
        max_length=64,
        description="RFC 3339 with an offset",
        examples=["2026-04-01T08:30:00+09:00"],
        json_schema_extra={"format": "date-time"},
    ),
]
Name = Annotated[str, Query(max_length=64)]
MaybeName = Annotated[str | None, Query(max_length=64)]

Described = dict[int | str, dict[str, Any]]
Schema = Mapping[str, Any]

_TEXT = {"type": "string"}
PROBLEM_NAME = "Problem"
PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457; in Japanese and English",
    "required": ["type", "title", "status", "detail", "ja", "en"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:kojohack:problem:"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "ja": _TEXT,
        "en": _TEXT,
        "id": {"type": "string", "description": "the number under which our own failure stands in the log"},
    },
}
_WHY = {
    400: "the request cannot be read",
    401: "a token is needed, or the one shown is wrong",
    403: "not allowed: the viewer's token, another site, a person's single events, a code that is no good",
    404: "there is no such thing",
    405: "this address does not take that method",
    408: "the body did not come in time",
    409: "it was done already",
    413: "the body is larger than 64 KiB (a table: 1 MiB)",
    414: "the address is too long",
    415: "the body is not called JSON",
    421: "the Host header names another machine",
    422: "the question or the body cannot be answered as it is",
    429: "too many wrong tokens: Retry-After says how long to wait",
    500: "something is wrong on our side; `id` finds it in the log",
    503: "broker, store or room is away: Retry-After says when to try again",
}
READING = (401, 403, 414, 421, 422, 429, 500, 503)
WRITING = (400, 401, 403, 404, 408, 413, 414, 415, 422, 429, 500, 503)


def problems(*statuses: int) -> Described:
    """How refusals are described."""
    schema = {"$ref": f"#/components/schemas/{PROBLEM_NAME}"}
    return {
        status: {"description": _WHY[status], "content": {"application/problem+json": {"schema": schema}}}
        for status in statuses
    }


def answered(schema: Schema, status: int = 200, description: str = "as asked") -> Described:
    """How a good answer is described."""
    return {status: {"description": description, "content": {"application/json": {"schema": dict(schema)}}}}


def asked(schema: Schema, example: Schema) -> dict[str, Any]:
    """How a body is described."""
    content = {"application/json": {"schema": dict(schema), "example": dict(example)}}
    return {"requestBody": {"required": True, "content": content}}


def window(line: Line, start: str, end: str) -> tuple[int, int]:
    """The window two parameters name. Raises Problem (422)."""
    return parse(start, "start", line.zone), parse(end, "end", line.zone)


def maybe_window(line: Line, start: str | None, end: str | None) -> tuple[int | None, int | None]:
    """The window that two parameters name, open where one is left out. Raises Problem (422)."""
    a = None if start is None else parse(start, "start", line.zone)
    b = None if end is None else parse(end, "end", line.zone)
    if a is not None and b is not None:
        ordered(a, b)
    return a, b


def reading(gate: Gate) -> Callable[[Request], Awaitable[Role]]:
    """The door for whoever reads."""

    async def door(request: Request) -> Role:  # async, so that nobody queues for a thread only to be let in
        return gate.reader(caller(request))

    return door


def writing(gate: Gate) -> Callable[[Request], Awaitable[Role]]:
    """The door for whoever writes."""

    async def door(request: Request) -> Role:
        return gate.writer(caller(request))

    return door
