"""Moments as people and other programs read them."""

from datetime import UTC, datetime

from contract.reading import NS_PER_S


def rfc3339(time_ns: int) -> str:
    """A wall clock time as RFC 3339 text in UTC, to the millisecond: ``2026-10-01T08:30:00.250+00:00``."""
    seconds, ns = divmod(time_ns, NS_PER_S)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=ns // 1000).isoformat(timespec="milliseconds")
