"""What a message on `_agents/{agent}` says, as far as it can be believed: it is shown to everybody who asks how things
are, so nothing of it may be more than what an agent says of itself.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Never

from contract.reading import MAX_DEPTH, MAX_NUMBER

MOST_BYTES = 64 * 1024
_SHORT = 100
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]{5,18}(Z|[+-]\d\d:\d\d)", re.ASCII)


def understood(payload: bytes) -> dict[str, Any] | None:
    """The contract's keys and those agents add, each only with a value of its kind; None for what is no such message.

    Numbers are finite, texts whole, nothing is nested deeper than 16.
    """
    if len(payload) > MOST_BYTES:
        return None
    try:
        said = json.loads(payload.decode("utf-8"), parse_constant=_refuse)
        json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("state") not in ("online", "offline") or not _is_flat(said, MAX_DEPTH):
        return None
    return {key: said[key] for key, fits in _KEYS.items() if key in said and fits(said[key])}


def ended_by_will(online: Mapping[str, Any], offline: Mapping[str, Any]) -> bool:
    """Whether an agent's end may be its last will, which was written before the connection that it ends began."""
    began, ended = online.get("at"), offline.get("at")
    if isinstance(began, str) and isinstance(ended, str) and _TIME.fullmatch(began) and _TIME.fullmatch(ended):
        return ended <= began
    return True


def _refuse(name: str) -> Never:
    raise ValueError(name)


def _is_flat(said: Any, deep: int) -> bool:
    if isinstance(said, dict):
        return deep > 0 and all(_is_flat(part, deep - 1) for part in said.values())
    if isinstance(said, list):
        return deep > 0 and all(_is_flat(part, deep - 1) for part in said)
    return type(said) is not int or abs(said) <= 2**63


def _is_number(said: Any) -> bool:
    return said is None or (type(said) is int and 0 <= said <= MAX_NUMBER)


def _is_short(said: Any) -> bool:
    return said is None or (isinstance(said, str) and len(said) <= _SHORT)


def _is_at(said: Any) -> bool:
    return _is_short(said) or type(said) is int


def _is_truth(said: Any) -> bool:
    return isinstance(said, bool)


def _is_object(said: Any) -> bool:
    return isinstance(said, dict)


def _are_objects(said: Any) -> bool:
    return isinstance(said, dict) and all(isinstance(part, dict) for part in said.values())


def _are_rows(said: Any) -> bool:
    return isinstance(said, list) and all(isinstance(row, dict) for row in said)


_KEYS = {
    "state": _is_short,
    "at": _is_at,
    "version": _is_short,
    "clock": _is_short,
    "backlog": _is_number,
    "dropped": _is_number,
    "sensors": _are_objects,
    "outputs": _is_object,
    "rules": _are_rows,
    "outbox": _is_object,
    "clean": _is_truth,
    "conflict": _is_truth,
}
