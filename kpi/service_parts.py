"""What the parts of the service share: parameters of a question, and the two doors, reading and writing."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query, Request

from contract.line import Line
from kpi.access import Gate
from kpi.service_shell import caller
from kpi.times import parse
from kpi.tokens import Role

Time = Annotated[str, Query(max_length=64, description="RFC 3339 with an offset, e.g. 2026-04-01T08:30:00+09:00")]
Name = Annotated[str, Query(max_length=64)]
MaybeName = Annotated[str | None, Query(max_length=64)]

_PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "a token is needed", **_PROBLEM},
    403: {"description": "not allowed", **_PROBLEM},
    404: {"description": "unknown", **_PROBLEM},
    422: {"description": "the question cannot be answered as it was asked", **_PROBLEM},
    429: {"description": "too many wrong tokens", **_PROBLEM},
}


def window(line: Line, start: str, end: str) -> tuple[int, int]:
    """The window two parameters name. Raises Problem (422)."""
    return parse(start, "start", line.zone), parse(end, "end", line.zone)


def reading(gate: Gate) -> Callable[[Request], Role]:
    """The door for whoever reads."""

    def door(request: Request) -> Role:
        return gate.reader(caller(request))

    return door


def writing(gate: Gate) -> Callable[[Request], Role]:
    """The door for whoever writes."""

    def door(request: Request) -> Role:
        return gate.writer(caller(request))

    return door
