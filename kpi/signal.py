"""One thing that somebody at a station must see, in words (`kpi.signals` finds them)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from contract.line import Line
from contract.words import Words
from kpi.privacy import veiled
from kpi.times import parse, rfc3339
from kpi.tokens import Role

Body = dict[str, Any]
Kind = Literal["call", "alarm", "blind", "failsafe"]
LOUDEST: tuple[Kind, ...] = ("call", "alarm", "blind", "failsafe")


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing to see. ``stations``: where it is shown; ``since``: as the agent said it, or None."""

    kind: Kind
    stations: tuple[str, ...]
    title: Words
    why: Words
    todo: Words
    since: str | None = None
    rules: tuple[int, ...] = ()
    outputs: tuple[str, ...] = ()

    def body(self, line: Line, role: Role) -> Body:
        """As /wall holds it; a person's station tells viewers no moment of a single event."""
        hidden = any(veiled(line.stations[station], role) for station in self.stations)
        return {
            "kind": self.kind,
            "since": None if hidden else _moment(self.since, line),
            "title": _both(self.title),
            "why": _both(self.why),
            "todo": _both(self.todo),
            "rules": list(self.rules),
            "outputs": list(self.outputs),
        }


def _moment(said: str | None, line: Line) -> str | None:
    """A time as the line tells it; None for what is none."""
    try:
        return None if said is None else rfc3339(parse(said), line.zone)
    except ValueError:
        return None


def joined(said: Sequence[Words]) -> Words:
    return Words("".join(one.ja for one in said), " ".join(one.en for one in said if one.en))


def _both(words: Words) -> dict[str, str]:
    return {"ja": words.ja, "en": words.en}
