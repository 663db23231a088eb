"""The HTTP service: sections 5 and 7 of the contract.

    app = kpi.service.create(desk)

This file puts the parts together; each part of the API is a file `service_*.py`. FastAPI is imported only in these.
"""

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from contract.words import Words
from kpi import (
    service_analysis,
    service_board,
    service_entries,
    service_evaluation,
    service_kpi,
    service_lines,
    service_live,
    service_pair,
    service_people,
    service_quarantine,
    service_readings,
)
from kpi import service_schemas as schemas
from kpi.access import Gate
from kpi.answers import Answers
from kpi.desk import Desk
from kpi.live import Feed
from kpi.problems import Problem
from kpi.service_openapi import describe
from kpi.service_parts import answered, problems
from kpi.service_problems import install
from kpi.service_shell import Shell, told

ROOT = "/api/v1"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create(desk: Desk) -> FastAPI:
    """The app of one desk: API, live feed and pages. It listens to the collector from now on.

    ``app.state.say_goodbye()``, in the event loop, lets its live streams end before the server does; after it
    ``await app.state.ended()`` waits until none of them asks the store any more.
    """
    app = FastAPI(
        title="kojohack (工場ハック)",
        version="1",
        description="What a line made, when it stood, and why. Times are RFC 3339 with an offset; errors are RFC 9457.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    answers = Answers(desk)
    gate = Gate(desk.tokens, desk.hosts, desk.now_ns)
    feed = Feed(answers)
    desk.ingest.listen(feed.heard)
    app.state.say_goodbye = feed.say_goodbye
    app.state.ended = feed.ended
    install(app)
    describe(app)
    _health(app, desk)
    parts = (service_kpi, service_board, service_readings, service_quarantine, service_people, service_entries)
    for part in (*parts, service_lines, service_analysis, service_evaluation, service_live):
        app.include_router(part.router(answers, gate, feed), prefix=ROOT)
    app.include_router(service_pair.router(gate))
    _nothing_else(app)
    if desk.pages is not None:
        app.mount("/", StaticFiles(directory=desk.pages, html=True), name="pages")
    app.add_middleware(Shell)
    return app


def _nothing_else(app: FastAPI) -> None:
    """What else is asked under the API is not there, whatever the method; the pages behind it never see it."""

    @app.api_route(f"{ROOT}/{{rest:path}}", methods=METHODS, include_in_schema=False)
    def nothing(request: Request) -> Response:
        allowed = ", ".join(sorted(method.upper() for method in app.openapi()["paths"].get(request.url.path, ())))
        raise HTTPException(405, headers={"Allow": allowed}) if allowed else HTTPException(404)


def _health(app: FastAPI, desk: Desk) -> None:
    """Whether the service can do its work; open to everybody, for it tells nothing of the line."""

    @app.get("/healthz", tags=["health"], responses=answered(schemas.HEALTH) | problems(414, 500, 503))
    @app.get(f"{ROOT}/healthz", tags=["health"], responses=answered(schemas.HEALTH) | problems(414, 500, 503))
    async def healthz() -> Response:  # async: it waits behind no work
        """200 when broker and store are reachable, else 503 with which is not."""
        broken = desk.ingest.broken()
        if not broken:
            return told({"status": "ok"})
        ja = " ".join(f"{name}: {words.ja}" for name, words in broken.items())
        en = " ".join(f"{name}: {words.en}" for name, words in broken.items())
        raise Problem(503, f"away-{'-'.join(sorted(broken))}", Words(ja, en), after_s=5)

    @app.get(f"{ROOT}/openapi.json", include_in_schema=False)
    def openapi() -> Response:
        return told(app.openapi())
