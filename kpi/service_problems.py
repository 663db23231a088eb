"""Every error as RFC 9457 ``application/problem+json``, in Japanese and English; nothing of our insides is told."""

import json
import logging
import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from contract.errors import KojoError, StoreAway, StoreFull
from contract.words import Words
from kpi.problems import Problem
from kpi.service_headers import HEADERS

log = logging.getLogger(__name__)

TYPE = "application/problem+json"

_WORDS = {
    404: Words("そのアドレスはありません。", "There is nothing at this address."),
    405: Words("この呼び方はできません。", "This address does not take that method."),
}


def problem_response(problem: Problem, english: bool = False, **more: str) -> Response:
    """A problem as it crosses the wire: type, title, status, detail, both languages, and what more there is to say."""
    full = {"ja": problem.say("ja"), "en": problem.say("en")}
    body: dict[str, Any] = {
        "type": f"urn:kojohack:problem:{problem.kind}",
        "title": problem.what.say("en" if english else "ja"),
        "status": problem.status,
        "detail": full["en" if english else "ja"],
        **full,
        **more,
    }
    headers = {"Cache-Control": "no-store"}
    if problem.after_s is not None:
        headers["Retry-After"] = str(problem.after_s)
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="kojo"'
    return Response(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"), problem.status, headers, TYPE)


def english(request: Request) -> bool:
    """Whether the caller would rather read English."""
    return request.headers.get("accept-language", "ja").lower().startswith("en")


def install(app: FastAPI) -> None:
    """Let the app answer every error as a problem."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> Response:
        return problem_response(error, english(request))

    @app.exception_handler(StoreAway)
    @app.exception_handler(StoreFull)
    async def _store(request: Request, error: KojoError) -> Response:
        log.warning("%s", error)
        return problem_response(Problem(503, "store-away", error.what, error.hint, after_s=5), english(request))

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        return problem_response(_of_parameters(error), english(request))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        told = _WORDS.get(error.status_code, Words("受け付けられません。", "This cannot be answered."))
        answer = problem_response(Problem(error.status_code, "http", told), english(request))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    async def _broken(request: Request, error: Exception) -> Response:
        number = secrets.token_hex(4)
        log.error("%s: %s %s failed", number, request.method, request.url.path, exc_info=error)
        words = Words(f"サーバー側の不具合です(番号 {number})。", f"Something is wrong on our side (number {number}).")
        hint = Words("この番号で、サーバーの記録に詳しく残っています。", "The log tells more under this number.")
        answer = problem_response(Problem(500, "internal", words, hint), english(request), id=number)
        for name, value in HEADERS:  # this answer is made outside the shell that puts them on all others
            answer.headers[name.decode()] = value.decode()
        return answer


def _of_parameters(error: RequestValidationError) -> Problem:
    """Which parameters are missing or wrong, in words; the values themselves are not repeated."""
    missing = sorted({str(e["loc"][-1]) for e in error.errors() if e["type"] == "missing"})
    wrong = sorted({(str(e["loc"][-1]), *_why(e)) for e in error.errors() if e["type"] != "missing"})
    ja = [f"{', '.join(missing)} が要ります。"] if missing else []
    en = [f"{', '.join(missing)} is needed."] if missing else []
    ja += [f"{name} の値が正しくありません({why})。" for name, why, _ in wrong]
    en += [f"{name} is not right: {why}." for name, _, why in wrong]
    return Problem(
        422,
        "bad-parameters",
        Words("".join(ja), " ".join(en)),
        Words("呼び方の一覧は /openapi.json にあります。", "All calls are described in /openapi.json."),
    )


_WHYS = {
    "greater_than_equal": ("{ge} 以上です", "it is at least {ge}"),
    "greater_than": ("{gt} より大きい数です", "it is above {gt}"),
    "less_than_equal": ("{le} 以下です", "it is at most {le}"),
    "less_than": ("{lt} より小さい数です", "it is below {lt}"),
    "int_parsing": ("整数で書きます", "it is a whole number"),
    "int_from_float": ("整数で書きます", "it is a whole number"),
    "float_parsing": ("数で書きます", "it is a number"),
    "finite_number": ("有限の数です", "it is a finite number"),
    "bool_parsing": ("true か false です", "it is true or false"),
    "string_too_long": ("{max_length} 文字までです", "it has at most {max_length} characters"),
    "string_too_short": ("{min_length} 文字以上です", "it has at least {min_length} characters"),
    "string_pattern_mismatch": ("使えない文字があります", "it holds a character that cannot be used"),
    "too_long": ("{max_length} 個までです", "there are at most {max_length}"),
}
"""By the kind of a parameter's mistake, as the checker of parameters names it."""


def _why(error: Mapping[str, Any]) -> tuple[str, str]:
    """Why a parameter is not right, in Japanese and in English."""
    context = error.get("ctx", {})
    if error["type"] in ("literal_error", "enum"):
        return f"次のどれかです: {context['expected']}", f"it is one of {context['expected']}"
    ja, en = _WHYS.get(error["type"], ("形が違います", "it has another form"))
    return ja.format(**context), en.format(**context)
