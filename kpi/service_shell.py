"""What stands round every call: headers that browsers obey, a bound on bodies, who the caller is."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contract.words import Words
from kpi.access import Caller, tells_of_proxy
from kpi.problems import Problem

COOKIE = "kojo"
MOST_BODY = 64 * 1024
MOST_DEPTH = 16
HEADERS = [
    (b"content-security-policy",
     b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
     b"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]  # fmt: skip


class Shell:
    """ASGI round the app: adds the headers to every answer, and no cache to those of the API."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and put the headers on its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cache = b"no-store" if scope["path"].startswith("/api/") else b"no-cache"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(message, [*HEADERS, (b"cache-control", cache)])
            await send(message)

        await self._app(scope, receive, with_headers)


def _add(message: MutableMapping[str, Any], headers: list[tuple[bytes, bytes]]) -> None:
    present = {name.lower() for name, _ in message.get("headers", [])}
    message["headers"] = [*message.get("headers", []), *((n, v) for n, v in headers if n not in present)]


def caller(request: Request) -> Caller:
    """Who asks."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return Caller(
        request.client.host if request.client else None,
        request.headers.get("host", ""),
        any(tells_of_proxy(name) for name in request.headers),
        token.strip() if scheme.lower() == "bearer" else None,
        request.cookies.get(COOKIE),
        request.headers.get("origin"),
    )


async def body_of(request: Request) -> dict[str, Any]:
    """A request's body: a JSON object of bounded size and depth. Raises Problem (413, 415, 422).

    With a cookie it must be called JSON, which a form on another site cannot do; the token itself it cannot show.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and caller(request).bearer is None:
        raise Problem(
            415,
            "not-json",
            Words("JSON で送ってください。", "Send JSON."),
            Words("Content-Type: application/json を付けます。", "With Content-Type: application/json."),
        )
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BODY:
            raise Problem(413, "too-large", Words("本文が 64 KiB を超えています。", "The body is larger than 64 KiB."))
        parts.append(part)
    try:
        said = json.loads(b"".join(parts).decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise _wrong_body() from error
    if not isinstance(said, dict) or _too_deep(said):
        raise _wrong_body()
    return said


def _refuse(name: str) -> float:
    raise ValueError(name)


def _too_deep(said: Any) -> bool:
    level = [said]
    for _ in range(MOST_DEPTH):
        level = [
            child
            for part in level
            if isinstance(part, (dict, list))
            for child in (part.values() if isinstance(part, dict) else part)
        ]
        if not level:
            return False
    return True


def _wrong_body() -> Problem:
    return Problem(
        422,
        "bad-body",
        Words("本文を JSON のオブジェクトとして読めません。", "The body is no JSON object."),
        Words("{ } で囲んだ JSON を送ってください。", "Send a JSON object in { }."),
    )


def told(body: Any, status: int = 200) -> Response:
    """A JSON answer; NaN in it would be our mistake and raises."""
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text, status, media_type="application/json")


Call = Callable[[Request], Awaitable[Response]]
