"""The small sayings of line.toml: a sensor's role, a rule's condition, the output it sets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast, get_args

from contract.line import Condition, Operator, Role, RoleKind
from contract.line_kinds import refuse
from contract.line_places import Path
from contract.line_report import Report, did_you_mean, half_width, hint, nearest
from contract.reading import MAX_NUMBER, Series
from contract.topics import AGENT_SENSOR, ID
from contract.words import Words

ROLES: tuple[str, ...] = get_args(RoleKind)
TEXT_ROLES = ("reason", "product", "lot", "mode")
ONE_ROLE = {
    "cycle": ("total", "event"), "scrap": ("total", "event"), "rework": ("total", "event"), "running": ("level",),
    "phase": ("level",), "reason": ("text",), "product": ("text",), "lot": ("text",), "mode": ("text",),
}  # fmt: skip
"""The kinds of measure each role fits."""

_ID = ID.pattern
_WHEN = re.compile(
    rf"\s*(?P<station>{_ID})/(?P<sensor>{_ID}|{AGENT_SENSOR})/(?P<measure>{_ID})\s*"
    r"(?P<operator><=|>=|==|!=|<|>)\s*(?P<limit>[^\s<>=!].*?)\s*"
)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_SIGNS = {"≧": ">=", "≥": ">=", "≦": "<=", "≤": "<=", "≠": "!=", "=>": ">=", "=<": "<="}


@dataclass(frozen=True, slots=True)
class RoleName:
    """What a sensor means for the line."""

    example = '"cycle"'

    @property
    def words(self) -> Words:
        """The roles."""
        said = ", ".join(f"{role}:NAME" if role == "phase" else role for role in ROLES)
        return Words(f"役割({said})", f"a role ({said})")

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """A Role."""
        if isinstance(value, str):
            kind, colon, name = value.partition(":")
            if kind in ROLES and (ID.fullmatch(name) if kind == "phase" else not colon):
                return Role(cast(RoleKind, kind), name)
        return refuse(self, value, path, report, self._tip(value))

    def _tip(self, value: Any) -> Words | None:
        if not isinstance(value, str):
            return None
        kind, _, name = half_width(value).lower().partition(":")
        near = nearest(kind, ROLES)
        if near == "phase":
            name = name if ID.fullmatch(name) else "wash"
            return did_you_mean(f"phase:{name}")
        return did_you_mean(near) if near else None

    def schema(self) -> dict[str, Any]:
        """The roles, and the pattern of a phase."""
        plain = [role for role in ROLES if role != "phase"]
        return {"anyOf": [{"enum": plain}, {"type": "string", "pattern": f"^phase:{_ID}$"}]}


@dataclass(frozen=True, slots=True)
class When:
    """A comparison of a measure with a limit."""

    example: str = '"washer/air/temperature > 10"'

    @property
    def words(self) -> Words:
        """The form."""
        return Words(
            '条件("工程/センサー/測定値 > 10" の形。< <= > >= == !=)',
            'a condition (like "station/sensor/measure > 10"; < <= > >= == !=)',
        )

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """A Condition."""
        got = _condition(value) if isinstance(value, str) else None
        return refuse(self, value, path, report, self._tip(value)) if got is None else got

    def _tip(self, value: Any) -> Words | None:
        if not isinstance(value, str):
            return None
        plain = half_width(value)
        for sign, right in _SIGNS.items():
            plain = plain.replace(sign, right)
        for tried in (plain, re.sub(r"(?<![<>=!])=(?!=)", "==", plain)):
            if _condition(tried):
                return did_you_mean(tried)
        return None

    def schema(self) -> dict[str, Any]:
        """A pattern."""
        return {"type": "string", "pattern": "^" + re.sub(r"[?]P<[a-z]+>", "?:", _WHEN.pattern) + "$"}


def _condition(text: str) -> Condition | None:
    match = _WHEN.fullmatch(text)
    if not match:
        return None
    said = match["limit"]
    limit: float | str
    if _NUMBER.fullmatch(said):
        limit = float(said)
        if abs(limit) > MAX_NUMBER:
            return None
    elif quoted := _QUOTED.fullmatch(said):
        limit = quoted[1] or quoted[2] or ""
    else:
        return None
    return Condition(Series(*match.group("station", "sensor", "measure")), cast(Operator, match["operator"]), limit)


@dataclass(frozen=True, slots=True)
class Target:
    """The output a rule sets."""

    example = '"washer/andon"'

    @property
    def words(self) -> Words:
        """The form."""
        return Words('出力("工程/出力" の形)', 'an output (like "station/output")')

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """Station and output."""
        if isinstance(value, str):
            station, slash, output = value.partition("/")
            if slash and ID.fullmatch(station) and ID.fullmatch(output):
                return station, output
        plain = "/".join(half_width(str(value)).split("/")[:2])
        tip = None
        if isinstance(value, str) and value.endswith("/state"):
            tip = hint(f'"{plain}" と書きます。', f'write "{plain}".')
        return refuse(self, value, path, report, tip)

    def schema(self) -> dict[str, Any]:
        """A pattern."""
        return {"type": "string", "pattern": f"^{_ID}/{_ID}$"}
