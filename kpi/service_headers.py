"""Headers that browsers obey: what a page may load, who may frame it, what it tells others. None names the server."""

from collections.abc import MutableMapping
from typing import Any

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


def put(message: MutableMapping[str, Any], headers: list[tuple[bytes, bytes]]) -> None:
    """Put headers on the start of an answer, those aside that it has."""
    present = {name.lower() for name, _ in message.get("headers", [])}
    message["headers"] = [*message.get("headers", []), *((n, v) for n, v in headers if n not in present)]
