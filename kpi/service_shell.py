"""What stands round every call: headers that browsers obey, a bound on bodies, who the caller is."""

import asyncio
import json
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contract.words import Words
from kpi.access import Caller, tells_of_proxy
from kpi.problems import Problem
from kpi.service_headers import HEADERS, put
from kpi.service_problems import problem_response

COOKIE = "kojo"
MOST_BODY = 64 * 1024
MOST_DEPTH = 16
MOST_ADDRESS = 8192
BODY_WITHIN_S = 10.0
"""Who sends a body more slowly holds a connection for nothing: 64 KiB in ten seconds is a bad telephone line."""

_LONG = Words(
    f"アドレスが長すぎます({MOST_ADDRESS} 文字まで)。", f"The address is longer than {MOST_ADDRESS} characters."
)


class Shell:
    """ASGI round the app: the headers on every answer, no cache on those of the API, no address without end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and put the headers on its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        app = self._app
        if len(scope["path"]) + len(scope.get("query_string", b"")) > MOST_ADDRESS:
            app = problem_response(Problem(414, "long-address", _LONG))
        cache = b"no-store" if scope["path"].startswith("/api/") else b"no-cache"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                put(message, [*HEADERS, (b"cache-control", cache)])
            await send(message)

        await app(scope, receive, with_headers)


def not_yet(trouble: Words) -> ASGIApp:
    """What answers while there is no store to answer from: every call is told so, as every refusal is."""
    what = Words(f"保存先を待っています({trouble.ja})。", f"Waiting for the store ({trouble.en}).")
    return Shell(problem_response(Problem(503, "away-store", what, after_s=5)))


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
        request.headers.get("sec-fetch-site"),
        request.headers.get("sec-fetch-mode"),
    )


async def body_of(request: Request) -> dict[str, Any]:
    """A request's body: a JSON object of bounded size and depth. Raises Problem (408, 413, 415, 422).

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
    text = await bytes_of(request, MOST_BODY)
    try:
        said = json.loads(text.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise _wrong_body() from error
    if not isinstance(said, dict) or _too_deep(said):
        raise _wrong_body()
    return said


async def bytes_of(request: Request, most: int) -> bytes:
    """A request's body of at most so many bytes. Raises Problem (400, 408, 413)."""
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            return await _bounded(request, most)
    except ClientDisconnect as error:
        raise Problem(400, "gone", Words("途中で切れました。", "The connection was cut.")) from error
    except TimeoutError as error:
        words = Words("本文が時間内に届きませんでした。", "The body did not come in time.")
        raise Problem(408, "too-slow", words) from error


async def _bounded(request: Request, most: int) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            kib = most // 1024
            words = Words(f"本文が {kib:,} KiB を超えています。", f"The body is larger than {kib:,} KiB.")
            raise Problem(413, "too-large", words)
        parts.append(part)
    return b"".join(parts)


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
