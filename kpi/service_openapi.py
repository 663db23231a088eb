"""/openapi.json: what FastAPI finds out by itself, and beside it the one shape of every refusal and who may call."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from kpi.service_parts import PROBLEM, PROBLEM_NAME
from kpi.service_shell import COOKIE

_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "The line of DIR/viewer.token (reading) or DIR/operator.token (reading and writing).",
}
_COOKIE = {
    "type": "apiKey",
    "in": "cookie",
    "name": COOKIE,
    "description": "Set by /pair on a phone or a wall that scanned the code of `kojo pair`.",
}
_WRITING: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]
READING: list[dict[str, list[str]]] = [{}, *_WRITING]
"""Without anything on the machine itself, or where the line is open to the LAN."""


def describe(app: FastAPI) -> None:
    """Let the app describe itself so; made once, when it is first asked."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes, tags=_TAGS
            )
            parts = found.setdefault("components", {})
            parts.setdefault("schemas", {})[PROBLEM_NAME] = dict(PROBLEM)
            parts["securitySchemes"] = {"bearer": _BEARER, "cookie": _COOKIE}
            for path, calls in found["paths"].items():
                for method, call in calls.items():
                    if path.startswith("/api/") and not path.endswith("/healthz"):
                        call.setdefault("security", READING if method == "get" else _WRITING)
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


_TAGS = [
    {"name": "health", "description": "Whether the service can do its work; open to everybody."},
    {"name": "kpi", "description": "What the line made, when it stood, and why."},
    {"name": "readings", "description": "The raw data, and what could not be believed."},
    {"name": "analysis", "description": "What lies in the figures: correlation, control charts, capability."},
    {"name": "people", "description": "What people tell the line, and devices that join."},
    {"name": "live", "description": "Server-sent events."},
]
