"""/pair?code=…: a phone or a wall trades the code it was shown by `kojo pair` for the cookie of its role.

A browser that cannot join is told so in a page that a person can read; a program gets the problem as everywhere.
"""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contract.words import Words
from kpi.access import Gate
from kpi.problems import Problem
from kpi.service_parts import problems
from kpi.service_shell import COOKIE, caller
from kpi.tokens import COOKIE_LIVES_S

Code = Annotated[str, Query(min_length=1, max_length=128, description="what `kojo pair` shows; good once")]


_REFUSED = problems(403, 414, 422, 429, 500)
for _status in (403, 429):
    _REFUSED[_status]["content"]["text/html"] = {"schema": {"type": "string"}}


def router(gate: Gate) -> APIRouter:
    """This part of the service; it stands beside the API, not in it."""
    part = APIRouter(tags=["people"])

    @part.get(
        "/pair",
        response_class=RedirectResponse,
        status_code=303,
        responses={303: {"description": "joined: the cookie is set, on to the pages"}, **_REFUSED},
    )
    def pair(request: Request, code: Code) -> Response:
        """Set the cookie of the code's role and go to the pages."""
        try:
            if _only_looks(request):
                raise Problem(403, "only-looked", Words("下見では登録しません。", "A preview joins nothing."))
            role = gate.pair(caller(request), code)
        except Problem as problem:
            if "text/html" not in request.headers.get("accept", ""):
                raise
            return _page(problem, gate.joined(caller(request)))
        answer = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
        answer.set_cookie(
            COOKIE,
            gate.cookie(role),
            max_age=COOKIE_LIVES_S[role],
            path="/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return answer

    return part


def _only_looks(request: Request) -> bool:
    """Whether a browser fetches ahead of the person, who then would find the code used."""
    said = (request.headers.get(name, "") for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"))
    return any("prefetch" in text.lower() or "preview" in text.lower() for text in said)


def _page(problem: Problem, joined: bool) -> Response:
    """What a person sees who scanned a code that is no good any more."""
    open_it = '<p><a href="/">画面を開く <span lang="en">Open the pages</span></a></p>' if joined else ""
    already = Words("この端末はすでに登録されています。", "This device has joined already.") if joined else None
    page = _PAGE.format(
        ja=escape(problem.what.ja), en=escape(problem.what.en), already=_both(already), open=open_it, todo=_both(_TODO)
    )
    headers = {"Cache-Control": "no-store"}
    if problem.after_s is not None:
        headers["Retry-After"] = str(problem.after_s)
    return HTMLResponse(page, problem.status, headers)


def _both(words: Words | None) -> str:
    return "" if words is None else f'<p>{escape(words.ja)}</p><p class="other" lang="en">{escape(words.en)}</p>'


_TODO = Words(
    "サーバーの機械で「kojo pair」をもう一度実行し、新しい QR コードを読み取ってください。"
    "QR コードは 1\u00a0回だけ、10\u00a0分のあいだ使えます。",
    "Run “kojo pair” again on the server's machine and scan the new QR code. A code is good once, for ten minutes.",
)
_PAGE = """<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<title>登録できませんでした - 工場ハック</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" type="image/svg+xml" href="/icon.svg">
<link rel="stylesheet" href="/css/colours.css">
<link rel="stylesheet" href="/css/pair.css">
</head>
<body>
<main>
<h1>登録できませんでした</h1>
<p class="why">{ja}</p>
<p class="other" lang="en">{en}</p>
{already}{open}
<hr>
{todo}
</main>
</body>
</html>
"""
